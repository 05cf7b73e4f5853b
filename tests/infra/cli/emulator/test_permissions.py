"""`--enforce-iam` and `sagecraft permissions`, where there is nothing to list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings

from tests.infra.conftest import RUNNING, MakeProject, Project, free_port

pytestmark = pytest.mark.skipif(RUNNING is not None, reason="about an emulator of its own")

RUNS_WITHOUT = (
    "The emulator on {url} runs without --enforce-iam. End it: sagecraft down. Then give --enforce-iam again."
)


def test_an_emulator_that_enforces_nothing_is_refused(make_project: MakeProject) -> None:
    project = make_project("topic")
    server.start(project.settings)
    up = project.run("up", "--enforce-iam")
    assert (up.returncode, up.stdout) == (2, "")
    assert up.stderr == f"Error: {RUNS_WITHOUT.format(url=project.settings.endpoint_url)}\n"
    listed = project.run("permissions", "Role")
    assert listed.returncode == 2
    assert listed.stderr == (
        "Error: The emulator runs without --enforce-iam, and has not recorded what roles called. End it: sagecraft "
        "down. Then: sagecraft up --enforce-iam\n"
    )


def test_enforcement_is_of_the_projects_own_emulator(make_project: MakeProject) -> None:
    up = make_project("topic").run("up", "--enforce-iam", "--target", "aws")
    assert up.returncode == 2
    assert "--enforce-iam is about the project's own emulator." in up.stderr


def test_a_role_that_nothing_has_is_told_with_one_like_it(make_project: MakeProject, tmp_path: Path) -> None:
    made = make_project("topic")
    project = Project(made.directory, EmulatorSettings(tmp_path / "state", free_port(), enforce_iam=True))
    server.start(project.settings)
    try:
        reader = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        trust = json.dumps({"Version": "2012-10-17", "Statement": [reader]})
        project.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument=trust)
        listed = project.run("permissions", "raeder")
        assert (listed.returncode, listed.stdout) == (2, "")
        assert listed.stderr == "Error: Nothing with a role is called 'raeder'. Did you mean 'reader'?\n"
        shown = project.run("permissions", "reader")
        assert shown.stdout.splitlines() == ["Role reader", "It may do nothing.", "It has called nothing yet."]
    finally:
        server.stop(project.settings)
