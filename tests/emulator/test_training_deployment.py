"""A job and an endpoint of the construct library, deployed for real: new, unchanged, changed, failing, destroyed."""

from typing import Any

import pytest

from .conftest import APPS, Cdk, RunningEmulator

pytestmark = pytest.mark.slow

APP = APPS / "training.py"
STACK = "Training"


def outputs(emulator: RunningEmulator) -> dict[str, str]:
    (stack,) = emulator.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def jobs(emulator: RunningEmulator) -> set[str]:
    listed: list[dict[str, Any]] = emulator.client("sagemaker").list_training_jobs(NameContains="deployed")[
        "TrainingJobSummaries"
    ]
    return {job["TrainingJobName"] for job in listed}


@pytest.mark.timeout(900)
def test_a_training_stack_is_deployed_left_alone_changed_refused_and_destroyed(
    emulator: RunningEmulator, cdk: Cdk
) -> None:
    sagemaker, runtime = emulator.client("sagemaker"), emulator.client("sagemaker-runtime")

    first = cdk.synth(APP)
    cdk.deploy(first)
    trained = outputs(emulator)
    job = sagemaker.describe_training_job(TrainingJobName=trained["JobName"])
    assert job["TrainingJobStatus"] == "Completed"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == trained["S3ModelArtifacts"]
    assert float(trained["ValidationAuc"]) > 0.9
    assert {"Key": "team", "Value": "data"} in sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    answer = runtime.invoke_endpoint(EndpointName="deployed", ContentType="text/csv", Body=b"1.0,2\n0.0,2\n")
    likely, unlikely = (float(each) for each in answer["Body"].read().replace(b"\n", b",").strip(b",").split(b","))
    assert likely > 0.5 > unlikely

    assert "no changes" in cdk.deploy(cdk.synth(APP))
    assert jobs(emulator) == {trained["JobName"]}

    config = sagemaker.describe_endpoint(EndpointName="deployed")["EndpointConfigName"]
    cdk.deploy(cdk.synth(APP, ROUNDS="6"))
    changed = outputs(emulator)
    assert jobs(emulator) == {trained["JobName"], changed["JobName"]}
    assert changed["JobName"] != trained["JobName"]
    endpoint = sagemaker.describe_endpoint(EndpointName="deployed")
    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] != config

    refused = cdk.deploy(cdk.synth(APP, LABEL="seven"), check=False)
    events = emulator.client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
    reasons = [event["ResourceStatusReason"] for event in events if "failed: " in event.get("ResourceStatusReason", "")]
    assert reasons, refused
    failed = next(iter(jobs(emulator) - {trained["JobName"], changed["JobName"]}))
    reason = sagemaker.describe_training_job(TrainingJobName=failed)["FailureReason"]
    assert f"Training job {failed} failed: {reason}" in reasons[0]
    assert outputs(emulator)["JobName"] == changed["JobName"]
    assert sagemaker.describe_endpoint(EndpointName="deployed")["EndpointStatus"] == "InService"

    buckets = emulator.client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets if bucket["Name"].startswith("trainingdata-")]
    cdk.destroy(first)
    buckets = emulator.client("s3").list_buckets()["Buckets"]
    assert not [bucket["Name"] for bucket in buckets if bucket["Name"].startswith("trainingdata-")]
    assert sagemaker.list_endpoints(NameContains="deployed")["Endpoints"] == []
