import time
from collections.abc import Iterator
from typing import Any

import pytest
from sagecraft_constructs.handlers import job as handler
from sagecraft_constructs.handlers.error import JobError
from sagecraft_constructs.handlers.name import job_name

from .sagemaker_server import SageMakerServer, clients_of, sagemaker_server

REQUEST = {
    "AlgorithmSpecification": {"TrainingImage": "image:1", "TrainingInputMode": "File"},
    "RoleArn": "arn:aws:iam::123456789012:role/Training",
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/models"},
    "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": "1", "VolumeSizeInGB": "30"},
    "StoppingCondition": {"MaxRuntimeInSeconds": "1800"},
    "EnableNetworkIsolation": "true",
}
PROPERTIES = {"Request": REQUEST, "NamePrefix": "titanic"}
NAME = job_name("titanic", REQUEST)
ARTEFACT = f"models/{NAME}/output/model.tar.gz"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerServer]:
    with sagemaker_server() as running, clients_of(running, monkeypatch):
        yield running


def event(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "ResourceType": "Custom::SageMakerTrainingJob",
        "ResourceProperties": PROPERTIES,
        "PhysicalResourceId": NAME,
        **more,
    }


def ended(status: str, **more: Any) -> dict[str, Any]:
    return {
        "TrainingJobName": NAME,
        "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{NAME}",
        "TrainingJobStatus": status,
        "SecondaryStatus": status,
        "ModelArtifacts": {"S3ModelArtifacts": f"s3://bucket/{ARTEFACT}"},
        "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
        **more,
    }


def test_create_begins_the_job_with_its_types_given_back(server: SageMakerServer) -> None:
    answer = handler.on_event(event("Create"), None)
    assert answer["PhysicalResourceId"] == NAME
    assert server.called("CreateTrainingJob") == [
        {
            **REQUEST,
            "TrainingJobName": NAME,
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
            "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
            "EnableNetworkIsolation": True,
        }
    ]


def test_an_interrupted_deployment_finds_its_running_job_again(server: SageMakerServer) -> None:
    handler.on_event(event("Create"), None)
    assert handler.on_event(event("Create"), None)["PhysicalResourceId"] == NAME
    assert len(server.called("CreateTrainingJob")) == 1


def test_a_completed_job_whose_artefact_exists_is_reused(server: SageMakerServer) -> None:
    server.jobs[NAME] = ended("Completed")
    server.objects.add(ARTEFACT)
    assert handler.on_event(event("Create"), None)["PhysicalResourceId"] == NAME
    assert server.called("CreateTrainingJob") == []


@pytest.mark.parametrize("status", ["Completed", "Failed", "Stopped", "Stopping"])
def test_a_job_of_no_use_is_followed_by_another_attempt(server: SageMakerServer, status: str) -> None:
    server.jobs[NAME] = ended(status)
    assert handler.on_event(event("Create"), None)["PhysicalResourceId"] == f"{NAME}-2"
    assert [each["TrainingJobName"] for each in server.called("CreateTrainingJob")] == [f"{NAME}-2"]


def test_an_unchanged_definition_runs_nothing(server: SageMakerServer) -> None:
    physical_id = f"{NAME}-2"
    answer = handler.on_event(event("Update", OldResourceProperties=PROPERTIES, PhysicalResourceId=physical_id), None)
    assert answer["PhysicalResourceId"] == physical_id
    assert server.calls == []


def test_changed_tags_reach_the_job_that_ran(server: SageMakerServer) -> None:
    server.jobs[NAME] = ended("Completed")
    old = {**PROPERTIES, "Request": {**REQUEST, "Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "1"}]}}
    new = {**PROPERTIES, "Request": {**REQUEST, "Tags": [{"Key": "b", "Value": "2"}]}}
    answer = handler.on_event(event("Update", ResourceProperties=new, OldResourceProperties=old), None)
    arn = server.jobs[NAME]["TrainingJobArn"]
    assert answer["PhysicalResourceId"] == NAME
    assert server.called("DeleteTags") == [{"ResourceArn": arn, "TagKeys": ["a"]}]
    assert server.called("AddTags") == [{"ResourceArn": arn, "Tags": [{"Key": "b", "Value": "2"}]}]


def test_a_changed_definition_runs_a_new_job(server: SageMakerServer) -> None:
    server.jobs[NAME] = ended("Completed")
    changed = {**REQUEST, "HyperParameters": {"num_round": "20"}}
    answer = handler.on_event(
        event("Update", ResourceProperties={**PROPERTIES, "Request": changed}, OldResourceProperties=PROPERTIES), None
    )
    assert answer["PhysicalResourceId"] == job_name("titanic", changed) != NAME
    assert len(server.called("CreateTrainingJob")) == 1


def test_delete_stops_a_running_job_and_waits_until_it_has_stopped(server: SageMakerServer) -> None:
    handler.on_event(event("Create"), None)
    handler.on_event(event("Delete"), None)
    assert server.called("StopTrainingJob") == [{"TrainingJobName": NAME}]
    assert handler.is_complete(event("Delete"), None) == {"IsComplete": False}
    server.jobs[NAME]["TrainingJobStatus"] = "Stopped"
    assert handler.is_complete(event("Delete"), None) == {"IsComplete": True}


def test_a_creation_that_is_cancelled_stops_the_job_whose_name_cloudformation_never_heard(
    server: SageMakerServer,
) -> None:
    """CloudFormation makes an id up then.

    Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1814
    """
    server.jobs[NAME] = ended("Failed")
    handler.on_event(event("Create"), None)
    cancelled = event("Delete", PhysicalResourceId="Stack-Training-1A2B3C4D5E6F")
    assert handler.on_event(cancelled, None)["PhysicalResourceId"] == "Stack-Training-1A2B3C4D5E6F"
    assert server.called("StopTrainingJob") == [{"TrainingJobName": f"{NAME}-2"}]
    assert handler.is_complete(cancelled, None) == {"IsComplete": False}
    server.jobs[f"{NAME}-2"]["TrainingJobStatus"] = "Stopped"
    assert handler.is_complete(cancelled, None) == {"IsComplete": True}


def test_an_update_that_is_undone_before_its_job_has_ended_stops_that(server: SageMakerServer) -> None:
    server.jobs[NAME] = ended("Completed")
    server.objects.add(ARTEFACT)
    changed = {**PROPERTIES, "Request": {**REQUEST, "HyperParameters": {"num_round": "20"}}}
    handler.on_event(event("Update", ResourceProperties=changed, OldResourceProperties=PROPERTIES), None)
    assert server.called("StopTrainingJob") == []
    undone = handler.on_event(event("Update", OldResourceProperties=changed), None)
    assert undone["PhysicalResourceId"] == NAME
    begun = job_name("titanic", changed["Request"])  # type: ignore[arg-type]
    assert server.called("StopTrainingJob") == [{"TrainingJobName": begun}]


def test_delete_leaves_an_ended_or_unknown_job_alone(server: SageMakerServer) -> None:
    handler.on_event(event("Delete"), None)
    assert handler.is_complete(event("Delete"), None) == {"IsComplete": True}
    server.jobs[NAME] = ended("Completed")
    handler.on_event(event("Delete"), None)
    assert server.called("StopTrainingJob") == []


def test_a_job_that_ends_just_before_it_is_stopped_is_no_error(server: SageMakerServer) -> None:
    handler.on_event(event("Create"), None)
    server.refusals["StopTrainingJob"] = [("ValidationException", "The request was rejected: it is not running.")]
    handler.on_event(event("Delete"), None)


def test_a_completed_job_gives_its_attributes(server: SageMakerServer) -> None:
    metrics = [{"MetricName": "validation:auc", "Value": 0.875, "Timestamp": 1.0}]
    server.jobs[NAME] = ended("Completed", FinalMetricDataList=metrics)
    assert handler.is_complete(event("Create", Deadline=time.time() + 60), None) == {
        "IsComplete": True,
        "Data": {
            "TrainingJobName": NAME,
            "TrainingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{NAME}",
            "S3ModelArtifacts": f"s3://bucket/{ARTEFACT}",
            "Metrics.validation_auc": "0.875",
        },
    }


def test_a_running_job_is_not_complete(server: SageMakerServer) -> None:
    begun = handler.on_event(event("Create"), None)
    assert handler.is_complete(event("Create", **begun), None) == {"IsComplete": False}


@pytest.mark.parametrize(
    ("job", "message"),
    [
        (ended("Failed", FailureReason="ClientError: no rows"), f"Training job {NAME} failed: ClientError: no rows"),
        (ended("Stopped"), f"Training job {NAME} was stopped before it completed."),
        (
            ended("Stopped", SecondaryStatus="MaxRuntimeExceeded"),
            f"Training job {NAME} was stopped, because it ran longer than its max_runtime of 1800 seconds.",
        ),
        (
            ended("Stopped", SecondaryStatus="MaxWaitTimeExceeded"),
            f"Training job {NAME} was stopped, because no spot capacity came within its max_wait.",
        ),
    ],
)
def test_a_job_that_did_not_complete_fails_the_deployment_with_its_reason(
    server: SageMakerServer, job: dict[str, Any], message: str
) -> None:
    server.jobs[NAME] = job
    with pytest.raises(JobError, match=message):
        handler.is_complete(event("Create", Deadline=time.time() + 60), None)


def test_a_job_beyond_the_deadline_is_stopped(server: SageMakerServer) -> None:
    handler.on_event(event("Create"), None)
    with pytest.raises(JobError, match="had not ended after 56 minutes, the longest"):
        handler.is_complete(event("Create", Deadline=time.time() - 1), None)
    assert server.called("StopTrainingJob") == [{"TrainingJobName": NAME}]


def test_a_job_that_is_gone_fails_the_deployment(server: SageMakerServer) -> None:
    with pytest.raises(JobError, match=f"Training job {NAME} no longer exists"):
        handler.is_complete(event("Create", Deadline=time.time() + 60), None)


def test_a_role_that_cannot_be_taken_on_yet_is_tried_again(
    server: SageMakerServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handler, "_ROLE_PAUSE_SECONDS", 0.0)
    refusal = ("ValidationException", "the role does not allow the action 'sts:AssumeRole'")
    server.refusals["CreateTrainingJob"] = [refusal, ("AccessDeniedException", "not authorized"), refusal]
    handler.on_event(event("Create"), None)
    assert len(server.called("CreateTrainingJob")) == 4


def test_another_refusal_is_raised_at_once(server: SageMakerServer) -> None:
    server.refusals["CreateTrainingJob"] = [("ResourceLimitExceeded", "quota 0 for ml.m5.large")]
    with pytest.raises(Exception, match=r"quota 0 for ml\.m5\.large"):
        handler.on_event(event("Create"), None)
    assert len(server.called("CreateTrainingJob")) == 1


def test_an_unknown_request_type_raises() -> None:
    with pytest.raises(ValueError, match="unknown RequestType 'Look'"):
        handler.on_event(event("Look"), None)
