"""The programs of containers: each declares itself, and a new one needs nothing but its folder."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import sagecraft_containers
from sagecraft_catalog import algorithms
from sagecraft_containers.programs import PROGRAMS, module_of

from .serving_container import serving
from .training_job import TrainingJob

MADE_UP = "tests.containers.made_up"


def test_each_folder_with_a_program_is_listed_and_an_algorithm_of_the_catalog() -> None:
    folders = Path(sagecraft_containers.__path__[0]).glob("*/program.py")
    modules = sorted(f"sagecraft_containers.{file.parent.name}" for file in folders)
    assert modules == sorted(map(module_of, PROGRAMS))
    assert set(PROGRAMS) <= set(algorithms())


def test_what_an_algorithm_imports_of_its_extra_is_all_that_no_other_needs() -> None:
    """Without the extra `algorithms`, programs that name none of its packages import."""
    packages = {package for each in PROGRAMS.values() if each.algorithm for package in each.algorithm.packages}
    others = [name for name, each in PROGRAMS.items() if not each.algorithm or not each.algorithm.packages]
    imports = [f"import {module_of(name)}.{part}" for name in others for part in ("training", "serving")]
    known = [each for each in imports if find_spec(each.removeprefix("import ")) is not None]
    code = "\n".join(["import sys", *(f"sys.modules[{package!r}] = None" for package in sorted(packages)), *known])
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_folder_is_all_that_a_new_algorithm_needs(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    job = TrainingJob(tmp_path, MADE_UP)
    job.add_channel("train", {"numbers.csv": "1\n2\n6\n"})
    assert job.run().exit_code == 0
    with serving(MADE_UP, tmp_path) as container:
        assert container.invoke(b"0", "text/csv").text == "3.0"
