"""Processing jobs as boto3 sees them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/job"


def request(**members: Any) -> dict[str, Any]:
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}
    return {
        "ProcessingJobName": "job",
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": ROLE,
        "ProcessingResources": {"ClusterConfig": cluster},
        **members,
    }


def an_input(name: str = "data", path: str = "/opt/ml/processing/input/data", **members: Any) -> dict[str, Any]:
    s3 = {"S3Uri": "s3://bucket/data", "LocalPath": path, "S3DataType": "S3Prefix"}
    return {"InputName": name, "S3Input": s3, **members}


def an_output(name: str = "result", path: str = "/opt/ml/processing/output", **members: Any) -> dict[str, Any]:
    s3 = {"S3Uri": "s3://bucket/out", "LocalPath": path, "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "S3Output": s3, **members}


def refused(control_plane: ControlPlane, **members: Any) -> str:
    with pytest.raises(ClientError) as raised:
        control_plane.client.create_processing_job(**request(**members))
    not_done = "this emulator" in raised.value.response["Error"]["Message"]
    answer = raised.value.response["Error"]["Code"], raised.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert answer == (("NotImplemented", 501) if not_done else ("ValidationException", 400))
    assert control_plane.training_jobs.started == []
    return str(raised.value.response["Error"]["Message"])


def test_a_created_job_is_described_with_everything_that_was_asked(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_experiment(ExperimentName="e")
    asked = request(
        ProcessingInputs=[an_input()],
        ProcessingOutputConfig={"Outputs": [an_output()]},
        Environment={"A": "b"},
        ExperimentConfig={"ExperimentName": "e"},
    )
    assert client.create_processing_job(**asked)["ProcessingJobArn"] == ARN
    job = client.describe_processing_job(ProcessingJobName="job")
    for member in asked:
        assert job[member] == asked[member], member
    assert job["ProcessingJobStatus"] == "InProgress"
    assert job["StoppingCondition"] == {"MaxRuntimeInSeconds": 86_400}
    assert not {"NetworkConfig", "FailureReason", "ExitMessage", "ProcessingEndTime"} & job.keys()
    [summary] = client.list_processing_jobs(StatusEquals="InProgress")["ProcessingJobSummaries"]
    assert (summary["ProcessingJobName"], summary["ProcessingJobArn"]) == ("job", ARN)
    assert client.list_processing_jobs(StatusEquals="Failed")["ProcessingJobSummaries"] == []


def test_a_taken_name_is_in_use(control_plane: ControlPlane) -> None:
    control_plane.client.create_processing_job(**request())
    with pytest.raises(control_plane.client.exceptions.ResourceInUse, match=f"a processing job with this name.*{ARN}"):
        control_plane.client.create_processing_job(**request())


def test_a_job_is_stopped_once(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_processing_job(**request())
    client.stop_processing_job(ProcessingJobName="job")
    client.stop_processing_job(ProcessingJobName="job")
    assert control_plane.training_jobs.stopped == ["job"]
    assert client.describe_processing_job(ProcessingJobName="job")["ProcessingJobStatus"] == "Stopping"


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"ProcessingInputs": [an_input(), an_input(path="/opt/ml/processing/b")]}, "given more than once: data"),
        (
            {"ProcessingInputs": [an_input(), an_input("b")]},
            "2 ProcessingInputs have the LocalPath '/opt/ml/processing/",
        ),
        ({"ProcessingInputs": [an_input(path="/etc")]}, "'/etc'; it must begin with /opt/ml/processing/"),
        ({"ProcessingInputs": [an_input(path="/opt/ml/processing/../x")]}, "must begin with /opt/ml/processing/"),
        ({"ProcessingInputs": [{"InputName": "data"}]}, "ProcessingInput 'data' must have an S3Input"),
        ({"ProcessingOutputConfig": {"Outputs": [{"OutputName": "o"}]}}, "Output 'o' must have an S3Output"),
        (
            {
                "ProcessingOutputConfig": {
                    "Outputs": [{"OutputName": "o", "FeatureStoreOutput": {"FeatureGroupName": "g"}}]
                }
            },
            "this emulator has no feature store",
        ),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], message: str
) -> None:
    assert message in refused(control_plane, **members)
