"""Packages that are installed once for all emulators of a user."""

import zipfile
from pathlib import Path

import pytest
from sagecraft_emulator.container.python.installation import Installation

from tests.containers.wheel import make_wheel


def test_what_is_installed_is_compiled_but_for_its_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = make_wheel(tmp_path)
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("of_none/tests/test_it.py", "")
        archive.writestr("of_none/template.py", "class {{ name }}:")
    monkeypatch.setenv("UV_OFFLINE", "1")
    directory = tmp_path / "test" / "environment"
    installation = Installation(what="a test", directory=directory, arguments=[str(wheel)], again="do it again.")
    packages = installation.environment(lambda _: None).site_packages
    assert installation.is_complete
    assert (packages / "of_none" / "tests" / "test_it.py").is_file()
    assert {file.name.partition(".")[0] for file in packages.rglob("*.pyc")} == {"tiny_thing"}
