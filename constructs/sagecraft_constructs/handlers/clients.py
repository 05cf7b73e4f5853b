"""The AWS clients of the functions, each made once."""

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


def error_code(error: ClientError) -> str:
    """Such as `ValidationException`; empty where there is none."""
    return error.response["Error"].get("Code", "")


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
