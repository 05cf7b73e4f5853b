"""The wheel, installed plain: the CDK's libraries beside it and nothing else."""

import os
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PACKAGES = ("catalog", "constructs", "infra", "containers", "emulator")
CACHES = {"__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache"}
COMPOSED = """
from aws_cdk import App, RemovalPolicy
from sagecraft_constructs import DataBucket
from sagecraft_infra.settings import environment_name, load_settings
from sagecraft_infra.stacks import DataStack, GroupedStack, NotebookStack
app = App()
data = DataStack(app, "Data-" + environment_name(app), removal_policy=RemovalPolicy.DESTROY)
NotebookStack(app, "Notebook", bucket=data.bucket)
DataBucket(GroupedStack(app, "Team").group("Buckets"), "Bucket")
print(*sorted(stack.stack_name for stack in app.synth().stacks))
"""


@dataclass(frozen=True)
class Installation:
    wheel: Path
    site: Path

    def python(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A Python that sees this folder instead of the environment's packages."""
        return subprocess.run(
            [sys.executable, "-S", *arguments],
            cwd=self.site.parent,
            env={**os.environ, "PYTHONPATH": str(self.site)},
            capture_output=True,
            text=True,
            check=False,
            timeout=200,
        )


def needed(names: list[str]) -> set[str]:
    """Distributions and all that they need, extras aside."""
    found: set[str] = set()
    while names:
        name = names.pop()
        if name in found:
            continue
        found.add(name)
        wanted = [Requirement(each) for each in distribution(name).requires or []]
        names += [each.name for each in wanted if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def link(name: str, site: Path) -> None:
    """Makes what a distribution has installed visible in another folder."""
    installed = distribution(name)
    for top in {file.parts[0] for file in installed.files or [] if file.parts[0] not in {"..", "__pycache__"}}:
        place = site / top
        if not place.exists():
            place.symlink_to(Path(str(installed.locate_file(top))))


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=100)
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in needed(["aws-cdk-lib", "constructs"]):
        link(name, site)
    return Installation(wheel, site)


def test_the_wheel_has_every_file_of_the_packages(installation: Installation) -> None:
    names = set(zipfile.ZipFile(installation.wheel).namelist())
    files = {
        str(file.relative_to(ROOT / room))
        for room in PACKAGES
        for file in (ROOT / room / f"sagecraft_{room}").rglob("*")
        if file.is_file() and not CACHES.intersection(file.parts)
    }
    assert files - names == set()
    assert {"sagecraft_constructs/py.typed", "sagecraft_infra/py.typed"} <= names


@pytest.mark.slow
def test_a_plain_installation_composes_stacks(installation: Installation) -> None:
    done = installation.python("-c", COMPOSED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["Data-dev", "Notebook", "Team"]


def test_the_command_of_a_plain_installation_says_what_to_install(installation: Installation) -> None:
    assert find_spec("typer") is not None  # the environment has it, the installation must not
    done = installation.python("-c", "from sagecraft_infra.cli import main; main()")
    assert done.returncode == 2
    assert "pip install 'sagecraft[local]'" in done.stderr
    assert "Traceback" not in done.stderr
