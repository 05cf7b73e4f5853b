"""The pytest plugin as a user's tests load it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from localstack_client.session import Session
from sagecraft_emulator.hosts.functions import node_sdk
from sagecraft_infra import pytest_plugin
from sagecraft_infra.testing.emulator import RunningEmulator

pytest_plugins = ["pytester"]

CACHE = node_sdk.sdk_dir().parents[2]
"""Of the user, whom `pytester` gives another home."""

LIGHT = """
import sys
import sagecraft_infra.pytest_plugin
heavy = {"boto3", "aws_cdk", "moto", "sagecraft_emulator", "localstack_client"} & set(sys.modules)
sys.exit(f"imported: {heavy}" if heavy else 0)
"""
APART = """
import json
import os
from pathlib import Path

def test_all_is_mine(sagecraft_emulator, sagecraft_session, s3_client, iam_client, sagemaker_client):
    assert s3_client.list_buckets()["Buckets"] == []
    s3_client.create_bucket(Bucket="same-name")
    trust = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam_client.create_role(RoleName="work", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    algorithm = {"TrainingImage": "000000000000.dkr.ecr.us-east-1.amazonaws.com/mine:1", "TrainingInputMode": "File"}
    sagemaker_client.create_training_job(
        TrainingJobName="same-name",
        RoleArn=role,
        AlgorithmSpecification=algorithm,
        OutputDataConfig={"S3OutputPath": "s3://same-name/jobs"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )
    job = sagemaker_client.describe_training_job(TrainingJobName="same-name")
    said = {
        "url": sagecraft_emulator.endpoint_url,
        "state": str(sagecraft_emulator.settings.state_dir),
        "status": job["TrainingJobStatus"],
        "message": job["SecondaryStatusTransitions"][-1]["StatusMessage"],
    }
    Path(os.environ["SAID"], os.environ["PYTEST_XDIST_WORKER"]).write_text(json.dumps(said))

def test_nothing_is_left_after_a_reset(sagecraft_reset, s3_client, sagemaker_client):
    assert s3_client.list_buckets()["Buckets"] == []
    assert sagemaker_client.list_training_jobs()["TrainingJobSummaries"] == []
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", *arguments)


def test_the_plugin_is_light_wherever_it_is_installed() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_workers_of_xdist_never_meet_and_instant_is_said_in_the_ini_file(
    pytester: pytest.Pytester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE))
    monkeypatch.setenv("SAID", str(tmp_path))
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")  # which leads nowhere, and nobody astray
    pytester.makeini("[pytest]\nsagecraft_execute = instant\n")
    pytester.makepyfile(APART)
    result = run(pytester, "--dist=each", "--tx=2*popen")
    result.assert_outcomes(passed=4)
    said = [json.loads(file.read_text()) for file in tmp_path.iterdir()]
    assert len({each["url"] for each in said}) == len({each["state"] for each in said}) == 2
    assert {each["status"] for each in said} == {"Completed"}
    assert all(each["message"].startswith("Completed without running") for each in said)


def test_another_execute_is_refused(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nsagecraft_execute = fast\n")
    result = run(pytester, "--collect-only")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: sagecraft_execute must be one of real, instant, got 'fast'"])


def test_the_clients_of_the_session_go_to_the_emulator(
    sagecraft_emulator: RunningEmulator, sagecraft_session: Session
) -> None:
    assert isinstance(sagecraft_session, Session)
    for service in ("s3", "sagemaker", "sagemaker-runtime", "events"):
        client = sagecraft_session.client(service)
        assert client.meta.endpoint_url == sagecraft_emulator.endpoint_url
        assert client.meta.region_name == sagecraft_emulator.region
    identity = sagecraft_session.client("sts").get_caller_identity()
    assert identity["Account"] == sagecraft_emulator.account == "000000000000"
    assert sagecraft_session.resource("s3").meta.client.meta.endpoint_url == sagecraft_emulator.endpoint_url


def test_the_emulator_of_a_run_is_of_that_run(sagecraft_emulator: RunningEmulator) -> None:
    recorded = json.loads(sagecraft_emulator.settings.process_file.read_text())
    assert os.getsid(recorded["process_id"]) != os.getsid(0)
    assert sagecraft_emulator.endpoint_url == f"http://127.0.0.1:{recorded['port']}"
    assert recorded["port"] != 4566


def test_a_fixture_whose_package_is_missing_says_what_to_install(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytest_plugin, "find_spec", lambda name: None)
    message = r"^moto is not installed\. Run: pip install 'sagecraft\[test\]'$"
    with pytest.raises(pytest.fail.Exception, match=message):
        request.getfixturevalue("mock_sagemaker")
