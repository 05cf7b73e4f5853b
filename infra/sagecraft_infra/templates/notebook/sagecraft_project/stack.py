"""The data, and a notebook instance that may read it."""

from pathlib import Path

from aws_cdk import CfnOutput, Duration, Environment, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import DataBucket, Dataset, InstanceType, LifecycleConfig, NotebookInstance

from .settings import Settings

DATA = Path(__file__).parents[1] / "data"


class SagecraftProjectStack(Stack):
    """A bucket, the passengers in it, and a notebook instance that may read them.

    Attributes:
        notebook_instance: The instance; it stops by itself when nobody works.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        settings: Settings,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            settings: Of the environment.
            env: Account and region. Left out, the template fits any.
        """
        super().__init__(scope, id, env=env, description="A notebook instance that may read the data")
        removal_policy = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        bucket = DataBucket(self, "Bucket", removal_policy=removal_policy)
        dataset = Dataset(self, "Passengers", bucket=bucket, path=DATA)
        idle_stop = LifecycleConfig.idle_stop(self, "IdleStop", idle_time=Duration.minutes(settings.idle_minutes))
        self.notebook_instance = NotebookInstance(
            self,
            "NotebookInstance",
            instance_type=InstanceType.of(settings.instance_type),
            volume_gib=settings.volume_gib,
            lifecycle_config=idle_stop,
            # It stands in SageMaker's own network, where there is no other way to S3.
            direct_internet_access=True,
        )
        self.notebook_instance.allow_read(bucket)

        CfnOutput(self, "Data", value=dataset.s3_uri)
        CfnOutput(self, "NotebookInstanceName", value=self.notebook_instance.notebook_instance_name)
