"""What the stacks have in common that go from a dataset to an endpoint."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_s3 as s3
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
from sagecraft_constructs.dataset import Preparation


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
        self.dataset = Dataset(self, "Dataset", bucket=bucket, path=dataset_path, preparation=preparation)

    def _channels(self, folders: Mapping[str, str], content_type: str) -> dict[str, TrainingInput]:
        return {name: self.dataset.channel(folder, content_type=content_type) for name, folder in folders.items()}

    def _serve(self, model: Model, instance_type: InstanceType | None, instance_count: int) -> None:
        self.model = model
        variant = ProductionVariant(model=model, instance_type=instance_type, initial_instance_count=instance_count)
        config = EndpointConfig(self, "EndpointConfig", production_variants=[variant])
        self.endpoint = Endpoint(self, "Endpoint", endpoint_config=config)
        CfnOutput(self, "EndpointName", value=self.endpoint.endpoint_name)
