"""Batch transform jobs as boto3 sees them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:transform-job/job"


def request(
    source: dict[str, Any] | None = None, output: dict[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    s3 = {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}
    return {
        "TransformJobName": "job",
        "ModelName": "model",
        "TransformInput": {"DataSource": {"S3DataSource": s3}, **(source or {})},
        "TransformOutput": {"S3OutputPath": "s3://bucket/out", **(output or {})},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        **members,
    }


def refused(control_plane: ControlPlane, **members: Any) -> str:
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_transform_job(**request(**members))
    not_done = "this emulator" in raised.value.response["Error"]["Message"]
    answer = raised.value.response["Error"]["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert answer == (("NotImplemented", 501) if not_done else ("ValidationException", 400))
    assert control_plane.training_jobs.started == []
    return str(raised.value.response["Error"]["Message"])


def test_a_created_job_is_described_with_what_was_asked_and_the_defaults(control_plane: ControlPlane) -> None:
    client = control_plane.client
    control_plane.make_model()
    experiment = {"ExperimentName": "survival", "TrialName": "first"}
    client.create_experiment(ExperimentName="survival")
    client.create_trial(**experiment)
    created = client.create_transform_job(**request(MaxPayloadInMB=2, ExperimentConfig=experiment))
    assert created["TransformJobArn"] == ARN
    job = client.describe_transform_job(TransformJobName="job")
    assert (job["ModelName"], job["MaxPayloadInMB"], job["TransformJobStatus"]) == ("model", 2, "InProgress")
    assert (job["TransformInput"]["SplitType"], job["TransformInput"]["CompressionType"]) == ("None", "None")
    assert (job["TransformOutput"]["AssembleWith"], job["TransformOutput"]["KmsKeyId"]) == ("None", "")
    assert job["ExperimentConfig"] == experiment
    assert job["DataProcessing"] == {"InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"}
    assert not {"FailureReason", "TransformStartTime", "TransformEndTime"} & job.keys()
    [summary] = client.list_transform_jobs()["TransformJobSummaries"]
    assert (summary["TransformJobName"], summary["TransformJobStatus"]) == ("job", "InProgress")
    client.stop_transform_job(TransformJobName="job")
    assert control_plane.training_jobs.stopped == ["job"]


def test_a_model_that_there_is_not_is_refused(control_plane: ControlPlane) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/model"
    assert refused(control_plane) == f'Could not find model "{arn}".'


@pytest.mark.parametrize(
    ("members", "message"),
    [
        (
            {"DataCaptureConfig": {"DestinationS3Uri": "s3://bucket/captured"}},
            "DataCaptureConfig is not supported by this emulator; leave it out.",
        ),
        (
            {"source": {"DataSource": {"S3DataSource": {"S3DataType": "Converse", "S3Uri": "s3://bucket/in"}}}},
            "S3DataType 'Converse' is not supported by this emulator in transform jobs; use ManifestFile or S3Prefix.",
        ),
        ({"MaxPayloadInMB": 101}, "MaxPayloadInMB is 101; it must be at most 100"),
        ({"MaxPayloadInMB": 6, "MaxConcurrentTransforms": 20}, "6 = 120; it must be at most 100"),
        (
            {"DataProcessing": {"InputFilter": "features"}, "source": {"ContentType": "text/csv"}},
            "InputFilter is 'features', which is no JSONPath that SageMaker takes: it must begin with '$'",
        ),
        (
            {"DataProcessing": {"JoinSource": "Input"}, "source": {"ContentType": "text/libsvm"}},
            "'text/libsvm'; with DataProcessing it must be one of application/json, application/jsonlines, text/csv",
        ),
        (
            {
                "DataProcessing": {"JoinSource": "Input"},
                "source": {"ContentType": "text/csv"},
                "output": {"Accept": "application/json"},
            },
            "Accept must be the ContentType of the input, 'text/csv'; it is 'application/json'",
        ),
        (
            {
                "DataProcessing": {"JoinSource": "Input"},
                "source": {"ContentType": "text/csv"},
                "output": {"AssembleWith": "Line"},
            },
            "SplitType must be 'Line'; it is 'None'",
        ),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    control_plane.make_model()
    assert message in refused(control_plane, **members)
