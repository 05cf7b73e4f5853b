"""Guards the layout of the rooms: who may import whom, names, lengths, and what the wheel holds."""

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("catalog", "containers", "constructs", "emulator", "infra")
MAY_IMPORT = {
    "catalog": set[str](),
    "containers": {"catalog"},
    "constructs": {"catalog"},
    "emulator": {"catalog", "containers"},
    "infra": {"catalog", "containers", "constructs", "emulator"},
}
LONGEST_FILE_LINES = 500


def tracked(*patterns: str) -> list[Path]:
    """The files of the project, without what lies about in a checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    files = [ROOT / name for name in listed if name]
    return [file for file in files if file.exists()]


def sources(room: str) -> list[Path]:
    package = ROOT / room / f"sagecraft_{room}"
    # What `sagecraft init` copies is a project of its own.
    return sorted(file for file in package.rglob("*.py") if package / "templates" not in file.parents)


def imported_rooms(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                modules = [name.name for name in names]
            case ast.ImportFrom(module=str() as module, level=0):
                modules = [module]
            case _:
                continue
        for module in modules:
            package = module.partition(".")[0]
            if package.startswith("sagecraft_"):
                yield package.removeprefix("sagecraft_")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_floor_allows(room: str) -> None:
    assert sources(room)
    wrong = {
        f"{file.relative_to(ROOT)} imports sagecraft_{other}"
        for file in sources(room)
        for other in imported_rooms(file)
        if other != room and other not in MAY_IMPORT[room]
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("room", ROOMS)
def test_a_source_root_is_no_package_and_holds_one_typed_package(room: str) -> None:
    assert not (ROOT / room / "__init__.py").exists()
    packages = [folder.name for folder in (ROOT / room).iterdir() if (folder / "__init__.py").exists()]
    assert packages == [f"sagecraft_{room}"]
    assert (ROOT / room / f"sagecraft_{room}" / "py.typed").exists()


def test_the_library_constructs_is_the_cdks() -> None:
    code = "import constructs, pathlib; print(pathlib.Path(constructs.__file__).parent)"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(result.stdout.strip()) != ROOT / "constructs"


def test_tests_mirror_the_rooms_and_are_packages_throughout() -> None:
    folders = {file.parent for file in (ROOT / "tests").rglob("test_*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]
    rooms = {folder.name for folder in (ROOT / "tests").iterdir() if folder.is_dir() and folder.name != "__pycache__"}
    # The documents, and the suites that run in environments of their own: the SageMaker SDKs', and LocalStack's.
    assert rooms == {*ROOMS, "docs", "localstack", "sdk"}


def test_every_test_file_has_a_name_that_pytest_collects() -> None:
    helpers = [file for file in (ROOT / "tests").rglob("*.py") if not file.name.startswith("test_")]
    assert not [file for file in helpers if "\ndef test_" in file.read_text(encoding="utf-8")]


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(file.relative_to(ROOT)): lines
        for file in tracked("*.py", "*.sh", "*.md")
        if (lines := file.read_text(encoding="utf-8").count("\n")) > LONGEST_FILE_LINES
    }
    assert not long


def test_decisions_are_numbered_without_gaps() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert decisions
    assert [name[:5] for name in decisions] == [f"{number:04}-" for number in range(1, len(decisions) + 1)]


def test_the_wheel_holds_the_rooms_packages_and_their_data_alone(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {f"sagecraft_{room}" for room in ROOMS}
    for file in (
        "sagecraft_catalog/data/algorithms/xgboost.json",
        "sagecraft_constructs/scripts/idle_stop.sh",
        "sagecraft_constructs/scripts/idle_check.py",
        "sagecraft_constructs/py.typed",
        "sagecraft_infra/templates/common/.github/workflows/test.yml",
        "sagecraft_infra/templates/common/.gitignore",
    ):
        assert file in names
