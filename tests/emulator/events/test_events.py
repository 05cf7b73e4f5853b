"""What a rule of EventBridge gets to know of SageMaker: real jobs, real rules, a queue and a function behind them."""

import io
import json
import time
import uuid
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog import algorithm

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator
from tests.emulator.tiny_job import ROLE, TinyJobs

from .rule import Rule

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
FUNCTION = """
import boto3, json, os

def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE_URL"], MessageBody=json.dumps(event["detail"]))
"""


def ended(events: list[dict[str, Any]]) -> bool:
    return bool(events) and events[-1]["detail"]["TrainingJobStatus"] in {"Completed", "Failed", "Stopped"}


def test_each_change_of_a_training_job_is_an_event_in_order(emulator: RunningEmulator, tmp_path: Path) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    rule = Rule(
        emulator,
        {"detail-type": ["SageMaker Training Job State Change"], "detail": {"TrainingJobName": [name]}},
    )
    request = {**TinyJobs(emulator, tmp_path).request(name), "Tags": [{"Key": "team", "Value": "data"}]}
    emulator.client("sagemaker").create_training_job(**request)
    events = rule.events(ended)

    secondary = [event["detail"]["SecondaryStatus"] for event in events]
    assert secondary == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert [event["detail"]["TrainingJobStatus"] for event in events] == ["InProgress"] * 4 + ["Completed"]
    assert len({event["id"] for event in events}) == len(events)
    last = events[-1]
    assert {member: last[member] for member in last.keys() - {"id", "time", "detail"}} == {
        "version": "0",
        "source": "aws.sagemaker",
        "detail-type": "SageMaker Training Job State Change",
        "account": ACCOUNT,
        "region": REGION,
        "resources": [f"{ARN}:training-job/{name}"],
    }
    detail = last["detail"]
    described = emulator.client("sagemaker").describe_training_job(TrainingJobName=name)
    assert detail["Tags"] == {"team": "data"}
    assert detail["ModelArtifacts"] == described["ModelArtifacts"]
    for member in ("CreationTime", "TrainingStartTime", "TrainingEndTime"):
        assert isinstance(detail[member], int)
        assert abs(detail[member] - described[member].timestamp() * 1000) <= 1
    assert isinstance(detail["SecondaryStatusTransitions"][0]["StartTime"], int)
    assert detail.keys() - described.keys() == {"Tags"}


def test_a_pattern_on_the_status_gets_that_status_alone_with_its_reason(
    emulator: RunningEmulator, tmp_path: Path
) -> None:
    prefix = f"failing-{uuid.uuid4().hex[:8]}"
    rule = Rule(emulator, {"detail": {"TrainingJobStatus": ["Failed"], "TrainingJobName": [{"prefix": prefix}]}})
    rule.add_target("gone", f"arn:aws:sqs:{REGION}:{ACCOUNT}:there-is-no-such-queue")
    jobs = TinyJobs(emulator, tmp_path)
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_training_job(**jobs.request(f"{prefix}-works"))
    sagemaker.create_training_job(**jobs.request(f"{prefix}-fails", reason="no bananas left"))
    (event,) = rule.events(ended)
    assert event["detail"]["TrainingJobName"] == f"{prefix}-fails"
    assert "no bananas left" in event["detail"]["FailureReason"]


def test_a_processing_job_is_told(emulator: RunningEmulator, tmp_path: Path) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    rule = Rule(
        emulator, {"detail-type": ["SageMaker Processing Job State Change"], "detail": {"ProcessingJobName": [name]}}
    )
    emulator.client("sagemaker").create_processing_job(**TinyJobs(emulator, tmp_path).processing_request(name))
    events = rule.events(lambda events: len(events) == 2)
    assert [event["detail"]["ProcessingJobStatus"] for event in events] == ["InProgress", "Completed"]
    assert events[1]["resources"] == [f"{ARN}:processing-job/{name}"]


def test_resources_without_a_status_tell_of_their_creation_and_deletion(emulator: RunningEmulator) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    region = "eu-west-1"
    arns = [f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind}/{name}" for kind in ("model", "endpoint-config")]
    rule = Rule(emulator, {"resources": arns}, region)
    sagemaker = emulator.client("sagemaker", region)
    image = algorithm("xgboost").image_uri("1.7-1", region)
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=ROLE,
        PrimaryContainer={"Image": image},
        Tags=[{"Key": "team", "Value": "data"}],
    )
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.delete_endpoint_config(EndpointConfigName=name)
    sagemaker.delete_model(ModelName=name)
    events = rule.events(lambda events: len(events) == 4)
    assert [event["detail-type"] for event in events] == [
        "SageMaker Model State Change",
        "SageMaker Endpoint Config State Change",
        "SageMaker Endpoint Config State Change",
        "SageMaker Model State Change",
    ]
    assert [event["region"] for event in events] == [region] * 4
    assert [event["detail"]["Tags"] for event in events] == [{"team": "data"}, {}, {}, {"team": "data"}]
    assert events[3]["detail"]["PrimaryContainer"]["Image"] == image


def test_an_endpoint_is_told_with_its_status_in_capitals(emulator: RunningEmulator) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    rule = Rule(emulator, {"detail-type": ["SageMaker Endpoint State Change"], "detail": {"EndpointName": [name]}})
    sagemaker = emulator.client("sagemaker")
    image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/nobody-knows:1"
    sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    variant = {"VariantName": "all", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    events = rule.events(lambda events: len(events) == 2)
    sagemaker.delete_endpoint(EndpointName=name)
    events += rule.events(lambda events: len(events) == 1)
    assert [event["detail"]["EndpointStatus"] for event in events] == ["CREATING", "FAILED", "DELETING"]
    assert "nobody-knows" in events[1]["detail"]["FailureReason"]


def test_a_notebook_instance_is_told_without_anybody_asking_for_it(emulator: RunningEmulator) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    rule = Rule(emulator, {"resources": [f"{ARN}:notebook-instance/{name}"]})
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_notebook_instance(NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=ROLE)
    events = rule.events(lambda events: len(events) == 2)
    sagemaker.stop_notebook_instance(NotebookInstanceName=name)
    events += rule.events(lambda events: len(events) == 2)
    sagemaker.delete_notebook_instance(NotebookInstanceName=name)
    events += rule.events(lambda events: len(events) == 1)
    statuses = [event["detail"]["NotebookInstanceStatus"] for event in events]
    assert statuses == ["Pending", "InService", "Stopping", "Stopped", "Deleting"]
    assert {event["detail-type"] for event in events} == {"SageMaker Notebook Instance State Change"}


@pytest.mark.timeout(180)
def test_a_function_gets_the_event(emulator: RunningEmulator) -> None:
    name = f"told-{uuid.uuid4().hex[:8]}"
    rule = Rule(emulator, {"resources": [f"{ARN}:model/{name}"]})
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("index.py", FUNCTION)
    queue_url = emulator.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    function = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"QUEUE_URL": queue_url}},
        Timeout=60,
    )
    rule.add_target("function", function["FunctionArn"])
    image = algorithm("xgboost").image_uri("1.7-1", REGION)
    emulator.client("sagemaker").create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": image})
    messages: list[dict[str, Any]] = []
    deadline = time.monotonic() + 90
    while not messages:
        assert time.monotonic() < deadline, "the function got no event"
        answer = emulator.client("sqs").receive_message(QueueUrl=queue_url, WaitTimeSeconds=2)
        messages = answer.get("Messages", [])
    assert json.loads(messages[0]["Body"])["ModelName"] == name
