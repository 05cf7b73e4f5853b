"""A whole life of a small project: deployed, deployed again, looked at, destroyed."""

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from sagecraft_emulator.front import server
from sagecraft_emulator.state import process_file

from tests.infra.conftest import MakeProject, Project

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    deployed = make_project("topic")
    done = deployed.run("up")
    assert done.returncode == 0, done.stderr
    assert "Started the emulator" in done.stderr
    assert "Topic: CREATE_COMPLETE" in done.stderr
    assert "CREATE_COMPLETE" in done.stdout
    return deployed


def test_up_again_deploys_nothing_and_says_what_stands(project: Project) -> None:
    done = project.run("up", "--json")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    (stack,) = json.loads(done.stdout)["stacks"]
    assert (stack["name"], stack["region"], stack["status"]) == ("Topic", "us-east-1", "CREATE_COMPLETE")
    assert stack["outputs"]["TopicArn"].startswith("arn:aws:sns:us-east-1:000000000000:")


def test_status_shows_the_stack_without_synthesizing(project: Project) -> None:
    shown = project.json("status")

    assert [stack["name"] for stack in shown["stacks"]] == ["Topic"]
    assert shown["cost"] == {"usd": 0, "usd_an_hour": 0, "unpriced": []}
    assert shown["training_jobs"] == shown["endpoints"] == shown["notebook_instances"] == []


def test_after_env_a_plain_cdk_finds_no_difference(project: Project) -> None:
    script = 'eval "$(sagecraft env)" && cdk diff --fail'

    done = subprocess.run(
        ["/bin/sh", "-c", script],
        cwd=project.directory,
        env={**project.environment, "PATH": f"{Path(sys.executable).parent}:{project.environment['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "There were no differences" in done.stdout + done.stderr


@pytest.mark.parametrize("name", ["nope", "n" * 40], ids=["of-any-kind", "too-long-for-a-tuning-job"])
def test_a_job_that_does_not_exist_has_no_log(project: Project, name: str) -> None:
    done = project.run("logs", name)

    assert done.returncode == 2
    assert f"There is no job, endpoint, notebook instance or space '{name}'." in done.stderr


def test_an_endpoint_that_does_not_exist_is_told_in_the_words_of_aws(project: Project) -> None:
    done = project.run("invoke", "nope", "-", "--content-type", "text/csv", stdin="1,2\n")

    assert done.returncode == 2
    assert "ValidationError: Endpoint nope of account 000000000000 not found." in done.stderr


def test_images_are_registered_listed_and_removed(project: Project) -> None:
    uri = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"

    registered = project.run("images", "register", uri, "--", "python", "-u", "train.py")
    listed = project.json("images", "list")
    removed = project.run("images", "remove", uri)
    again = project.run("images", "remove", uri)

    assert registered.returncode == removed.returncode == 0, registered.stderr + removed.stderr
    assert listed[uri]["train"] == ["python", "-u", "train.py", "train"]
    assert listed[uri]["serve"] == ["python", "-u", "train.py", "serve"]
    assert listed[uri]["working_directory"] == str(project.directory)
    assert again.returncode == 2
    assert f"No local program is registered for '{uri}'" in again.stderr


@pytest.mark.last
def test_down_leaves_no_stack_no_bucket_and_no_process(project: Project) -> None:
    recorded = process_file.read(project.settings)
    assert recorded is not None
    kept = project.json("down", "--keep-emulator")
    stacks = project.client("cloudformation").describe_stacks()["Stacks"]
    buckets = project.client("s3").list_buckets()["Buckets"]

    cdk_log = (project.settings.state_dir / "cdk.log").read_text()
    stopped = project.run("down")

    assert "Unknown option" not in cdk_log
    assert kept == {"destroyed": ["Topic"], "ended": [], "kept_buckets": [], "emulator_stopped": False}
    assert [stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"] == []
    assert buckets == []
    assert stopped.returncode == 0, stopped.stderr
    assert server.health(project.settings) is None
    assert not psutil.pid_exists(recorded.process_id)


def test_down_without_an_emulator_says_that_there_is_nothing_to_do(make_project: MakeProject) -> None:
    done = make_project("topic").run("down")

    assert done.returncode == 0
    assert "there is nothing to destroy" in done.stderr
