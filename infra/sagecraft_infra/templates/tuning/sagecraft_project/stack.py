"""From the passengers to the endpoint of the best model."""

from aws_cdk import CfnOutput, Environment, RemovalPolicy, Stack
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    ContinuousRange,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    InstanceType,
    IntegerRange,
    Model,
    Objective,
    ProductionVariant,
    Scaling,
    TuningJob,
)

from .features import DATA, prepare
from .settings import Settings


class SagecraftProjectStack(Stack):
    """A bucket, the passengers in it, the tuning job that reads them, and the endpoint of its best model.

    Attributes:
        tuning_job: The job. Other data or ranges are another job, which the next deployment runs.
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
        super().__init__(scope, id, env=env, description="A tuning job, and the endpoint that serves its best model")
        removal_policy = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
        bucket = DataBucket(self, "Bucket", removal_policy=removal_policy)
        dataset = Dataset(self, "Passengers", bucket=bucket, path=DATA, preparation=prepare)
        container = AlgorithmImage(name="xgboost", version="3.2-0")
        self.tuning_job = TuningJob(
            self,
            "TuningJob",
            container=container,
            inputs={
                "train": dataset.channel("train", content_type="text/csv"),
                "validation": dataset.channel("validation", content_type="text/csv"),
            },
            output_bucket=bucket,
            objective=Objective.maximize("validation:auc"),
            ranges={
                "eta": ContinuousRange(0.02, 0.5, Scaling.LOGARITHMIC),
                "max_depth": IntegerRange(2, 8),
            },
            hyperparameters={"objective": "binary:logistic", "num_round": 20, "eval_metric": "auc", "seed": 0},
            max_jobs=settings.max_jobs,
            max_parallel_jobs=settings.max_parallel_jobs,
            random_seed=0,
            instance_type=InstanceType.of(settings.training_instance_type),
        )
        model = Model(self, "Model", container=container, model_data=self.tuning_job.model_data)
        variant = ProductionVariant(
            model=model,
            instance_type=InstanceType.of(settings.hosting_instance_type),
            initial_instance_count=settings.hosting_instance_count,
        )
        config = EndpointConfig(self, "EndpointConfig", production_variants=[variant])
        self.endpoint = Endpoint(self, "Endpoint", endpoint_config=config)

        CfnOutput(self, "TuningJobName", value=self.tuning_job.tuning_job_name)
        CfnOutput(self, "ValidationAuc", value=self.tuning_job.best_objective_value)
        CfnOutput(self, "EndpointName", value=self.endpoint.endpoint_name)
