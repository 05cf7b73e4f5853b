"""Packages that are imported when they are used."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest
from sagecraft_emulator.hosts.deferred_import import defer_import

NAME = "sagecraft_rarely_used"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / NAME
    place.mkdir()
    (place / "__init__.py").write_text(f"import {NAME}.errors\nfrom pathlib import Path\n{_COUNT}\nVALUE = 1\n")
    (place / "errors.py").write_text("class Problem(Exception):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield place / "imported"
    for name in (NAME, f"{NAME}.errors"):
        sys.modules.pop(name, None)


_COUNT = "with Path(__file__).with_name('imported').open('a') as file: file.write('once')"


def test_a_package_is_imported_once_when_it_is_used_by_whichever_threads(package: Path) -> None:
    defer_import(NAME)
    deferred = import_module(NAME)
    assert not package.exists()
    with ThreadPoolExecutor(8) as threads:
        values = list(threads.map(lambda _: deferred.VALUE, range(32)))
    assert set(values) == {1}
    assert package.read_text() == "once"
    assert import_module(NAME).VALUE == 1


def test_a_module_of_it_is_found(package: Path) -> None:
    defer_import(NAME)
    assert issubclass(import_module(f"{NAME}.errors").Problem, Exception)
    assert package.read_text() == "once"


def test_one_that_is_missing_is_missed_and_one_that_is_imported_stays() -> None:
    defer_import("no_such_package")
    with pytest.raises(ModuleNotFoundError, match="no_such_package"):
        import_module("no_such_package")
    before = sys.modules["json"]
    defer_import("json")
    assert sys.modules["json"] is before
