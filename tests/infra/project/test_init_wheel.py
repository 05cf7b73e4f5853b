"""Projects that `sagecraft init` makes, outside of the checkout, with the wheel in an environment of its own.

The guide of a first project is followed to its end. The projects of the other templates are synthesized and pass their
tests but the one that deploys, which would take another minute.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings

from tests.docs.document import ROOT, blocks, command_lines
from tests.infra.conftest import free_port

GUIDE = ROOT / "docs" / "guide" / "first-project.md"
PYTEST = ("python", "-m", "pytest", "-p", "no:cacheprovider", "-v")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class FreshEnvironment:
    """A virtual environment that has the wheel, and the packages that it requires from the one that runs the tests."""

    directory: Path
    projects: Path
    port: int

    def run(self, *command: str | Path, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        names = ("HOME", "LANG", "TMPDIR", "OMP_WAIT_POLICY")
        inherited = {name: os.environ[name] for name in names if name in os.environ}
        return subprocess.run(
            [str(self.directory / "bin" / command[0]), *map(str, command[1:])],
            cwd=self.projects if cwd is None else cwd,
            env={
                **inherited,
                "PATH": f"{self.directory / 'bin'}{os.pathsep}{os.defpath}",
                "SAGECRAFT_PORT": str(self.port),
                "CDK_VALIDATION": os.environ["CDK_VALIDATION"],
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

    def json(self, *command: str | Path, cwd: Path) -> Any:
        return json.loads(self.output(*command, "--json", cwd=cwd))


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


def test_the_guide_of_a_first_project_comes_true_and_nothing_differs_in_the_end(fresh: FreshEnvironment) -> None:
    """Each command line of the guide, but those that install and those for AWS."""
    lines = [words for block in blocks(GUIDE) if not block.language for words in command_lines(block.text)]
    project = fresh.projects
    done = {}
    try:
        for words in lines:
            command = [*PYTEST, *words[1:]] if words[0] == "pytest" else words
            if words[0] == "cd":
                project /= words[1]
            if words[0] in {"cd", "pip"} or "aws" in words:
                continue
            if "ENDPOINT" in words:
                endpoint = fresh.json("sagecraft", "status", cwd=project)["endpoints"][0]["name"]
                file = fresh.projects / "passengers.csv"
                file.write_text("1,1,30,0,0,80,1,0,0\n3,0,30,0,0,8,0,0,1\n", encoding="utf-8")
                command = ["sagecraft", "invoke", endpoint, str(file)]
            if words[1:] == ["down"]:
                done["diff"] = fresh.run(
                    "cdk", "diff", "--fail", cwd=project, **fresh.json("sagecraft", "env", cwd=project)
                )
            done[words[min(1, len(words) - 1)]] = fresh.run(*command, cwd=project)
    finally:
        server.stop(EmulatorSettings(project / ".sagecraft", fresh.port))

    assert list(done) == ["init", "pytest", "up", "status", "invoke", "diff", "down"]
    assert [(name, each.stdout + each.stderr) for name, each in done.items() if each.returncode] == []
    assert "tests/test_endpoint.py::test_the_endpoint_knows_who_survives PASSED" in done["pytest"].stdout
    assert "SKIPPED" not in done["pytest"].stdout
    assert "Churn-dev" in done["up"].stdout
    assert "CREATE_COMPLETE" in done["up"].stdout
    assert "InService" in done["up"].stdout
    assert "InService" in done["status"].stdout
    lady, man = map(float, done["invoke"].stdout.replace(",", "\n").split())
    assert lady > 0.8
    assert man < 0.2
    assert "Number of stacks with differences: 0" in done["diff"].stdout + done["diff"].stderr
    assert "Stopped the emulator." in done["down"].stderr


OTHERS = {"tuning": "test_endpoint.py", "notebook": "test_notebook.py", "studio": "test_studio.py"}
"""Which test of a template deploys."""
MAKE_AND_TEST = f"""
import contextlib, json, sys
import pytest
from sagecraft_infra.cli.run import run
codes = {{}}
for template, deploys in {OTHERS}.items():
    made = run(["init", f"sea-{{template}}", "--template", template])
    with contextlib.chdir(f"sea-{{template}}"):
        tested = pytest.main(["-p", "no:cacheprovider", "-q", "-rp", f"--ignore=tests/{{deploys}}"])
    codes[template] = [made, tested]
    for module in [each for each in sys.modules if each.partition(".")[0] == "tests"]:
        del sys.modules[module]
print(json.dumps(codes))
"""


@pytest.fixture(scope="module")
def others(fresh: FreshEnvironment) -> str:
    """What is told where the other projects are made and tested: by one process, which loads the CDK once."""
    return fresh.output("python", "-c", MAKE_AND_TEST)


@pytest.mark.parametrize("template", OTHERS)
def test_the_other_templates_are_synthesized_and_pass_their_tests(
    fresh: FreshEnvironment, others: str, template: str
) -> None:
    assert (fresh.projects / f"sea-{template}" / "tests" / OTHERS[template]).is_file()
    told, codes = others.rstrip().rsplit("\n", 1)
    assert json.loads(codes)[template] == [0, 0], told
    assert told.count("PASSED tests/test_environments.py::test_the_data_stays_in_production_alone[prod-Retain]") == 3
