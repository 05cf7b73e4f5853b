"""The bucket that the other stacks share."""

from aws_cdk import Environment, RemovalPolicy, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import DataBucket

from .exports import check_exports


class DataStack(Stack):
    """A bucket for datasets and model artefacts.

    The bucket alone is what other stacks may import of this one: its name never changes, whereas a dataset's prefix
    does, and CloudFormation does not let a value change that another stack imports.

    Attributes:
        bucket: The bucket.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        encryption_key: kms.IKey | None = None,
        access_logs: s3.IBucket | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            encryption_key: Encrypts the objects; it may be another stack's. Left out, S3's own key does (SSE-S3).
            access_logs: The bucket that S3's access log goes to; it must allow that. Left out, one is made.
            removal_policy: What becomes of the bucket when the stack is destroyed. Left out, it stays.
            env: Account and region. Left out, the template fits any.
        """
        super().__init__(scope, id, env=env, description="The bucket of datasets and model artefacts")
        check_exports(self)
        self.bucket = DataBucket(
            self, "Bucket", encryption_key=encryption_key, access_logs=access_logs, removal_policy=removal_policy
        )
