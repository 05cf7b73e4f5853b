"""Objects of S3 that work reads and writes."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from .keys import allow_decrypt, allow_encrypt, grant_decrypt
from .nag import acknowledge_resource_of, acknowledge_resources
from .policy import allow


def allow_read(role: iam.IRole, bucket: s3.IBucket, prefix: str, key: kms.IKey | None = None) -> None:
    """Allows to list and read the objects of a bucket below a prefix.

    Args:
        role: Whose work reads them.
        bucket: Where they are.
        prefix: What their keys begin with.
        key: Encrypts them, where that is not the bucket's own key. Left out, it is.
    """
    _allow_list(role, bucket, prefix)
    _allow_objects(role, bucket, prefix, ["s3:GetObject"])
    if bucket.encryption_key is not None:
        allow_decrypt(role, bucket.encryption_key)
    if key is not None:
        allow_decrypt(role, key)


def allow_write(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    """Allows to write objects of a bucket below a prefix, in parts too."""
    _allow_objects(role, bucket, prefix, ["s3:PutObject", "s3:AbortMultipartUpload"])
    if bucket.encryption_key is not None:
        allow_encrypt(role, bucket.encryption_key)


def allow_delete(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    """Allows to delete objects of a bucket below a prefix."""
    _allow_objects(role, bucket, prefix, ["s3:DeleteObject"])


def allow_look_for_bucket(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    """Allows to ask whether a bucket is there, as the SageMaker SDK does of its default bucket.

    IAM cannot tell that from a list of the whole bucket, so the names of all objects can be seen by it.

    Source: `general_bucket_check_if_user_has_permission` in aws/sagemaker-python-sdk src/sagemaker/session.py

    Args:
        role: Who asks.
        bucket: The bucket.
        prefix: That is the SDK's default, by which it asks, as it is written there: without a `/` at its end.
    """
    allow(role, ["s3:ListBucket"], [bucket.bucket_arn], {"StringEqualsIfExists": {"s3:prefix": prefix}})


def allow_offline_store(
    role: iam.IRole, bucket: s3.IBucket, prefix: str, key: kms.IKey | None, iceberg_tables: Sequence[str]
) -> None:
    """Allows what SageMaker does to keep the records of a feature group.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFeatureStoreAccess.html; its
    last two statements came with tables of Iceberg.

    Args:
        role: What it does that with.
        bucket: Where they go.
        prefix: What their keys begin with.
        key: Encrypts them, where that is not S3's own.
        iceberg_tables: The ARNs of Glue of a table of Iceberg, whose metadata is read and changed; else none.
    """
    _allow_objects(role, bucket, prefix, ["s3:PutObject", "s3:PutObjectAcl"])
    allow(role, ["s3:GetBucketAcl"], [bucket.bucket_arn])
    if key is not None:
        allow_encrypt(role, key)
    if iceberg_tables:
        _allow_objects(role, bucket, prefix, ["s3:GetObject"])
        allow(role, ["glue:GetTable", "glue:UpdateTable"], list(iceberg_tables))
        wide = [each for each in iceberg_tables if "*" in each]
        acknowledge_resources(role, wide, "SageMaker puts the time at which it made the table into its name.")


def grant_read(grantee: iam.IGrantable, bucket: s3.IBucket, pattern: str, key: kms.IKey | None) -> iam.Grant:
    """Allows somebody who is not the work to read what it has left.

    Args:
        grantee: Who.
        bucket: Where it lies.
        pattern: Of the keys of the objects.
        key: Encrypts them, where that is not the bucket's own key.
    """
    grant = bucket.grant_read(grantee, pattern)
    return grant if key is None else grant.combine(grant_decrypt(grantee, key))


def _allow_list(role: iam.IRole, bucket: s3.IBucket, prefix: str) -> None:
    allow(role, ["s3:ListBucket"], [bucket.bucket_arn], {"StringLike": {"s3:prefix": [f"{prefix}*"]}})
    allow(role, ["s3:GetBucketLocation"], [bucket.bucket_arn])


def _allow_objects(role: iam.IRole, bucket: s3.IBucket, prefix: str, actions: list[str]) -> None:
    allow(role, actions, [bucket.arn_for_objects(f"{prefix}*")])
    acknowledge_resource_of(
        role,
        bucket,
        bucket.bucket_arn,
        f"/{prefix}*",
        "The names of the objects are only known once the work has run; the prefix holds nothing but them.",
    )
