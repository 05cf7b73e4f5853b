"""The handler on the kinds of jobs other than training jobs, whose tests stand beside these."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from sagecraft_constructs.handlers import job as handler
from sagecraft_constructs.handlers.error import JobError
from sagecraft_constructs.handlers.name import job_name

from .sagemaker_server import SageMakerServer, arn_type, clients_of, sagemaker_server

TUNING: dict[str, Any] = {
    "HyperParameterTuningJobConfig": {
        "Strategy": "Bayesian",
        "ResourceLimits": {
            "MaxNumberOfTrainingJobs": "8",
            "MaxParallelTrainingJobs": "2",
            "MaxRuntimeInSeconds": "2700",
        },
        "TuningJobCompletionCriteria": {"TargetObjectiveMetricValue": "0.95"},
        "ParameterRanges": {"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "3", "MaxValue": "9"}]},
    },
}
TRANSFORM = {
    "ModelName": "model",
    "MaxPayloadInMB": "6",
    "TransformInput": {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/test/"}}},
    "TransformOutput": {"S3OutputPath": "s3://bucket/transform/titanic"},
    "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": "1"},
}
PROCESSING = {
    "ProcessingOutputConfig": {
        "Outputs": [
            {
                "OutputName": name,
                "S3Output": {
                    "S3Uri": f"s3://bucket/processing/titanic/{name}",
                    "LocalPath": f"/opt/ml/processing/output/{name}",
                    "S3UploadMode": "EndOfJob",
                },
            }
            for name in ("train", "test-set")
        ]
    },
    "ProcessingResources": {
        "ClusterConfig": {"InstanceCount": "1", "InstanceType": "ml.m5.large", "VolumeSizeInGB": "30"}
    },
    "StoppingCondition": {"MaxRuntimeInSeconds": "1800"},
    "AppSpecification": {"ImageUri": "image:1"},
    "RoleArn": "arn:aws:iam::123456789012:role/Processing",
}
REQUESTS: dict[str, dict[str, Any]] = {
    "HyperParameterTuningJob": TUNING,
    "TransformJob": TRANSFORM,
    "ProcessingJob": PROCESSING,
}
NAMES = {kind: job_name("titanic", request) for kind, request in REQUESTS.items()}
SPOKEN = {"HyperParameterTuningJob": "Tuning job", "TransformJob": "Transform job", "ProcessingJob": "Processing job"}
EACH_KIND = pytest.mark.parametrize("kind", list(REQUESTS))
BEST_ARTEFACT = "models/titanic-1/output/model.tar.gz"
BEST = {
    "TrainingJobName": "titanic-1",
    "TrainingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:training-job/titanic-1",
    "CreationTime": 1.0,
    "TrainingJobStatus": "Completed",
    "TunedHyperParameters": {"max_depth": "4", "eta-2": "0.1"},
    "FinalHyperParameterTuningJobObjectiveMetric": {"MetricName": "validation:auc", "Value": 0.875},
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SageMakerServer]:
    with sagemaker_server() as running, clients_of(running, monkeypatch):
        yield running


def event(kind: str, request_type: str = "Create", **more: Any) -> dict[str, Any]:
    return {
        "RequestType": request_type,
        "ResourceType": f"Custom::SageMaker{kind}",
        "ResourceProperties": {"Request": REQUESTS[kind], "NamePrefix": "titanic"},
        "PhysicalResourceId": NAMES[kind],
        "Deadline": time.time() + 60,
        **more,
    }


def end(server: SageMakerServer, kind: str, status: str, **more: Any) -> None:
    """Lets the job of a kind begin, and end so."""
    handler.on_event(event(kind), None)
    server.jobs[NAMES[kind]] |= {f"{kind}Status": status, **more}


def end_tuning(server: SageMakerServer) -> None:
    end(server, "HyperParameterTuningJob", "Completed", BestTrainingJob=BEST)
    server.jobs["titanic-1"] = {**BEST, "ModelArtifacts": {"S3ModelArtifacts": f"s3://bucket/{BEST_ARTEFACT}"}}


@EACH_KIND
def test_create_begins_one_job_however_often_it_is_asked(server: SageMakerServer, kind: str) -> None:
    assert handler.on_event(event(kind), None)["PhysicalResourceId"] == NAMES[kind]
    assert handler.on_event(event(kind), None)["PhysicalResourceId"] == NAMES[kind]
    assert len(server.called(f"Create{kind}")) == 1
    assert handler.is_complete(event(kind), None) == {"IsComplete": False}


def test_numbers_of_a_tuning_job_get_their_types_back_and_ranges_stay_strings(server: SageMakerServer) -> None:
    handler.on_event(event("HyperParameterTuningJob"), None)
    (request,) = server.called("CreateHyperParameterTuningJob")
    config = request["HyperParameterTuningJobConfig"]
    assert config["ResourceLimits"] == {
        "MaxNumberOfTrainingJobs": 8,
        "MaxParallelTrainingJobs": 2,
        "MaxRuntimeInSeconds": 2700,
    }
    assert config["TuningJobCompletionCriteria"] == {"TargetObjectiveMetricValue": 0.95}
    assert config["ParameterRanges"] == TUNING["HyperParameterTuningJobConfig"]["ParameterRanges"]


def test_outputs_go_below_the_name_of_their_job(server: SageMakerServer) -> None:
    handler.on_event(event("TransformJob"), None)
    handler.on_event(event("ProcessingJob"), None)
    (transform,) = server.called("CreateTransformJob")
    (processing,) = server.called("CreateProcessingJob")
    assert transform["TransformOutput"] == {"S3OutputPath": f"s3://bucket/transform/titanic/{NAMES['TransformJob']}"}
    assert [each["S3Output"]["S3Uri"] for each in processing["ProcessingOutputConfig"]["Outputs"]] == [
        f"s3://bucket/processing/titanic/{name}/{NAMES['ProcessingJob']}" for name in ("train", "test-set")
    ]


def test_a_completed_tuning_job_gives_its_best(server: SageMakerServer) -> None:
    end_tuning(server)
    name = NAMES["HyperParameterTuningJob"]
    assert handler.is_complete(event("HyperParameterTuningJob"), None)["Data"] == {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:hyper-parameter-tuning-job/{name}",
        "BestTrainingJobName": "titanic-1",
        "BestTrainingJobDefinitionName": "",
        "BestObjectiveMetricName": "validation:auc",
        "BestObjectiveValue": "0.875",
        "S3ModelArtifacts": f"s3://bucket/{BEST_ARTEFACT}",
        "BestHyperParameters.max_depth": "4",
        "BestHyperParameters.eta_2": "0.1",
    }


def test_a_tuning_job_without_a_best_training_job_is_no_success(server: SageMakerServer) -> None:
    end(server, "HyperParameterTuningJob", "Completed")
    with pytest.raises(JobError, match="completed, but none of its training jobs reported the objective metric"):
        handler.is_complete(event("HyperParameterTuningJob"), None)
    again = handler.on_event(event("HyperParameterTuningJob"), None)
    assert again["PhysicalResourceId"] == f"{NAMES['HyperParameterTuningJob']}-2"


def test_a_completed_transform_job_says_where_its_output_is(server: SageMakerServer) -> None:
    end(server, "TransformJob", "Completed")
    data = handler.is_complete(event("TransformJob"), None)["Data"]
    assert data["S3OutputPath"] == f"s3://bucket/transform/titanic/{NAMES['TransformJob']}"


def test_a_completed_processing_job_gives_its_outputs_and_its_exit_message(server: SageMakerServer) -> None:
    end(server, "ProcessingJob", "Completed", ExitMessage="712 rows")
    name = NAMES["ProcessingJob"]
    assert handler.is_complete(event("ProcessingJob"), None)["Data"] == {
        "ProcessingJobName": name,
        "ProcessingJobArn": f"arn:aws:sagemaker:us-east-1:123456789012:processing-job/{name}",
        "ExitMessage": "712 rows",
        "Outputs.train": f"s3://bucket/processing/titanic/train/{name}",
        "Outputs.test_set": f"s3://bucket/processing/titanic/test-set/{name}",
    }


@EACH_KIND
def test_a_completed_job_is_used_again_while_all_of_its_results_exist(server: SageMakerServer, kind: str) -> None:
    if kind == "HyperParameterTuningJob":
        end_tuning(server)
        results = [BEST_ARTEFACT]
    else:
        end(server, kind, "Completed")
        results = {
            "TransformJob": [f"transform/titanic/{NAMES[kind]}/a.csv.out"],
            "ProcessingJob": [f"processing/titanic/{each}/{NAMES[kind]}/a.csv" for each in ("train", "test-set")],
        }[kind]
    server.objects |= set(results)
    assert handler.on_event(event(kind), None)["PhysicalResourceId"] == NAMES[kind]
    server.objects.remove(results[-1])
    assert handler.on_event(event(kind), None)["PhysicalResourceId"] == f"{NAMES[kind]}-2"


@EACH_KIND
def test_a_job_that_failed_or_was_stopped_fails_the_deployment(server: SageMakerServer, kind: str) -> None:
    end(server, kind, "Failed", FailureReason="no rows")
    with pytest.raises(JobError, match=f"^{SPOKEN[kind]} {NAMES[kind]} failed: no rows$"):
        handler.is_complete(event(kind), None)
    server.jobs[NAMES[kind]][f"{kind}Status"] = "Stopped"
    with pytest.raises(JobError, match=f"^{SPOKEN[kind]} {NAMES[kind]} was stopped before it completed.$"):
        handler.is_complete(event(kind), None)


@pytest.mark.parametrize(
    ("kind", "times", "limit"),
    [
        ("HyperParameterTuningJob", {"CreationTime": 1.0, "HyperParameterTuningEndTime": 2702.0}, 2700),
        ("ProcessingJob", {"ProcessingStartTime": 1.0, "ProcessingEndTime": 1802.0}, 1800),
    ],
)
def test_a_job_that_its_limit_stopped_says_so(
    server: SageMakerServer, kind: str, times: dict[str, float], limit: int
) -> None:
    end(server, kind, "Stopped", **times)
    with pytest.raises(JobError, match=f"because it ran longer than its max_runtime of {limit} seconds"):
        handler.is_complete(event(kind), None)


@EACH_KIND
def test_delete_and_the_deadline_stop_a_job(server: SageMakerServer, kind: str) -> None:
    handler.on_event(event(kind), None)
    with pytest.raises(JobError, match=f"{SPOKEN[kind]} {NAMES[kind]} had not ended after 56 minutes"):
        handler.is_complete(event(kind, Deadline=time.time() - 1), None)
    server.jobs[NAMES[kind]][f"{kind}Status"] = "InProgress"
    handler.on_event(event(kind, "Delete"), None)
    assert server.called(f"Stop{kind}") == [{f"{kind}Name": NAMES[kind]}] * 2
    assert handler.is_complete(event(kind, "Delete"), None) == {"IsComplete": False}
    server.jobs[NAMES[kind]][f"{kind}Status"] = "Stopped"
    assert handler.is_complete(event(kind, "Delete"), None) == {"IsComplete": True}


@EACH_KIND
def test_changed_tags_run_nothing(server: SageMakerServer, kind: str) -> None:
    handler.on_event(event(kind), None)
    new = {"Request": {**REQUESTS[kind], "Tags": [{"Key": "team", "Value": "data"}]}, "NamePrefix": "titanic"}
    old = event(kind)["ResourceProperties"]
    handler.on_event(event(kind, "Update", ResourceProperties=new, OldResourceProperties=old), None)
    (tagged,) = server.called("AddTags")
    assert tagged["ResourceArn"] == f"arn:aws:sagemaker:us-east-1:123456789012:{arn_type(kind)}/{NAMES[kind]}"
    assert len(server.called(f"Create{kind}")) == 1


def test_an_unknown_resource_type_raises() -> None:
    with pytest.raises(
        ValueError, match="unknown ResourceType 'Custom::Other'; there are Custom::SageMakerTrainingJob"
    ):
        handler.on_event(event("TransformJob", ResourceType="Custom::Other"), None)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("ResourceNotFound", "No such job."),
        ("ValidationException", "Could not find requested job with name: x"),
    ],
)
def test_each_way_to_say_that_there_is_no_job_is_understood(server: SageMakerServer, code: str, message: str) -> None:
    server.refusals["DescribeProcessingJob"] = [(code, message)]
    handler.on_event(event("ProcessingJob"), None)
    assert len(server.called("CreateProcessingJob")) == 1


def test_another_refusal_of_a_description_is_raised(server: SageMakerServer) -> None:
    server.refusals["DescribeProcessingJob"] = [("ValidationException", "The name is too long.")]
    with pytest.raises(Exception, match=r"The name is too long\."):
        handler.on_event(event("ProcessingJob"), None)
    assert server.called("CreateProcessingJob") == []
