"""The Pythons of a machine, which programs of that name stand for."""

from pathlib import Path

import pytest
from sagecraft_emulator.container.python.interpreter import interpreter

PLACES = {"PYENV_ROOT": "pyenv", "UV_PYTHON_INSTALL_DIR": "uv", "PATH": "path"}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable, name in PLACES.items():
        monkeypatch.setenv(variable, str(tmp_path / name))
    return tmp_path


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "place",
    ["path/python3.10", "pyenv/versions/3.10.13/bin/python3.10", "uv/cpython-3.10.18-linux-x86_64-gnu/bin/python3.10"],
)
def test_an_interpreter_is_found_where_people_have_theirs(machine: Path, place: str) -> None:
    assert interpreter("3.10") is None
    found = program(machine / place, "echo 3.10")
    assert interpreter("3.10") == found


def test_what_only_has_the_name_is_passed_by(machine: Path) -> None:
    program(machine / "path" / "python3.10", "exit 127")  # as a shim of pyenv whose version is switched off
    assert interpreter("3.10") is None
    program(machine / "pyenv" / "versions" / "3.10.2" / "bin" / "python3.10", "echo 3.9")
    assert interpreter("3.10") is None
