"""The bucket that holds datasets and model artefacts."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sagecraft_constructs.asked import stack_of
from sagecraft_constructs.permissions.nag import acknowledge
from sagecraft_constructs.prop_kinds import check_props

_DAYS_OF_ACCESS_LOGS = 90
_DAYS_OF_INCOMPLETE_UPLOADS = 7


class DataBucket(s3.Bucket):
    """An S3 bucket that is encrypted, refuses plain HTTP, is closed to the public and logs who reads it.

    It is an `aws_s3.Bucket`, so `grant_*`, `from_bucket_name` and the rest are that class's.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket_name: str | None = None,
        encryption_key: kms.IKey | None = None,
        versioned: bool = False,
        access_logs: s3.IBucket | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
    ) -> None:
        """Declares the bucket.

        Args:
            scope: Where it stands.
            id: Its name there.
            bucket_name: Left out, CloudFormation makes one that never clashes.
            encryption_key: Encrypts the objects; switch on its rotation. Left out, S3's own key does (SSE-S3).
            versioned: Keeps what is overwritten. Left out, it does not: datasets lie under a hash of their content and
                artefacts under the name of their job, so nothing is overwritten.
            access_logs: The bucket that S3's access log goes to; it must allow that. Left out, one is made, which keeps
                the log for 90 days.
            removal_policy: What becomes of the bucket when its stack is deleted. Left out, it stays with what it holds.
                `DESTROY` also deletes the objects, which suits development.
        """
        destroyed = removal_policy == RemovalPolicy.DESTROY
        super().__init__(
            scope,
            id,
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.S3_MANAGED if encryption_key is None else s3.BucketEncryption.KMS,
            encryption_key=encryption_key,
            bucket_key_enabled=None if encryption_key is None else True,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            versioned=versioned,
            removal_policy=removal_policy,
            auto_delete_objects=destroyed,
            lifecycle_rules=[
                s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(_DAYS_OF_INCOMPLETE_UPLOADS))
            ],
        )
        logs = self._own_access_logs(removal_policy, destroyed=destroyed) if access_logs is None else access_logs
        # The bucket's own prop would fall back to ACLs where the app has not set the CDK's flag for bucket policies.
        resource = self.node.default_child
        if not isinstance(resource, s3.CfnBucket):
            raise TypeError(f"the default child of a bucket is {resource!r}, not a CfnBucket")
        resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
            destination_bucket_name=logs.bucket_name, log_file_prefix="access/"
        )

    def _own_access_logs(self, removal_policy: RemovalPolicy, *, destroyed: bool) -> s3.Bucket:
        logs = s3.Bucket(
            self,
            "AccessLogs",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            minimum_tls_version=1.2,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            removal_policy=removal_policy,
            auto_delete_objects=destroyed,
            lifecycle_rules=[
                s3.LifecycleRule(
                    expiration=Duration.days(_DAYS_OF_ACCESS_LOGS),
                    abort_incomplete_multipart_upload_after=Duration.days(_DAYS_OF_INCOMPLETE_UPLOADS),
                )
            ],
        )
        stack = stack_of(self)
        logs.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
                actions=["s3:PutObject"],
                resources=[logs.arn_for_objects("access/*")],
                # The bucket that is logged cannot be named: it refers to this one, so that would be a circle.
                conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
            )
        )
        acknowledge(
            logs, "S1", reason="A bucket that holds access logs has none of its own: they would log themselves."
        )
        return logs
