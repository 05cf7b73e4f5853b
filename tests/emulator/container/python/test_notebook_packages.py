"""The packages of notebook instances, which are installed once."""

from importlib import resources
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from sagecraft_emulator.container.python.installation import InstallationFailed
from sagecraft_emulator.container.python.notebook_packages import jupyter_environment

PINS = resources.files("sagecraft_emulator.container.python").joinpath("pins")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where nothing is installed yet, and from where nothing can be."""
    for name, value in {"XDG_CACHE_HOME": tmp_path, "UV_OFFLINE": "1", "UV_CACHE_DIR": tmp_path / "uv"}.items():
        monkeypatch.setenv(name, str(value))
    return tmp_path / "sagecraft"


def test_without_pypi_the_reason_says_what_to_do_and_nothing_half_done_is_left(cache: Path) -> None:
    told: list[str] = []
    with pytest.raises(InstallationFailed) as raised:
        jupyter_environment(told.append)
    assert str(raised.value).startswith("The packages of JupyterLab cannot be installed: ")
    assert str(raised.value).endswith("With a connection to it, run: sagecraft notebook setup")
    assert told[0].startswith("Installing the packages of JupyterLab into ")
    assert [each.name for each in cache.iterdir() if each.is_dir()] == []


@pytest.mark.parametrize("name", ["jupyter", "sdk-2", "sdk-3"])
def test_every_package_is_pinned(name: str) -> None:
    lines = PINS.joinpath(f"{name}.txt").read_text("utf-8").splitlines()
    assert lines
    assert [line for line in lines if [each.operator for each in Requirement(line).specifier] != ["=="]] == []


def test_jupyterlab_compiles_no_grammar_at_its_start() -> None:
    """As jsonschema has it do where rfc3987-syntax is installed, whose grammar takes lark longer than all else."""
    pinned = {Requirement(line).name for line in PINS.joinpath("jupyter.txt").read_text("utf-8").splitlines()}
    assert "jsonschema" in pinned
    assert pinned.isdisjoint({"lark", "rfc3987-syntax"})
