"""The Python environment of our images, which sandboxes have in common as far as they do not change it."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from sagecraft_emulator.container.python.layer import python_below
from sagecraft_emulator.container.sandbox import Sandbox, namespaces_allowed

WAIT_SECONDS = 30

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")


def box(directory: Path) -> tuple[Sandbox, Mapping[str, str]]:
    made = Sandbox(directory, "algo-1")
    made.make()
    return made, python_below(made, directory.parent / "python", {"train": ("echo", "trains")}, ())


def run(sandbox: Sandbox, python: Mapping[str, str], script: str) -> str:
    process = sandbox.start(["/bin/sh", "-c", script], {"PATH": os.environ["PATH"]}, python=python)
    assert process.wait(WAIT_SECONDS) == 0, sandbox.log.read_text()
    return sandbox.log.read_text()


CHANGE = "cd /opt/ml/.python && bin/train && echo mine > bin/train && mkdir lib/mine && rm bin/pip"
SEE = "cd /opt/ml/.python && cat bin/train && ls bin lib"


def test_what_a_container_changes_of_its_python_it_keeps_and_no_other_sees(tmp_path: Path) -> None:
    (one, python), (other, same) = box(tmp_path / "one"), box(tmp_path / "other")
    assert python["below"] == same["below"]
    unchanged = run(other, same, SEE).splitlines()
    assert {'exec echo trains "$@"', "train", "pip", "pip3", "python3"} <= set(unchanged)
    assert run(one, python, CHANGE) == "trains\n"
    assert {"mine", "pip3", "python3"} <= set(run(one, python, SEE).splitlines()) - {"pip"}
    other.log.unlink()
    assert run(other, same, SEE).splitlines() == unchanged
    assert not Path(python["below"], "lib", "mine").exists()


def test_where_the_file_system_bears_no_layers_a_container_has_a_copy(tmp_path: Path) -> None:
    sandbox, python = box(tmp_path / "one")
    python = {**python, "seen": "/opt/ml/model/missing"}
    assert run(sandbox, python, CHANGE) == "trains\n"
    assert "trains" in Path(python["below"], "bin", "train").read_text()
    seen = run(sandbox, python, SEE).splitlines()
    assert {"mine", "train", "pip3", "python3"} <= set(seen), "what is there is not copied again"
    assert 'exec echo trains "$@"' not in seen
