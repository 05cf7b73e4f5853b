"""A kind of job that the house does not know is a folder, and a line in the list of the handlers; nothing else."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aws_cdk import Stack, Tags
from aws_cdk.assertions import Template
from sagecraft_constructs import InvalidProps, JobRealization, TrainingInput
from sagecraft_constructs.handlers import job as functions
from sagecraft_constructs.handlers import kinds
from sagecraft_constructs.handlers.error import JobError

from tests.constructs.handlers.sagemaker_server import SageMakerServer, clients_of, sagemaker_server
from tests.constructs.job.test_realization import joined
from tests.constructs.stack import make_bucket, make_stack, resources
from tests.constructs.template_checks import assert_clean

from . import handler
from .job import LabelingJob

WORKTEAM = "arn:aws:sagemaker:us-east-1:123456789012:workteam/private-crowd/us"
LABELS = "labels/pictures/output.manifest"


def make_labeling(stack: Stack, **props: Any) -> LabelingJob:
    bucket = make_bucket(stack)
    pictures = TrainingInput(bucket=bucket, prefix="pictures/")
    given = {"objects": pictures, "output_bucket": bucket, "workteam_arn": WORKTEAM, "name_prefix": "pictures"}
    return LabelingJob(stack, "Labeling", **{**given, **props})


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerServer]:
    monkeypatch.setattr(kinds, "KINDS", (*kinds.KINDS, handler.LabelingJob()))
    with sagemaker_server() as running, clients_of(running, monkeypatch):
        yield running


def event(stack: Stack, **more: Any) -> dict[str, Any]:
    """What CloudFormation calls the functions with for the job of a stack."""
    (properties,) = resources(stack, "Custom::SageMakerLabelingJob")
    request = {**properties["Request"], "RoleArn": "arn:aws:iam::123456789012:role/Labeling"}
    request["InputConfig"] = {"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://bucket/pictures/"}}}
    request["OutputConfig"] = {"S3OutputPath": "s3://bucket/labels"}
    request["HumanTaskConfig"] |= {"NumberOfHumanWorkersPerDataObject": "1", "TaskTimeLimitInSeconds": "60"}
    return {
        "RequestType": "Create",
        "ResourceType": "Custom::SageMakerLabelingJob",
        "ResourceProperties": {"Request": request, "NamePrefix": properties["NamePrefix"]},
        "Deadline": time.time() + 60,
        **more,
    }


def test_the_deployment_runs_it_with_the_permissions_that_it_needs() -> None:
    stack = make_stack()
    job = make_labeling(stack)
    Tags.of(stack).add("team", "data")
    (properties,) = resources(stack, "Custom::SageMakerLabelingJob")
    assert properties["NamePrefix"] == "pictures"
    assert properties["Request"]["Tags"] == [{"Key": "team", "Value": "data"}]
    (resource,) = Template.from_stack(stack).find_resources("Custom::SageMakerLabelingJob")
    assert stack.resolve(job.labels_uri) == {"Fn::GetAtt": [resource, "OutputDatasetS3Uri"]}
    policies = json.dumps(resources(stack, "AWS::IAM::Policy"))
    assert "sagemaker:CreateLabelingJob" in policies
    assert ":labeling-job/pictures-*" in policies
    assert "/aws/sagemaker/LabelingJobs" in policies
    assert_clean(stack)


def test_it_is_run_by_hand() -> None:
    stack = make_stack()
    job = make_labeling(stack, realization=JobRealization.BY_HAND)
    (parameter,) = resources(stack, "AWS::SSM::Parameter")
    content = json.loads(joined(parameter["Value"]))
    assert (content["kind"], content["namePrefix"]) == ("LabelingJob", "pictures")
    assert content["request"]["HumanTaskConfig"]["WorkteamArn"] == WORKTEAM
    with pytest.raises(InvalidProps, match="labels_uri: the job is run 'by-hand'"):
        _ = job.labels_uri


def test_it_is_a_step_of_a_pipeline() -> None:
    stack = make_stack()
    job = make_labeling(stack, realization=JobRealization.PIPELINE_STEP)
    arguments = json.loads(joined(stack.resolve(stack.to_json_string({"Arguments": job.request}))))["Arguments"]
    assert arguments["LabelAttributeName"] == "label"
    Template.from_stack(stack).resource_count_is("AWS::StepFunctions::StateMachine", 0)


def test_what_it_cannot_be_declared_with_is_told_at_once() -> None:
    with pytest.raises(InvalidProps, match="LabelingJob 'Stack/Labeling'") as raised:
        make_labeling(make_stack(), workers=10, name_prefix="Pictures")
    assert [problem.partition(":")[0] for problem in raised.value.problems] == ["name_prefix", "workers"]


def test_the_functions_begin_await_and_stop_it(server: SageMakerServer) -> None:
    stack = make_stack()
    make_labeling(stack)
    name = functions.on_event(event(stack), None)["PhysicalResourceId"]
    (request,) = server.called("CreateLabelingJob")
    assert request["LabelingJobName"] == name
    assert request["HumanTaskConfig"]["TaskTimeLimitInSeconds"] == 60
    asked = event(stack, PhysicalResourceId=name)
    assert functions.is_complete(asked, None) == {"IsComplete": False}
    server.jobs[name] |= {
        "LabelingJobStatus": "Completed",
        "LabelingJobOutput": {"OutputDatasetS3Uri": f"s3://bucket/{LABELS}"},
    }
    assert functions.is_complete(asked, None) == {
        "IsComplete": True,
        "Data": {"OutputDatasetS3Uri": f"s3://bucket/{LABELS}"},
    }
    server.objects.add(LABELS)
    assert functions.on_event(event(stack), None)["PhysicalResourceId"] == name
    server.jobs[name]["LabelingJobStatus"] = "Stopped"
    with pytest.raises(JobError, match=f"Labeling job {name} was stopped before it completed"):
        functions.is_complete(asked, None)
