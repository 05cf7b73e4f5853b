"""Clears the emulator of what is left after the app's own stacks are destroyed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.inventory import BOOTSTRAP_STACK, StackState, stack_state, stack_states
from sagecraft_infra.inventory.settled import GONE, settled_stack
from sagecraft_infra.target import Target

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ObjectIdentifierTypeDef

_DELETE_SECONDS: Final = 120


def delete_other_stacks(target: Target, regions: Sequence[str]) -> list[str]:
    """Deletes the stacks that the app no longer has, the youngest first, for a stack may use an older one's exports.

    Returns:
        Their names.

    Raises:
        WorkFailed: One could not be deleted.
    """
    left = stack_states(target, regions)
    for stack in reversed(left):
        _delete(target, stack)
    return [stack.name for stack in left]


def delete_bootstrap(target: Target, regions: Sequence[str]) -> None:
    """Deletes what bootstrapping made, the bucket and the repository that its stack would keep included.

    Raises:
        WorkFailed: It could not be deleted.
    """
    for region in regions:
        stack = stack_state(target, BOOTSTRAP_STACK, region)
        if stack is None or stack.status == GONE:
            continue
        ecr = target.ecr(region)
        for repository in ecr.describe_repositories()["repositories"]:
            if repository["repositoryName"] == stack.outputs.get("ImageRepositoryName"):
                ecr.delete_repository(repositoryName=repository["repositoryName"], force=True)
        _delete(target, stack)
        s3 = target.s3(region)
        bucket = stack.outputs.get("BucketName")
        if bucket is not None and bucket in bucket_names(s3):
            empty_bucket(s3, bucket)
            s3.delete_bucket(Bucket=bucket)


def bucket_names(s3: "S3Client") -> list[str]:
    """The buckets that there are."""
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def bucket_removal(bucket: str, *, is_versioned: bool) -> str:
    """The command that removes a bucket with all that is in it; `rb --force` leaves what a bucket has of versions.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html
    """
    remove = f"aws s3 rb s3://{bucket} --force"
    if not is_versioned:
        return remove
    every = "{Objects: [Versions, DeleteMarkers][].{Key: Key, VersionId: VersionId}}"
    listed = f"aws s3api list-object-versions --bucket {bucket} --max-items 1000 --query '{every}' --output json"
    return f'aws s3api delete-objects --bucket {bucket} --delete "$({listed})" && {remove}'


def has_versions(page: "ListObjectVersionsOutputTypeDef") -> bool:
    """Whether a page of what is in a bucket has versions of a bucket that keeps them."""
    return any(each["VersionId"] != "null" for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])])


def _delete(target: Target, stack: StackState) -> None:
    target.cloudformation(stack.region).delete_stack(StackName=stack.name)
    if settled_stack(target, stack.name, stack.region, _DELETE_SECONDS).status != GONE:
        raise WorkFailed(
            f"Stack {stack.name} in {stack.region} could not be deleted. "
            f"See why: aws cloudformation describe-stack-events --stack-name {stack.name}"
        )


def empty_bucket(s3: "S3Client", bucket: str) -> None:
    """Deletes every object of a bucket, in all of its versions."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if found:
            s3.delete_objects(
                Bucket=bucket,
                Delete={"Objects": [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]},
            )
    for listed in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys: list[ObjectIdentifierTypeDef] = [{"Key": each["Key"]} for each in listed.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})
