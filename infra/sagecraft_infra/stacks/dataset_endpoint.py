"""What the stacks have in common that go from a dataset to an endpoint."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs import (
    Dataset,
    Endpoint,
    EndpointConfig,
    InstanceType,
    Model,
    ProductionVariant,
    TrainingInput,
)
from sagecraft_constructs.data.dataset import Preparation

from .exports import check_exports


class DatasetEndpointStack(Stack):
    """A dataset, and the endpoint that serves what a job made of it; a subclass declares the job.

    They stand in one stack because each follows from the one before: another dataset is another job, another model and
    another endpoint configuration, which the endpoint moves to.

    Attributes:
        dataset: The dataset.
        model: The model.
        endpoint: The endpoint.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        dataset_path: str | Path,
        preparation: Preparation | None,
        description: str,
        env: Environment | None,
    ) -> None:
        super().__init__(scope, id, env=env, description=description)
        check_exports(self)
        self.dataset = Dataset(self, "Dataset", bucket=bucket, path=dataset_path, preparation=preparation)

    def _channels(self, folders: Mapping[str, str], content_type: str) -> dict[str, TrainingInput]:
        return {name: self.dataset.channel(folder, content_type=content_type) for name, folder in folders.items()}

    def _serve(
        self,
        model: Model,
        instance_type: InstanceType | None,
        instance_count: int,
        *,
        volume_key: kms.IKey | None,
        alarm_topic: sns.ITopic | None,
    ) -> None:
        self.model = model
        variant = ProductionVariant(model=model, instance_type=instance_type, initial_instance_count=instance_count)
        config = EndpointConfig(self, "EndpointConfig", production_variants=[variant], volume_key=volume_key)
        self.endpoint = Endpoint(self, "Endpoint", endpoint_config=config)
        CfnOutput(self, "EndpointName", value=self.endpoint.endpoint_name)
        if alarm_topic is not None:
            self._alarm(alarm_topic)

    def _alarm(self, topic: sns.ITopic) -> None:
        alarm = cloudwatch.Alarm(
            self,
            "ErrorsAlarm",
            alarm_description=f"The endpoint of {self.stack_name} failed to answer an invocation",
            metric=self.endpoint.metric_invocation_5xx_errors(),
            threshold=0,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            # Nobody asked.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        alarm.add_alarm_action(actions.SnsAction(topic))
