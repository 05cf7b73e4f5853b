"""What outlives an emulator: a clean stop, a SIGKILL at any time, a deployment that was interrupted half way."""

import json
import os
import re
import runpy
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import psutil
import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_infra.deployment.bootstrapping import bootstrap
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName

from .conftest import APPS, DEPLOY_ALL, REGION, Cdk, RunningEmulator

pytestmark = pytest.mark.slow

SAVED_WITHIN_SECONDS = 60
SLOW_IMAGE = "000000000000.dkr.ecr.us-east-1.amazonaws.com/slow:1"
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, '
    '"Action": "sts:AssumeRole"}]}'
)


def wait_until(done: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def fill(emulator: RunningEmulator) -> None:
    s3 = emulator.client("s3")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_tagging(Bucket="kept", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    for body in (b"first", b"second"):
        s3.put_object(Bucket="kept", Key="nested/key", Body=body, Metadata={"who": "me"}, Tagging="x=y")
    emulator.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=TRUST)
    topic = emulator.client("sns").create_topic(Name="kept")["TopicArn"]
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="kept",
        Namespace="n",
        MetricName="m",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[topic],
    )
    emulator.client("logs").create_log_group(logGroupName="/kept")
    emulator.client("sagemaker").create_model(
        ModelName="kept",
        ExecutionRoleArn="arn:aws:iam::000000000000:role/kept",
        PrimaryContainer={"Image": algorithm("xgboost").image_uri("1.7-1", "us-east-1")},
    )
    emulator.client("sagemaker").create_domain(
        DomainName="kept",
        AuthMode="IAM",
        VpcId="vpc-00000001",
        SubnetIds=["subnet-00000001"],
        DefaultUserSettings={"ExecutionRole": "arn:aws:iam::000000000000:role/kept"},
    )


def wait_until_saved(emulator: RunningEmulator) -> None:
    """Returns once what the emulator's host has acknowledged so far outlives a SIGKILL.

    All services are saved together, one read after the other. A save that has the first mark may have read another
    service before that one's last change; the save that has the second mark began later, for it is a later one.
    """
    for mark in (str(uuid4()), str(uuid4())):
        emulator.client("ssm").put_parameter(Name=mark, Value=mark, Type="String")
        wait_until(partial(_saved, emulator, mark), SAVED_WITHIN_SECONDS)


def _saved(emulator: RunningEmulator, text: str) -> bool:
    with closing(sqlite3.connect(emulator.settings.host_dir / "state.sqlite3")) as database:
        return database.execute("SELECT 1 FROM service WHERE instr(state, ?)", (text,)).fetchone() is not None


def assert_kept(emulator: RunningEmulator) -> None:
    s3 = emulator.client("s3")
    assert s3.get_object(Bucket="kept", Key="nested/key")["Body"].read() == b"second"
    versions = s3.list_object_versions(Bucket="kept")["Versions"]
    bodies = [
        s3.get_object(Bucket="kept", Key=each["Key"], VersionId=each["VersionId"])["Body"].read() for each in versions
    ]
    assert bodies == [b"second", b"first"]
    assert s3.head_object(Bucket="kept", Key="nested/key")["Metadata"] == {"who": "me"}
    assert s3.get_object_tagging(Bucket="kept", Key="nested/key")["TagSet"] == [{"Key": "x", "Value": "y"}]
    assert s3.get_bucket_tagging(Bucket="kept")["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert s3.get_bucket_versioning(Bucket="kept")["Status"] == "Enabled"
    assert emulator.client("iam").get_role(RoleName="kept")["Role"]["RoleName"] == "kept"
    assert len(emulator.client("sns").list_topics()["Topics"]) == 1
    assert emulator.client("cloudwatch").describe_alarms()["MetricAlarms"][0]["AlarmName"] == "kept"
    assert emulator.client("logs").describe_log_groups()["logGroups"][0]["logGroupName"] == "/kept"
    sagemaker = emulator.client("sagemaker")
    assert sagemaker.describe_model(ModelName="kept")["ModelName"] == "kept"
    [domain] = sagemaker.list_domains()["Domains"]
    wait_until(lambda: sagemaker.describe_domain(DomainId=domain["DomainId"])["Status"] == "InService")
    [home] = emulator.client("efs").describe_file_systems()["FileSystems"]
    assert sagemaker.describe_domain(DomainId=domain["DomainId"])["HomeEfsFileSystemId"] == home["FileSystemId"]


def test_everything_outlives_a_clean_stop(own_emulator: RunningEmulator) -> None:
    fill(own_emulator.start())
    own_emulator.stop()
    assert_kept(own_emulator.start())


def test_everything_outlives_a_sigkill_a_few_seconds_later(own_emulator: RunningEmulator) -> None:
    fill(own_emulator.start())
    wait_until_saved(own_emulator)
    own_emulator.kill()
    assert_kept(own_emulator.start())


def test_an_acknowledged_object_or_role_outlives_a_sigkill_at_once(own_emulator: RunningEmulator) -> None:
    s3 = own_emulator.start().client("s3")
    s3.create_bucket(Bucket="kept")
    body = bytes(range(256)) * 4096
    s3.put_object(Bucket="kept", Key="key", Body=body)
    own_emulator.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument=TRUST)
    own_emulator.kill()
    assert own_emulator.start().client("s3").get_object(Bucket="kept", Key="key")["Body"].read() == body
    assert own_emulator.client("iam").get_role(RoleName="kept")["Role"]["RoleName"] == "kept"


def register(emulator: RunningEmulator, **program: list[str]) -> None:
    """Says what runs for the image of the tests' models and jobs."""
    body = json.dumps({"uri": SLOW_IMAGE, **program})
    with urlopen(Request(f"{emulator.url}/_sagecraft/images", data=body.encode(), method="POST"), timeout=10):
        pass


def status_of(emulator: RunningEmulator, stack: str = "Slow") -> str:
    stacks: list[dict[str, Any]] = emulator.client("cloudformation").describe_stacks()["Stacks"]
    return next((each["StackStatus"] for each in stacks if each["StackName"] == stack), "none")


def begin_deployment(cdk: Cdk, assembly: Path) -> subprocess.Popen[bytes]:
    """A deployment under way: its bucket is there, its custom resource is not done."""
    process = subprocess.Popen(
        cdk.command("deploy", *DEPLOY_ALL, "--app", str(assembly)),
        cwd=cdk.home,
        env=cdk.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    cloudformation = cdk.emulator.client("cloudformation")

    def slow_one_is_being_made() -> bool:
        if status_of(cdk.emulator) in {"none", "REVIEW_IN_PROGRESS"}:
            return False
        events = cloudformation.describe_stack_events(StackName="Slow")["StackEvents"]
        newest = events[0]
        return bool(newest["LogicalResourceId"] == "Slow" and newest["ResourceStatus"].endswith("_IN_PROGRESS")) and (
            newest["ResourceType"] == "AWS::CloudFormation::CustomResource"
        )

    wait_until(slow_one_is_being_made)
    return process


ENDPOINT_TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"Service": "sagemaker.amazonaws.com"},
                            "Action": "sts:AssumeRole",
                        }
                    ],
                }
            },
        },
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": {"Fn::GetAtt": ["Role", "Arn"]},
                "PrimaryContainer": {"Image": SLOW_IMAGE},
            },
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {
                "ProductionVariants": [
                    {
                        "VariantName": "All",
                        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
                        "InitialInstanceCount": 1,
                        "InitialVariantWeight": 1,
                        "InstanceType": "ml.m5.large",
                    }
                ]
            },
        },
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
        },
    }
}


NEVER_MADE = """
import json, pathlib, urllib.request

def handler(event, context):
    with pathlib.Path(event["ResourceProperties"]["Told"]).open("a") as told:
        told.write(event["RequestType"] + " " + event.get("PhysicalResourceId", "") + "\\n")
    if event["RequestType"] == "Delete":
        answer = {name: event[name] for name in ("PhysicalResourceId", "StackId", "RequestId", "LogicalResourceId")}
        body = json.dumps({"Status": "SUCCESS", **answer}).encode()
        urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], data=body, method="PUT")).close()
"""


def custom_template(told: Path) -> dict[str, Any]:
    """A bucket, and a custom resource after it whose function begins to make it and does not say so."""
    code = {"ZipFile": NEVER_MADE}
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "interrupted"}},
            "Role": ENDPOINT_TEMPLATE["Resources"]["Role"],
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Code": code,
                    "Handler": "index.handler",
                    "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Runtime": "python3.13",
                },
            },
            "Work": {
                "Type": "Custom::Work",
                "Properties": {
                    "ServiceToken": {"Fn::GetAtt": ["Function", "Arn"]},
                    "Told": str(told),
                    "Bucket": {"Ref": "Bucket"},
                },
            },
        }
    }


def test_work_of_a_nested_stack_that_was_interrupted_is_ended_before_its_bucket_goes(
    own_emulator: RunningEmulator, tmp_path: Path
) -> None:
    """As CloudFormation cancels what is in progress: by an id of its own where the function had told none.

    Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
    """
    told = tmp_path / "told"
    s3, cloudformation = own_emulator.start().client("s3"), own_emulator.client("cloudformation")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="inner.json", Body=json.dumps(custom_template(told)))
    nested = {
        "Type": "AWS::CloudFormation::Stack",
        "Properties": {"TemplateURL": f"{own_emulator.url}/templates/inner.json"},
    }
    cloudformation.create_stack(StackName="Outer", TemplateBody=json.dumps({"Resources": {"Inner": nested}}))
    wait_until(told.exists)  # what a function was told is known to its stack by then, whenever the emulator is killed
    own_emulator.kill()
    own_emulator.start()
    wait_until(lambda: status_of(own_emulator, "Outer") == "ROLLBACK_COMPLETE")
    [created, deleted] = told.read_text().splitlines()
    assert created == "Create "
    assert re.fullmatch(r"Delete Outer-Inner-[0-9a-f-]+-Work-[A-Z0-9]{12}", deleted)
    assert "interrupted" not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}

    def events(stack: str) -> list[tuple[str, str, str]]:
        newest_first = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
        return [
            (each["LogicalResourceId"], each["ResourceStatus"], each.get("ResourceStatusReason", ""))
            for each in reversed(newest_first)
        ]

    outer = events("Outer")
    assert outer[outer.index(("Inner", "CREATE_FAILED", "Resource creation cancelled")) :] == [
        ("Inner", "CREATE_FAILED", "Resource creation cancelled"),
        ("Outer", "ROLLBACK_IN_PROGRESS", "The emulator stopped before the operation was complete."),
        ("Inner", "DELETE_IN_PROGRESS", ""),
        ("Inner", "DELETE_COMPLETE", ""),
        ("Outer", "ROLLBACK_COMPLETE", "Rollback complete"),
    ]
    inner = next(
        each["PhysicalResourceId"]
        for each in cloudformation.describe_stack_events(StackName="Outer")["StackEvents"]
        if each["LogicalResourceId"] == "Inner" and each.get("PhysicalResourceId")
    )
    assert ("Work", "CREATE_FAILED", "Resource creation cancelled") in events(inner)


def test_an_endpoint_whose_stack_was_interrupted_is_gone_when_the_stack_is_rolled_back(
    own_emulator: RunningEmulator,
) -> None:
    own_emulator.start()
    register(own_emulator, serve=[sys.executable, "-c", "import time; time.sleep(600)"])
    sagemaker = own_emulator.client("sagemaker")
    own_emulator.client("cloudformation").create_stack(StackName="Slow", TemplateBody=json.dumps(ENDPOINT_TEMPLATE))
    wait_until(lambda: bool(sagemaker.list_endpoints()["Endpoints"]))
    wait_until_saved(own_emulator)
    assert status_of(own_emulator) == "CREATE_IN_PROGRESS", own_emulator.settings.log_file.read_text()
    own_emulator.kill()
    own_emulator.start()
    wait_until(lambda: status_of(own_emulator) == "ROLLBACK_COMPLETE")
    events = own_emulator.client("cloudformation").describe_stack_events(StackName="Slow")["StackEvents"]
    of_endpoint = [each["ResourceStatus"] for each in events if each["LogicalResourceId"] == "Endpoint"]
    assert of_endpoint == ["DELETE_COMPLETE", "DELETE_IN_PROGRESS", "CREATE_FAILED", "CREATE_IN_PROGRESS"]
    assert sagemaker.list_endpoints()["Endpoints"] == []
    assert sagemaker.list_endpoint_configs()["EndpointConfigs"] == []
    assert sagemaker.list_models()["Models"] == []
    assert own_emulator.client("iam").list_roles()["Roles"] == []


def test_a_stack_operation_outlives_a_sigkill_in_the_moment_it_is_acknowledged(own_emulator: RunningEmulator) -> None:
    cloudformation, sagemaker = own_emulator.client("cloudformation"), own_emulator.client("sagemaker")
    resources = {name: ENDPOINT_TEMPLATE["Resources"][name] for name in ("Role", "Model")}

    def kill() -> None:
        own_emulator.kill()
        own_emulator.start()
        wait_until(lambda: not status_of(own_emulator).endswith("_IN_PROGRESS"))

    own_emulator.start()
    register(own_emulator, serve=["true"])
    cloudformation.create_stack(StackName="Slow", TemplateBody=json.dumps({"Resources": resources}))
    kill()
    made = status_of(own_emulator)
    assert made in {"ROLLBACK_COMPLETE", "CREATE_COMPLETE"}
    assert len(sagemaker.list_models()["Models"]) == (made == "CREATE_COMPLETE")

    cloudformation.create_stack(StackName="Whole", TemplateBody=json.dumps({"Resources": resources}))
    wait_until(lambda: status_of(own_emulator, "Whole") == "CREATE_COMPLETE")
    kill()
    assert status_of(own_emulator, "Whole") == "CREATE_COMPLETE"

    for stack in ("Whole", "Slow"):
        cloudformation.delete_stack(StackName=stack)
    kill()
    wait_until(lambda: {status_of(own_emulator, stack) for stack in ("Whole", "Slow")} <= {"none", "DELETE_COMPLETE"})
    assert sagemaker.list_models()["Models"] == []
    assert own_emulator.client("iam").list_roles()["Roles"] == []


@pytest.mark.skipif(not namespaces_allowed(), reason="several hosts need Linux namespaces")
def test_no_host_of_a_training_job_outlives_a_sigkill_and_the_job_is_failed(own_emulator: RunningEmulator) -> None:
    own_emulator.start()
    mark = f"sleeper-{os.getpid()}-{time.time_ns()}"
    register(own_emulator, train=[sys.executable, "-c", "import time; time.sleep(600)", mark])
    own_emulator.client("iam").create_role(RoleName="train", AssumeRolePolicyDocument=TRUST)
    own_emulator.client("s3").create_bucket(Bucket="models")
    sagemaker = own_emulator.client("sagemaker")
    sagemaker.create_training_job(
        TrainingJobName="two-hosts",
        RoleArn="arn:aws:iam::000000000000:role/train",
        AlgorithmSpecification={"TrainingImage": SLOW_IMAGE, "TrainingInputMode": "File"},
        OutputDataConfig={"S3OutputPath": "s3://models/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )

    def hosts() -> list[psutil.Process]:
        """The outermost process of each host, and all that is in it."""
        return [each for each in psutil.process_iter(["cmdline", "name"]) if mark in (each.info["cmdline"] or [])]

    wait_until(lambda: len([each for each in hosts() if "python" in each.info["name"]]) == 2)
    own_emulator.kill()
    wait_until(lambda: not hosts())
    own_emulator.start()

    def job() -> Any:
        return sagemaker.describe_training_job(TrainingJobName="two-hosts")

    wait_until(lambda: job()["TrainingJobStatus"] == "Failed")
    assert job()["FailureReason"].startswith("InternalServerError: the emulator ended while the job was running")
    assert hosts() == []


@pytest.mark.timeout(600)
def test_a_deployment_goes_on_after_the_emulator_or_the_cli_was_killed_half_way(
    own_emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def synthesized(name: str) -> Path:
        monkeypatch.setenv("UNTIL", str(tmp_path / name))
        made = runpy.run_path(str(APPS / "slow.py"))["app"].outdir
        return Path(shutil.move(made, tmp_path / f"assembly-{name}"))

    home = tmp_path / "home"
    home.mkdir()
    cdk = Cdk(own_emulator.start(), home)
    bootstrap(Target(TargetName.LOCAL, Project(home, own_emulator.settings)), REGION)
    quick, slow, other, last = (synthesized(name) for name in ("quick", "slow", "other", "last"))
    (tmp_path / "quick").touch()

    # A first deployment, killed with the emulator.
    process = begin_deployment(cdk, slow)
    wait_until_saved(own_emulator)
    own_emulator.kill()
    process.kill()
    process.wait()
    own_emulator.start()
    wait_until(lambda: status_of(own_emulator) == "ROLLBACK_COMPLETE")
    cdk.deploy(quick)
    assert status_of(own_emulator) == "CREATE_COMPLETE"

    # An update, killed with the emulator: rolled back, then done.
    process = begin_deployment(cdk, slow)
    wait_until_saved(own_emulator)
    own_emulator.kill()
    process.kill()
    process.wait()
    own_emulator.start()
    wait_until(lambda: status_of(own_emulator) == "UPDATE_ROLLBACK_COMPLETE")
    (tmp_path / "slow").touch()
    cdk.deploy(slow)
    assert status_of(own_emulator) == "UPDATE_COMPLETE"

    # An update whose CLI was interrupted goes on without it.
    process = begin_deployment(cdk, other)
    process.send_signal(signal.SIGINT)
    process.wait()
    assert status_of(own_emulator) == "UPDATE_IN_PROGRESS"
    (tmp_path / "other").touch()
    wait_until(lambda: status_of(own_emulator) == "UPDATE_COMPLETE")
    assert "no changes" in cdk.deploy(other)

    # An update during which the emulator is stopped in order: it ends all the same, and rolls back when it is back.
    process = begin_deployment(cdk, last)
    wait_until_saved(own_emulator)
    own_emulator.stop()
    process.kill()
    process.wait()
    own_emulator.start()
    wait_until(lambda: status_of(own_emulator) == "UPDATE_ROLLBACK_COMPLETE")

    cdk.destroy(other)
    assert status_of(own_emulator) == "none"
    assert "slow-bucket" not in {bucket["Name"] for bucket in own_emulator.client("s3").list_buckets()["Buckets"]}
