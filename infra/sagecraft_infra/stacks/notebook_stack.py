"""A notebook instance to look at the data with."""

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import InstanceType, NotebookInstance


class NotebookStack(Stack):
    """A notebook instance that may read a bucket, and stops by itself when nobody works.

    Attributes:
        notebook_instance: The instance.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        instance_type: InstanceType | None = None,
        default_code_repository: str | None = None,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            bucket: What the notebooks may read; it may be another stack's.
            instance_type: Left out, the construct's default.
            default_code_repository: The Git repository that Jupyter opens. Left out, there is none.
            env: Account and region. Left out, the template fits any.

        Raises:
            InvalidProps: With every problem of the instance.
        """
        super().__init__(scope, id, env=env, description="A notebook instance that may read the data")
        self.notebook_instance = NotebookInstance(
            self,
            "NotebookInstance",
            instance_type=instance_type,
            default_code_repository=default_code_repository,
            # It stands in SageMaker's own network, where there is no other way to S3.
            direct_internet_access=True,
        )
        self.notebook_instance.allow_read(bucket)
        CfnOutput(self, "NotebookInstanceName", value=self.notebook_instance.notebook_instance_name)
