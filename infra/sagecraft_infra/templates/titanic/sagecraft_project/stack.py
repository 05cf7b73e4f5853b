"""From the passengers to an endpoint that answers."""

from aws_cdk import CfnOutput, Environment, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    InstanceType,
    Model,
    ProductionVariant,
    TrainingJob,
)

from .features import DATA, prepare
from .settings import Settings


class SagecraftProjectStack(Stack):
    """A bucket, the passengers in it, the training job that reads them, and the endpoint that serves its model.

    Attributes:
        training_job: The job. Other data or hyperparameters are another job, which the next deployment runs.
        endpoint: The endpoint.
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
        super().__init__(scope, id, env=env, description="A training job, and the endpoint that serves its model")
        removal_policy = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        bucket = DataBucket(self, "Bucket", removal_policy=removal_policy)
        dataset = Dataset(self, "Passengers", bucket=bucket, path=DATA, preparation=prepare)
        container = AlgorithmImage(name="xgboost", version="3.2-0")
        self.training_job = TrainingJob(
            self,
            "TrainingJob",
            container=container,
            inputs={
                "train": dataset.channel("train", content_type="text/csv"),
                "validation": dataset.channel("validation", content_type="text/csv"),
            },
            output_bucket=bucket,
            hyperparameters={
                "objective": "binary:logistic",
                "num_round": settings.num_round,
                "eta": 0.1,
                "max_depth": 4,
                "eval_metric": "auc,error",
                "seed": 0,
            },
            instance_type=InstanceType.of(settings.training_instance_type),
        )
        model = Model(self, "Model", container=container, model_data=self.training_job.model_data)
        variant = ProductionVariant(
            model=model,
            instance_type=InstanceType.of(settings.hosting_instance_type),
            initial_instance_count=settings.hosting_instance_count,
        )
        config = EndpointConfig(self, "EndpointConfig", production_variants=[variant])
        self.endpoint = Endpoint(self, "Endpoint", endpoint_config=config)

        CfnOutput(self, "TrainingJobName", value=self.training_job.training_job_name)
        CfnOutput(self, "ValidationAuc", value=self.training_job.metric_value("validation:auc"))
        CfnOutput(self, "EndpointName", value=self.endpoint.endpoint_name)
