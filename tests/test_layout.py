"""Guards the layout of the house: who may import whom, names, lengths, and what the wheel holds."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .house import ROOMS, House, arrows, circle, folders, read_house

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "catalog": set[str](),
    "containers": {"catalog"},
    "constructs": {"catalog"},
    "emulator": {"catalog", "containers"},
    "infra": {"catalog", "containers", "constructs", "emulator"},
}
NOUNS = "the nouns"
"""The floor of every folder that no other floor names."""
FLOORS = {
    "catalog": (
        "__init__",
        "quota",
        "charge",
        "algorithm price service_image",
        "automl billed_service feature_group forecasting instance_type name ecr_image s3_location step_property",
        "near_match region package_data errors",
    ),
    "containers": (
        NOUNS,
        "jumpstart",
        "algorithm",
        "program",
        "serving training",
        "data python_environment",
        "errors toolkit_errors",
        "contract __init__",
    ),
    "constructs": (
        "__init__",
        "team",
        NOUNS,
        "job",
        "container data money network provider",
        "permissions handlers",
        "deployed_stack instance_type present script",
        "prop_kinds",
        "asked errors tokens",
    ),
    "emulator": (
        "__main__",
        "composition",
        "hosts front billing",
        "engine",
        NOUNS,
        "noun",
        "jobs",
        "surroundings",
        "container data events authorization orchestration metrics pages metering quotas",
        "api",
        "state",
        "settings client_files errors __init__",
    ),
    "infra": (
        "pytest_plugin",
        "cli testing",
        "deployment",
        "docker graph importing inventory pulumi",
        "nouns",
        NOUNS,
        "jobs",
        "noun terminal",
        "code target",
        "project",
        "emulator settings toolchain",
        "stacks near errors __init__",
    ),
}
"""What lies side by side in a room, the highest floor first: imports run down, or along a floor without a circle."""
MOST_MODULES_IN_A_FOLDER = 15
LONGEST_MODULE_LINES = 400
LONGEST_FILE_LINES = 500
TESTED_ELSEWHERE = {
    "emulator/surroundings": "conformance",  # by what AWS answers
    "infra/code": "infra/importing",  # by what it writes
    "infra/data": "infra/graph",  # a noun that is nothing but drawn
    "infra/notebook": "infra/importing",
    "infra/noun": "infra/made_up",
    "infra/permissions": "infra/graph",
    "infra/processing": "infra/cli",
    "infra/studio": "infra/graph",
    "infra/team": "infra/stacks",
    "infra/terminal": "infra/cli",
    "infra/toolchain": "infra/deployment",  # by deployments, which run the CDK CLI by it
    "infra/training": "infra/importing",
    "infra/transform": "infra/cli",
}
"""Folders without tests beside them, and where those are that test them."""


def tracked(*patterns: str) -> list[Path]:
    """The files of the project, without what lies about in a checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    files = [ROOT / name for name in listed if name]
    return [file for file in files if file.exists()]


@pytest.fixture(scope="module")
def house() -> House:
    return read_house(ROOT)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_floor_allows(house: House, room: str) -> None:
    modules = [module for module in house.values() if module.room == room]
    assert modules
    wrong = {
        f"{module.name} imports {name}"
        for module in modules
        for name in module.imports
        if house[name].room not in {room, *MAY_IMPORT[room]}
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("room", ROOMS)
def test_imports_between_the_folders_of_a_room_run_down(house: House, room: str) -> None:
    floors = {name: depth for depth, floor in enumerate(FLOORS[room]) for name in floor.split()}
    nouns = FLOORS[room].index(NOUNS) if NOUNS in FLOORS[room] else None
    for name in {module.path[0] for module in house.values() if module.room == room} - floors.keys():
        assert nouns is not None, f"say in FLOORS on which floor of {room} '{name}' stands"
        floors[name] = nouns
    wrong = {
        f"{importer} imports {other}"
        for (above, below), imports in arrows(house, room).items()
        for importer, other in imports
        if floors[above] > floors[below]
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_that_lies_side_by_side_imports_each_other_in_a_circle(house: House, room: str) -> None:
    inside = {folder[:depth] for folder in folders(house, room) for depth in range(len(folder) + 1)}
    circles = {"/".join((room, *folder)): circle(set(arrows(house, room, folder))) for folder in sorted(inside)}
    assert not {folder: names for folder, names in circles.items() if names}


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_can_be_taken_in_at_a_glance(house: House, room: str) -> None:
    full = {
        "/".join((room, *folder)): len(modules)
        for folder, modules in folders(house, room).items()
        if len(modules) > MOST_MODULES_IN_A_FOLDER
    }
    assert not full
    long = {module.name: module.lines for module in house.values() if module.lines > LONGEST_MODULE_LINES}
    assert not {name: lines for name, lines in long.items() if house[name].room == room}


@pytest.mark.parametrize("room", ROOMS)
def test_a_file_does_not_repeat_the_noun_of_its_folder(house: House, room: str) -> None:
    repeated = [
        module.name
        for module in house.values()
        if module.room == room and module.folder and module.path[-1].startswith(f"{module.folder[-1].rstrip('s')}_")
    ]
    assert not repeated


@pytest.mark.parametrize("room", ROOMS)
def test_a_folder_has_its_tests_beside_it(house: House, room: str) -> None:
    without = {f"{room}/{folder[0]}" for folder in folders(house, room) if folder and not _tests(room, folder[0])}
    assert without == {folder for folder in TESTED_ELSEWHERE if folder.partition("/")[0] == room}
    assert all(_tests(TESTED_ELSEWHERE[folder]) for folder in without)


def _tests(*folder: str) -> list[Path]:
    return list((ROOT / "tests").joinpath(*folder).rglob("test_*.py"))


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
    # What AWS answers, the documents, Terraform; and the suites with environments of their own: the SDKs', LocalStack's
    assert rooms == {*ROOMS, "conformance", "docs", "localstack", "sdk", "terraform"}


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
        "sagecraft_constructs/notebook/scripts/idle_stop.sh",
        "sagecraft_constructs/notebook/scripts/idle_check.py",
        "sagecraft_constructs/py.typed",
        "sagecraft_infra/templates/common/.github/workflows/test.yml",
        "sagecraft_infra/templates/common/.gitignore",
    ):
        assert file in names
