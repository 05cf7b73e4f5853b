import subprocess
import sys
from pathlib import Path

import pytest
from sagecraft_emulator.container.python.requirements import RequirementsFailed, install_requirements

from tests.containers.wheel import make_wheel


def test_what_is_required_can_be_imported_and_is_installed_once(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    file = tmp_path / "requirements.txt"
    file.write_text(f"./{wheel.name}\n")
    packages = install_requirements(file, tmp_path / "cache")
    program = [sys.executable, "-c", "import tiny_thing; print(tiny_thing.VALUE)"]
    done = subprocess.run(program, env={"PYTHONPATH": str(packages)}, capture_output=True, text=True, check=True)
    assert done.stdout == "42\n"
    (packages / "tiny_thing.py").write_text("VALUE = 'kept'\n")
    assert install_requirements(file, tmp_path / "cache") == packages
    assert (
        subprocess.run(program, env={"PYTHONPATH": str(packages)}, capture_output=True, check=True).stdout == b"kept\n"
    )


def test_a_file_that_requires_nothing_is_fine(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# nothing\n")
    assert install_requirements(file, tmp_path / "cache").is_dir()


def test_what_cannot_be_installed_is_told_in_pips_words_and_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("./no_such_package-1.0-py3-none-any.whl\n")
    with pytest.raises(
        RequirementsFailed, match=r"requirements.txt' cannot be installed: pip cannot install .*\n.*no_such_package"
    ):
        install_requirements(file, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").glob("*") if path.is_dir()] == []


def test_a_file_that_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(RequirementsFailed, match=r"missing.txt' cannot be read: No such file"):
        install_requirements(tmp_path / "missing.txt", tmp_path / "cache")
