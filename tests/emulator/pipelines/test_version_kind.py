"""Versions of pipelines.

`test_pipeline_versioning` in `tests/integ/sagemaker/workflow/test_workflow.py` of
https://github.com/aws/sagemaker-python-sdk has AWS's own: the first is 1, a changed definition is the next, and the
list begins with the last.
"""

import pytest
from sagecraft_emulator.errors import ApiError

from tests.emulator.control_plane import ControlPlane

from .pipeline import Pipelines, definition, fail

ONE, TWO = definition(fail("first", "no")), definition(fail("first", "no"), fail("second", "no"))


def numbers(pipelines: Pipelines, **members: str) -> list[int]:
    listed = pipelines.call("ListPipelineVersions", PipelineName="pipeline", **members)["PipelineVersionSummaries"]
    return [each["PipelineVersionId"] for each in listed]


def test_each_definition_is_a_version(pipelines: Pipelines, control_plane: ControlPlane) -> None:
    pipelines.create(ONE)
    assert numbers(pipelines) == [1]
    client = control_plane.client
    assert client.update_pipeline(PipelineName="pipeline", PipelineDefinition=TWO)["PipelineVersionId"] == 2
    assert client.update_pipeline(PipelineName="pipeline", PipelineDefinition=TWO)["PipelineVersionId"] == 2
    assert client.update_pipeline(PipelineName="pipeline", PipelineDescription="two")["PipelineVersionId"] == 2
    assert client.update_pipeline(PipelineName="pipeline", PipelineDefinition=ONE)["PipelineVersionId"] == 3
    assert numbers(pipelines) == [3, 2, 1]
    assert numbers(pipelines, SortOrder="Ascending") == [1, 2, 3]
    described = client.describe_pipeline(PipelineName="pipeline", PipelineVersionId=2)
    assert (described["PipelineDefinition"], described["PipelineDescription"]) == (TWO, "two")
    assert client.describe_pipeline(PipelineName="pipeline")["PipelineDefinition"] == ONE


def test_one_is_called_and_described_and_found(pipelines: Pipelines, control_plane: ControlPlane) -> None:
    pipelines.create(ONE)
    client = control_plane.client
    arn = client.describe_pipeline(PipelineName="pipeline")["PipelineArn"]
    told = {"PipelineVersionDisplayName": "good", "PipelineVersionDescription": "It fails."}
    changed = client.update_pipeline_version(PipelineArn=arn, PipelineVersionId=1, **told)
    assert (changed["PipelineArn"], changed["PipelineVersionId"]) == (arn, 1)
    assert told.items() <= client.describe_pipeline(PipelineName="pipeline", PipelineVersionId=1).items()
    (listed,) = client.list_pipeline_versions(PipelineName=arn)["PipelineVersionSummaries"]
    assert {**told, "PipelineArn": arn, "PipelineVersionId": 1}.items() <= listed.items()
    assert "LastExecutionPipelineExecutionArn" not in listed


def test_an_execution_is_of_the_last_version_or_of_one_that_is_named(
    pipelines: Pipelines, control_plane: ControlPlane
) -> None:
    pipelines.create(ONE)
    pipelines.call("UpdatePipeline", PipelineName="pipeline", PipelineDefinition=TWO)
    last, first = pipelines.start(), pipelines.start(PipelineVersionId=1)
    assert (pipelines.end(last)["PipelineVersionId"], pipelines.end(first)["PipelineVersionId"]) == (2, 1)
    assert (list(pipelines.steps(last)), list(pipelines.steps(first))) == (["first", "second"], ["first"])
    listed = control_plane.client.list_pipeline_versions(PipelineName="pipeline")["PipelineVersionSummaries"]
    assert [each["LastExecutionPipelineExecutionArn"] for each in listed] == [last, first]
    found = control_plane.client.search(Resource="PipelineVersion")["Results"]
    assert {each["PipelineVersion"]["LastExecutedPipelineExecutionStatus"] for each in found} == {"Failed"}


def test_what_is_not_there_is_said_with_what_is(pipelines: Pipelines) -> None:
    pipelines.create(ONE)
    arn = pipelines.call("DescribePipeline", PipelineName="pipeline")["PipelineArn"]
    for operation, request in (
        ("DescribePipeline", {"PipelineName": "pipeline"}),
        ("UpdatePipelineVersion", {"PipelineArn": arn}),
    ):
        with pytest.raises(ApiError, match=r"has no version 7\. It has: 1\.") as caught:
            pipelines.call(operation, PipelineVersionId=7, **request)
        assert caught.value.code == "ResourceNotFound"
    with pytest.raises(ApiError, match=r"has no version 7\. It has: 1\."):
        pipelines.start(PipelineVersionId=7)
    with pytest.raises(ApiError, match="other' does not exist"):
        pipelines.call("ListPipelineVersions", PipelineName="other")
    with pytest.raises(ApiError, match="other' does not exist"):
        pipelines.call("UpdatePipelineVersion", PipelineArn=arn.replace("/pipeline", "/other"), PipelineVersionId=1)


def test_they_go_with_their_pipeline(pipelines: Pipelines) -> None:
    pipelines.create(ONE)
    pipelines.call("DeletePipeline", PipelineName="pipeline", ClientRequestToken="a" * 32)
    assert list(pipelines.store.each("PipelineVersion")) == []
    pipelines.create(TWO)
    assert numbers(pipelines) == [1]
