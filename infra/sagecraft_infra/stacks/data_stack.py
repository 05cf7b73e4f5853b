"""The bucket that the other stacks share."""

from aws_cdk import Environment, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import DataBucket


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
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            removal_policy: What becomes of the bucket when the stack is destroyed. Left out, it stays.
            env: Account and region. Left out, the template fits any.
        """
        super().__init__(scope, id, env=env, description="The bucket of datasets and model artefacts")
        self.bucket = DataBucket(self, "Bucket", removal_policy=removal_policy)
