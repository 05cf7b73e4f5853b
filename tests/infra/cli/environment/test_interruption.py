"""Ctrl-C in the middle of a deployment, and the deployment after it."""

import signal
import time

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from tests.infra.conftest import COMMAND_SECONDS, MakeProject, Project

pytestmark = pytest.mark.slow

WAIT_SECONDS = 180


def wait_until_in_progress(project: Project, name: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            (stack,) = project.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except (BotoCoreError, ClientError):
            stack = {"StackStatus": "not there"}
        if stack["StackStatus"] == "CREATE_IN_PROGRESS":
            return
        time.sleep(0.2)
    raise AssertionError(f"stack {name} did not begin")


def test_an_interrupted_deployment_says_what_stands_and_the_next_one_goes_on(make_project: MakeProject) -> None:
    project = make_project("slow")
    with project.started("up") as process:
        wait_until_in_progress(project, "Slow")
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=COMMAND_SECONDS)
    assert process.returncode == 130
    assert "Interrupted. CloudFormation goes on by itself" in said
    assert "  Slow: CREATE_IN_PROGRESS" in said
    assert "Run 'sagecraft up' to go on" in said
    assert "Traceback" not in said
    assert [child for child in children if child.is_running() and "aws-cdk" in " ".join(child.cmdline())] == []

    with project.started("up") as again:
        assert again.stderr is not None
        said = next((line for line in again.stderr if line.startswith("Waiting")), "")
        (project.directory / "go-on").touch()
        stacks, _ = again.communicate(timeout=COMMAND_SECONDS)

    assert "Waiting for stack Slow, which is CREATE_IN_PROGRESS" in said
    assert again.returncode == 0
    assert "CREATE_COMPLETE" in stacks
