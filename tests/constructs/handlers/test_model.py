"""The functions that make a model of the best candidate of an AutoML job."""

from collections.abc import Iterator
from typing import Any

import pytest
from sagecraft_constructs.handlers import model as functions
from sagecraft_constructs.handlers.error import JobError

from .sagemaker_server import SageMakerServer, clients_of, sagemaker_server

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/automl:1"
PREPARE = {
    "Image": IMAGE,
    "ModelDataUrl": "s3://bucket/prepare.tar.gz",
    "Environment": {"AUTOML_TRANSFORM_MODE": "feature-transform"},
}
PREDICT = {
    "Image": IMAGE,
    "ModelDataUrl": "s3://bucket/predict.tar.gz",
    "Environment": {"SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,probabilities"},
}
NAME = {
    "Image": IMAGE,
    "ModelDataUrl": "s3://bucket/name.tar.gz",
    "Environment": {"SAGEMAKER_INFERENCE_SUPPORTED": "predicted_label,probability,labels,probabilities"},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerServer]:
    with sagemaker_server() as running, clients_of(running, monkeypatch):
        running.jobs["titanic-1"] = {
            "AutoMLJobName": "titanic-1",
            "BestCandidate": {
                "CandidateName": "best",
                "ObjectiveStatus": "Succeeded",
                "CandidateSteps": [],
                "CandidateStatus": "Completed",
                "CreationTime": 1.0,
                "LastModifiedTime": 1.0,
                "InferenceContainers": [PREPARE, PREDICT, NAME],
            },
        }
        yield running


def event(**properties: Any) -> dict[str, Any]:
    request = {"ExecutionRoleArn": "arn:aws:iam::123456789012:role/Model", "EnableNetworkIsolation": "true"}
    given = {"NamePrefix": "model", "AutoMLJobName": "titanic-1", "InferenceResponseKeys": [], "Request": request}
    return {"RequestType": "Create", "ResourceProperties": {**given, **properties}}


def test_the_model_has_the_containers_of_the_best_candidate(server: SageMakerServer) -> None:
    made = functions.on_event(event(), None)
    (request,) = server.called("CreateModel")
    assert request["Containers"] == [PREPARE, PREDICT, NAME]
    assert request["EnableNetworkIsolation"] is True
    assert made["Data"]["ModelName"] == made["PhysicalResourceId"] == request["ModelName"]
    assert functions.is_complete(event(), None) == {"IsComplete": True}
    server.jobs[made["PhysicalResourceId"]]["ModelArn"] = "arn"
    assert functions.on_event(event(), None) == {**made, "Data": {**made["Data"], "ModelArn": "arn"}}
    assert len(server.called("CreateModel")) == 1


def test_each_container_is_told_what_to_answer_and_what_it_reads(server: SageMakerServer) -> None:
    functions.on_event(event(InferenceResponseKeys=["labels", "probabilities", "predicted_label"]), None)
    (request,) = server.called("CreateModel")
    environments = [each["Environment"] for each in request["Containers"]]
    assert environments[0] == PREPARE["Environment"]
    assert environments[1]["SAGEMAKER_INFERENCE_OUTPUT"] == "probabilities,predicted_label"
    assert "SAGEMAKER_INFERENCE_INPUT" not in environments[1]
    assert environments[2]["SAGEMAKER_INFERENCE_INPUT"] == "probabilities,predicted_label"
    assert environments[2]["SAGEMAKER_INFERENCE_OUTPUT"] == "labels,probabilities,predicted_label"


def test_what_no_candidate_can_answer_fails_with_what_it_can(server: SageMakerServer) -> None:
    with pytest.raises(JobError, match="does not answer probabilty; its inference_response_keys are predicted_label, "):
        functions.on_event(event(InferenceResponseKeys=["probabilty"]), None)
    server.jobs["titanic-1"]["BestCandidate"]["InferenceContainers"] = [PREPARE]
    with pytest.raises(JobError, match="are not to be chosen"):
        functions.on_event(event(InferenceResponseKeys=["labels"]), None)
    del server.jobs["titanic-1"]["BestCandidate"]
    with pytest.raises(JobError, match="AutoML job titanic-1 has no candidate that can be served"):
        functions.on_event(event(), None)


def test_other_tags_are_no_other_model_and_another_job_is_one(server: SageMakerServer) -> None:
    old = event(Request={"Tags": [{"Key": "a", "Value": "1"}]})
    name = functions.on_event(old, None)["PhysicalResourceId"]
    server.jobs[name]["ModelArn"] = "arn:aws:sagemaker:us-east-1:123456789012:model/model"
    changed = {
        **event(Request={"Tags": [{"Key": "b", "Value": "2"}]}),
        "RequestType": "Update",
        "OldResourceProperties": old["ResourceProperties"],
    }
    assert functions.on_event(changed, None)["PhysicalResourceId"] == name
    (removed,), (added,) = server.called("DeleteTags"), server.called("AddTags")
    assert (removed["TagKeys"], added["Tags"]) == (["a"], [{"Key": "b", "Value": "2"}])
    server.jobs["titanic-2"] = server.jobs["titanic-1"]
    assert functions.on_event(event(AutoMLJobName="titanic-2"), None)["PhysicalResourceId"] != name


def test_a_model_is_deleted_once_and_a_second_time_is_no_fault(server: SageMakerServer) -> None:
    deleted = {"RequestType": "Delete", "PhysicalResourceId": "model-1"}
    assert functions.on_event(deleted, None) == {"PhysicalResourceId": "model-1"}
    server.refusals["DeleteModel"] = [("ValidationException", 'Could not find model "model-1".')]
    assert functions.on_event(deleted, None) == {"PhysicalResourceId": "model-1"}
