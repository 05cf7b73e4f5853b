"""Runs a SageMaker training job as a custom resource of CloudFormation.

`on_event` begins or stops a job, `is_complete` is called until the work has ended. The state of the job stands in
SageMaker alone, so a deployment that was interrupted finds its job again by name.
"""

import time
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import boto3
from botocore.exceptions import ClientError

from .training_job_name import metric_attribute, training_job_name
from .training_job_request import typed_request

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sagemaker.type_defs import DescribeTrainingJobResponseTypeDef

Event = Mapping[str, Any]

# A custom resource ends after an hour; this leaves time to stop the job and to say so.
WAIT_SECONDS: Final = 56 * 60
_ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
_ATTEMPTS: Final = 99
# A role that was made a moment ago cannot be taken on everywhere at once.
_ROLE_TRIES: Final = 12
_ROLE_PAUSE_SECONDS: Final = 5.0


class TrainingJobError(Exception):
    """The job did not complete; CloudFormation shows the message as the reason of its event."""


def on_event(event: Event, _context: object) -> dict[str, Any]:
    """Begins the job of a new or changed definition, or stops the one that is deleted."""
    match event["RequestType"]:
        case "Create":
            return _start(event["ResourceProperties"])
        case "Update":
            new, old = event["ResourceProperties"], event["OldResourceProperties"]
            if _name(new) != _name(old):
                return _start(new)
            name = event["PhysicalResourceId"]
            _change_tags(name, _tags(old), _tags(new))
            return _accepted(name)
        case "Delete":
            _stop(event["PhysicalResourceId"])
            return _accepted(event["PhysicalResourceId"])
        case other:
            raise ValueError(f"unknown RequestType '{other}'")


def is_complete(event: Event, _context: object) -> dict[str, Any]:
    """Says whether the job has ended; the attributes of the resource once it completed.

    Raises:
        TrainingJobError: The job failed, was stopped, is gone or takes longer than a deployment can wait.
    """
    name = event["PhysicalResourceId"]
    job = _describe(name)
    if event["RequestType"] == "Delete":
        return {"IsComplete": job is None or job["TrainingJobStatus"] in _ENDED}
    if job is None:
        raise TrainingJobError(f"Training job {name} no longer exists.")
    match job["TrainingJobStatus"]:
        case "Completed":
            return {"IsComplete": True, "Data": _attributes(job)}
        case "Failed":
            raise TrainingJobError(
                f"Training job {name} failed: {job.get('FailureReason', 'SageMaker gave no reason')}"
            )
        case "Stopped":
            raise TrainingJobError(_why_stopped(job))
    if time.time() > event["Deadline"]:
        _stop(name)
        raise TrainingJobError(
            f"Training job {name} had not ended after {WAIT_SECONDS // 60} minutes, the longest that a deployment can "
            "wait, and was stopped. Train on less data or on a larger instance, or run the job outside of a deployment."
        )
    return {"IsComplete": False}


def _start(properties: Mapping[str, Any]) -> dict[str, Any]:
    request = typed_request(properties["Request"])
    for attempt in range(1, _ATTEMPTS + 1):
        name = _name(properties, attempt)
        job = _describe(name)
        if job is None:
            _create(name, request)
            return _accepted(name)
        if _is_usable(job):
            return _accepted(name)
    raise TrainingJobError(
        f"{_ATTEMPTS} training jobs named {_name(properties)} have failed. Change the definition or its name prefix."
    )


def _accepted(name: str) -> dict[str, Any]:
    return {"PhysicalResourceId": name, "Deadline": time.time() + WAIT_SECONDS}


def _name(properties: Mapping[str, Any], attempt: int = 1) -> str:
    return training_job_name(properties["NamePrefix"], properties["Request"], attempt)


def _describe(name: str) -> "DescribeTrainingJobResponseTypeDef | None":
    try:
        return _sagemaker().describe_training_job(TrainingJobName=name)
    except ClientError as error:
        message = error.response["Error"].get("Message", "")
        if (
            error.response["Error"].get("Code") in {"ValidationException", "ResourceNotFound"}
            and "not found" in message
        ):
            return None
        raise


def _is_usable(job: "DescribeTrainingJobResponseTypeDef") -> bool:
    """Whether a job of the same definition makes a new one needless."""
    match job["TrainingJobStatus"]:
        case "InProgress":
            return True
        case "Completed":
            bucket, _, key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix("s3://").partition("/")
            try:
                listing = _s3().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            except ClientError as error:
                if error.response["Error"].get("Code") == "NoSuchBucket":
                    return False
                raise
            return any(item["Key"] == key for item in listing.get("Contents", []))
        case _:
            return False


def _stop(name: str) -> None:
    job = _describe(name)
    if job is None or job["TrainingJobStatus"] != "InProgress":
        return
    try:
        _sagemaker().stop_training_job(TrainingJobName=name)
    except ClientError as error:
        # It ended between the two calls; whether it did is what is_complete asks next.
        if error.response["Error"].get("Code") != "ValidationException":
            raise


def _why_stopped(job: "DescribeTrainingJobResponseTypeDef") -> str:
    name = job["TrainingJobName"]
    match job["SecondaryStatus"]:
        case "MaxRuntimeExceeded":
            seconds = job["StoppingCondition"].get("MaxRuntimeInSeconds")
            return f"Training job {name} was stopped, because it ran longer than its max_runtime of {seconds} seconds."
        case "MaxWaitTimeExceeded":
            return f"Training job {name} was stopped, because no spot capacity came within its max_wait."
        case _:
            return f"Training job {name} was stopped before it completed."


def _attributes(job: "DescribeTrainingJobResponseTypeDef") -> dict[str, str]:
    metrics = {
        metric_attribute(metric["MetricName"]): str(metric["Value"]) for metric in job.get("FinalMetricDataList", [])
    }
    return {
        "TrainingJobName": job["TrainingJobName"],
        "TrainingJobArn": job["TrainingJobArn"],
        "S3ModelArtifacts": job["ModelArtifacts"]["S3ModelArtifacts"],
        **metrics,
    }


def _tags(properties: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties["Request"].get("Tags", [])}


def _change_tags(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    if old == new:
        return
    job = _describe(name)
    if job is None:
        raise TrainingJobError(f"Training job {name} no longer exists, so its tags cannot change.")
    if removed := sorted(old.keys() - new.keys()):
        _sagemaker().delete_tags(ResourceArn=job["TrainingJobArn"], TagKeys=removed)
    if new:
        _sagemaker().add_tags(
            ResourceArn=job["TrainingJobArn"], Tags=[{"Key": key, "Value": value} for key, value in new.items()]
        )


def _create(name: str, request: Mapping[str, Any]) -> None:
    for remaining in reversed(range(_ROLE_TRIES)):
        try:
            _sagemaker().create_training_job(TrainingJobName=name, **request)
        except ClientError as error:
            new_role = "sts:AssumeRole" in str(error) or error.response["Error"].get("Code") == "AccessDeniedException"
            if remaining == 0 or not new_role:
                raise
            time.sleep(_ROLE_PAUSE_SECONDS)
        else:
            return


@cache
def _sagemaker() -> "SageMakerClient":
    return boto3.client("sagemaker")


@cache
def _s3() -> "S3Client":
    return boto3.client("s3")
