import subprocess
import sys
import textwrap
import threading
from pathlib import Path

import pytest
from sagecraft_containers import python_environment
from sagecraft_containers.python_environment import (
    PythonEnvironment,
    RequirementsError,
    make_environment,
    required_environment,
)

from .wheel import make_wheel

pytestmark = pytest.mark.slow


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    code = tmp_path / "code"
    code.mkdir()
    file = code / "requirements.txt"
    file.write_text(f"./{make_wheel(code).name}\n")
    return file


def output(environment: PythonEnvironment, program: str) -> str:
    command = [str(environment.python), "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_an_environment_sees_its_own_packages_those_below_and_the_containers(
    requirements: Path, tmp_path: Path
) -> None:
    below = required_environment(requirements, tmp_path / "cache")
    environment = make_environment(tmp_path / "own", below)
    assert output(environment, "import tiny_thing, numpy, sagecraft_containers; print(tiny_thing.VALUE)") == "42"
    newer = make_wheel(tmp_path, "43")
    environment.install(["--force-reinstall", str(newer)], tmp_path, "the newer one")
    assert output(environment, "import tiny_thing; print(tiny_thing.VALUE)") == "43"
    assert output(below, "import tiny_thing; print(tiny_thing.VALUE)") == "42"
    # Made anew, as when a container is started again, it keeps what was installed in it.
    make_environment(environment.directory, below)
    assert output(environment, "import tiny_thing; print(tiny_thing.VALUE)") == "43"


def test_what_logs_reads_nothing_of_an_endpoint_that_is_configured_but_all_else(tmp_path: Path) -> None:
    program = """
        import logging, os, sys
        logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(name)s: %(message)s")
        os.environ["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
        import botocore.session
        botocore.session.Session().create_client("sts", region_name="us-east-1")
        logging.getLogger("botocore.configprovider").info("another")
    """
    environment = make_environment(tmp_path / "own")
    assert output(environment, textwrap.dedent(program)) == "botocore.configprovider: another"


def test_a_package_is_found_under_the_name_that_another_build_of_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    builds = {**python_environment._BUILDS, "numpy_with_cuda": "numpy"}
    monkeypatch.setattr(python_environment, "_BUILDS", builds)
    python_environment._versions_of_builds.cache_clear()
    environment = make_environment(tmp_path / "own")
    python_environment._versions_of_builds.cache_clear()
    environment.install(["--no-index", "numpy-with-cuda"], tmp_path, "what is there already")
    environment.install(["--no-index", "xgboost"], tmp_path, "what is there, in one build or the other")
    with pytest.raises(RequirementsError, match=r"No matching distribution found for numpy-with-cuda==1\.0"):
        environment.install(["--no-index", "numpy-with-cuda==1.0"], tmp_path, "another version")


def test_its_programs_are_its_own_and_those_below(requirements: Path, tmp_path: Path) -> None:
    below = required_environment(requirements, tmp_path / "cache")
    environment = make_environment(tmp_path / "own", below, {"train": (sys.executable, "-c", "print('trains')")})
    for command, told in (
        (["tiny-thing"], "42"),
        (["train"], "trains"),
        (["python3", "-c", "import sys; print(sys.prefix)"], str(environment.directory)),
        (["pip", "--version"], "pip "),
    ):
        arguments = [str(environment.programs / command[0]), *command[1:]]
        done = subprocess.run(arguments, capture_output=True, text=True, check=True)
        assert done.stdout.startswith(told)


def test_one_that_is_alone_has_nothing_of_the_containers(requirements: Path, tmp_path: Path) -> None:
    alone = required_environment(requirements, tmp_path / "cache", alone=True)
    program = "import importlib.util as found, tiny_thing; print(tiny_thing.VALUE, found.find_spec('numpy'))"
    assert output(alone, program) == "42 None"
    assert required_environment(requirements, tmp_path / "cache") != alone


def test_equal_requirements_are_installed_once_also_when_asked_for_at_the_same_time(
    requirements: Path, tmp_path: Path
) -> None:
    asked: list[PythonEnvironment] = []
    threads = [
        threading.Thread(target=lambda: asked.append(required_environment(requirements, tmp_path / "cache")))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 3
    assert len({each.directory for each in asked}) == 1
    (asked[0].site_packages / "tiny_thing.py").write_text("VALUE = 'as it was'")
    again = required_environment(requirements, tmp_path / "cache")
    assert output(again, "import tiny_thing; print(tiny_thing.VALUE)") == "as it was"
    # One that was left half built is built anew.
    (again.directory / ".complete").unlink()
    whole = required_environment(requirements, tmp_path / "cache")
    assert output(whole, "import tiny_thing; print(tiny_thing.VALUE)") == "42"


def test_what_requirements_name_tells_them_apart(requirements: Path, tmp_path: Path) -> None:
    first = required_environment(requirements, tmp_path / "cache")
    make_wheel(requirements.parent, "43")
    second = required_environment(requirements, tmp_path / "cache")
    assert output(second, "import tiny_thing; print(tiny_thing.VALUE)") == "43"
    assert output(first, "import tiny_thing; print(tiny_thing.VALUE)") == "42"


def test_lists_that_name_each_other_and_comments_are_no_trouble(requirements: Path, tmp_path: Path) -> None:
    (requirements.parent / "more.txt").write_text("# not / or /usr, and this one is installed already:\nnumpy\n")
    long_word = "x" * 300
    requirements.write_text(f"-r more.txt  # {long_word}\n")
    first = required_environment(requirements, tmp_path / "cache")
    assert required_environment(requirements, tmp_path / "cache") == first
    (requirements.parent / "more.txt").write_text("-r requirements.txt\n")
    with pytest.raises(RequirementsError):
        required_environment(requirements, tmp_path / "cache")


def test_what_cannot_be_installed_leaves_nothing(requirements: Path, tmp_path: Path) -> None:
    requirements.write_text("./no-such-thing\n")
    with pytest.raises(RequirementsError, match=r"pip cannot install 'requirements.txt'; .*\n(.*\n)*.*no-such-thing"):
        required_environment(requirements, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []
