"""The AWS clients of the functions, each made once."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sagemaker import SageMakerClient


@cache
def sagemaker() -> "SageMakerClient":
    """SageMaker's."""
    return boto3.client("sagemaker")


@cache
def s3() -> "S3Client":
    """S3's."""
    return boto3.client("s3")


@cache
def ec2() -> Any:
    """EC2's."""
    return boto3.client("ec2")


def change_tags(arn: str, old: Mapping[str, str], new: Mapping[str, str]) -> None:
    """Gives a resource of SageMaker's the tags that it has now in place of those that it had."""
    if removed := sorted(old.keys() - new.keys()):
        sagemaker().delete_tags(ResourceArn=arn, TagKeys=removed)
    if new and new != old:
        sagemaker().add_tags(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in new.items()])


def tags_of(properties: Mapping[str, Any]) -> dict[str, str]:
    """The tags in the request of a custom resource."""
    return {tag["Key"]: tag["Value"] for tag in properties["Request"].get("Tags", [])}


def error_code(error: ClientError) -> str:
    """Such as `ValidationException`; empty where there is none."""
    return error.response["Error"].get("Code", "")


def is_unknown(error: ClientError) -> bool:
    """Whether what was asked for does not exist; most kinds have no code for that, and each its own sentence."""
    match error_code(error):
        case "ResourceNotFound":
            return True
        case "ValidationException":
            message = error.response["Error"].get("Message", "").lower()
            return any(
                words in message for words in ("not found", "recordnotfound", "could not find", "does not exist")
            )
        case _:
            return False


def unless_gone(method: str, **members: str) -> None:
    """Asks SageMaker to delete something by a method of its client; what is gone already is no error."""
    try:
        getattr(sagemaker(), method)(**members)
    except ClientError as error:
        if not is_unknown(error):
            raise


def any_object(uri: str, *, exactly: bool = False) -> bool:
    """Whether there is an object whose URI begins so, or is exactly so; a bucket that is gone holds none."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        listing = s3().list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
    except ClientError as error:
        if error_code(error) == "NoSuchBucket":
            return False
        raise
    return any(item["Key"] == key or not exactly for item in listing.get("Contents", []))
