"""Pipelines themselves: created, changed, described, listed, tagged and deleted."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.errors import ApiError

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .pipeline import Pipelines, condition, definition, equal, get, processing, token

TEXT = definition(processing("first"))
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:pipeline"


def test_it_is_created_described_changed_and_deleted(pipelines: Pipelines, control_plane: ControlPlane) -> None:
    client = control_plane.client
    tags = [{"Key": "team", "Value": "a"}]
    made = client.create_pipeline(PipelineName="Mine", PipelineDefinition=TEXT, RoleArn=ROLE, Tags=tags)
    assert made["PipelineArn"] == f"{ARN}/Mine"
    described = client.describe_pipeline(PipelineName=made["PipelineArn"])
    assert described["PipelineStatus"] == "Active"
    assert (described["PipelineDisplayName"], described["PipelineDefinition"]) == ("Mine", TEXT)
    assert described["LastModifiedTime"] == described["CreationTime"]
    assert client.list_tags(ResourceArn=made["PipelineArn"])["Tags"] == tags
    client.update_pipeline(
        PipelineName="Mine", PipelineDescription="changed", ParallelismConfiguration={"MaxParallelExecutionSteps": 1}
    )
    described = client.describe_pipeline(PipelineName="Mine")
    assert (described["PipelineDescription"], described["PipelineDefinition"]) == ("changed", TEXT)
    assert described["LastModifiedTime"] > described["CreationTime"]
    arn = pipelines.start(name="Mine")
    with pytest.raises(ClientError, match="cannot be deleted while executions of it run") as caught:
        client.delete_pipeline(PipelineName="Mine")
    assert caught.value.response["Error"]["Code"] == "ConflictException"
    pipelines.end_job(arn, "first")
    pipelines.end(arn)
    assert client.describe_pipeline(PipelineName="Mine")["LastRunTime"] > described["LastModifiedTime"]
    client.delete_pipeline(PipelineName="Mine")
    with pytest.raises(ClientError, match=f"Pipeline '{ARN}/Mine' does not exist.") as missing:
        client.describe_pipeline(PipelineName="Mine")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFound"
    assert list(pipelines.store.each("PipelineExecutionStep")) == []


def test_a_taken_name_is_refused_as_the_sdk_wants_it_and_the_same_request_is_not(pipelines: Pipelines) -> None:
    request: dict[str, Any] = {
        "PipelineName": "p",
        "PipelineDefinition": TEXT,
        "RoleArn": ROLE,
        "ClientRequestToken": token(),
    }
    made = pipelines.call("CreatePipeline", **request)
    assert pipelines.call("CreatePipeline", **request) == made
    # `Pipeline.upsert` of https://github.com/aws/sagemaker-python-sdk updates by this code and these last words.
    with pytest.raises(ApiError, match=r"already exists") as caught:
        pipelines.call("CreatePipeline", **{**request, "ClientRequestToken": token()})
    assert caught.value.code == "ValidationException"


def test_they_are_listed_by_the_beginning_of_their_names(pipelines: Pipelines) -> None:
    for name in ("train-a", "train-b", "other"):
        pipelines.create(TEXT, name)
    listed = pipelines.call("ListPipelines", PipelineNamePrefix="train", SortBy="Name", SortOrder="Ascending")
    assert [each["PipelineName"] for each in listed["PipelineSummaries"]] == ["train-a", "train-b"]
    assert pipelines.call("ListPipelines", CreatedAfter=4_000_000_000)["PipelineSummaries"] == []


def test_a_definition_is_needed_once(pipelines: Pipelines) -> None:
    request = {"PipelineName": "p", "RoleArn": ROLE, "ClientRequestToken": token()}
    with pytest.raises(ApiError, match=r"Either PipelineDefinition or PipelineDefinitionS3Location must be given."):
        pipelines.call("CreatePipeline", **request)
    place = {"Bucket": "bucket", "ObjectKey": "key"}
    with pytest.raises(ApiError, match=r"Only one of PipelineDefinition and PipelineDefinitionS3Location may be"):
        pipelines.call("CreatePipeline", PipelineDefinition=TEXT, PipelineDefinitionS3Location=place, **request)
    with pytest.raises(ApiError, match="Unable to parse pipeline definition"):
        pipelines.call("CreatePipeline", PipelineDefinition=json.dumps({}), **request)


@pytest.mark.parametrize("kind", ["EMR", "EMRServerless", "ForEach", "Lineage"])
def test_a_step_that_nothing_here_runs_is_refused_when_its_pipeline_comes(pipelines: Pipelines, kind: str) -> None:
    text = definition(
        condition(
            "if", equal(1, 1), [{"Name": "far", "Type": kind, "Arguments": {"Item": get("ForEach.CurrentItem")}}], []
        )
    )
    words = (
        f"nothing that runs steps of type {kind}, and 'far' is one. Run the pipeline on AWS, or put a step of another"
    )
    with pytest.raises(ApiError, match=words) as caught:
        pipelines.create(text)
    assert caught.value.http_status == 501
    pipelines.create(TEXT)
    with pytest.raises(ApiError, match=words):
        pipelines.call("UpdatePipeline", PipelineName="pipeline", PipelineDefinition=text)
    assert pipelines.call("DescribePipeline", PipelineName="pipeline")["PipelineDefinition"] == TEXT
