"""Projects that `sagecraft init` makes, outside of the checkout, with the wheel in an environment of its own.

The project of the template `titanic` is tested, deployed, compared and destroyed. Those of the others are synthesized
and pass their tests but the one that deploys, which would take another minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest
from sagecraft_emulator import server
from sagecraft_emulator.settings import EmulatorSettings

from .conftest import free_port

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class FreshEnvironment:
    """A virtual environment that has the wheel, and the packages that it requires from the one that runs the tests."""

    directory: Path
    projects: Path
    port: int

    def run(self, *command: str | Path, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        inherited = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        return subprocess.run(
            [str(self.directory / "bin" / command[0]), *map(str, command[1:])],
            cwd=self.projects if cwd is None else cwd,
            env={
                **inherited,
                "PATH": f"{self.directory / 'bin'}{os.pathsep}{os.defpath}",
                "SAGECRAFT_PORT": str(self.port),
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
                **variables,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    def output(self, *command: str | Path, cwd: Path | None = None, **variables: str) -> str:
        done = self.run(*command, cwd=cwd, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> FreshEnvironment:
    place = tmp_path_factory.mktemp("fresh")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = place.glob("*.whl")
    environment = place / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--python", str(python), "--offline", "--no-deps"]
    subprocess.run([*install, str(wheel)], capture_output=True, check=True)
    # A folder that a .pth names has none of its own .pth files read: the editable installation is not among them.
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    cdk = environment / "bin" / "cdk"
    cdk.write_text(f"#!{python}\nfrom sagecraft_infra.toolchain import cdk\ncdk()\n")
    cdk.chmod(0o755)
    projects = place / "projects"
    projects.mkdir()
    return FreshEnvironment(environment, projects, free_port())


def test_the_environment_has_the_wheel_and_not_the_checkout(fresh: FreshEnvironment) -> None:
    rooms = [f"sagecraft_{room}" for room in ("catalog", "constructs", "containers", "emulator", "infra")]
    code = f"import importlib.util\nfor room in {rooms}: print(importlib.util.find_spec(room).origin)"

    found = fresh.output("python", "-c", code).splitlines()

    assert len(found) == len(rooms)
    assert all(Path(each).is_relative_to(fresh.directory) for each in found), found


def test_a_project_passes_its_tests_and_deploys_and_then_differs_in_nothing(fresh: FreshEnvironment) -> None:
    fresh.output("sagecraft", "init", "sea-voyage")
    project = fresh.projects / "sea-voyage"

    tested = fresh.output("python", "-m", "pytest", "-p", "no:cacheprovider", "-v", cwd=project)
    assert "tests/test_endpoint.py::test_the_endpoint_knows_who_survives PASSED" in tested
    assert "SKIPPED" not in tested

    try:
        deployed = fresh.output("sagecraft", "up", cwd=project)
        assert "SeaVoyage-dev" in deployed
        assert "CREATE_COMPLETE" in deployed
        assert "InService" in deployed

        lines = fresh.output("sagecraft", "env", "--json", cwd=project)
        difference = fresh.run("cdk", "diff", "--fail", cwd=project, **json.loads(lines))
        assert difference.returncode == 0, difference.stdout + difference.stderr
        assert "Number of stacks with differences: 0" in difference.stdout + difference.stderr

        destroyed = fresh.run("sagecraft", "down", cwd=project)
        assert destroyed.returncode == 0, destroyed.stderr
        assert "Stopped the emulator." in destroyed.stderr
    finally:
        server.stop(EmulatorSettings(project / ".sagecraft", fresh.port))


@pytest.mark.parametrize(("template", "deploys"), [("tuning", "test_endpoint.py"), ("notebook", "test_notebook.py")])
def test_the_other_templates_are_synthesized_and_pass_their_tests(
    fresh: FreshEnvironment, template: str, deploys: str
) -> None:
    fresh.output("sagecraft", "init", f"sea-{template}", "--template", template)
    project = fresh.projects / f"sea-{template}"
    assert (project / "tests" / deploys).is_file()

    tested = fresh.output(
        "python", "-m", "pytest", "-p", "no:cacheprovider", "-v", f"--ignore=tests/{deploys}", cwd=project
    )

    assert "tests/test_environments.py::test_the_data_stays_in_production_alone[prod-Retain] PASSED" in tested
