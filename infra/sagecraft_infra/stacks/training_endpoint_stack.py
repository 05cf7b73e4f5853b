"""From a dataset to an endpoint that answers."""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Environment
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_constructs import InstanceType, Model, TrainingContainer, TrainingJob
from sagecraft_constructs.dataset import Preparation
from sagecraft_constructs.hyperparameter import HyperparameterValue

from .dataset_endpoint_stack import DatasetEndpointStack


class TrainingEndpointStack(DatasetEndpointStack):
    """A dataset, the training job that reads it, and the endpoint that serves what came out.

    Attributes:
        training_job: The job.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        bucket: s3.IBucket,
        dataset_path: str | Path,
        channels: Mapping[str, str],
        container: TrainingContainer,
        hyperparameters: Mapping[str, HyperparameterValue],
        preparation: Preparation | None = None,
        content_type: str = "text/csv",
        training_instance_type: InstanceType | None = None,
        hosting_instance_type: InstanceType | None = None,
        hosting_instance_count: int = 1,
        env: Environment | None = None,
    ) -> None:
        """Declares the stack.

        Args:
            scope: The app.
            id: Its name.
            bucket: Where the dataset and the artefacts go; it may be another stack's.
            dataset_path: A file or folder of the project.
            channels: The folder of the dataset for each channel of the job, such as `{"train": "train"}`.
            container: What trains and serves.
            hyperparameters: Of the job.
            preparation: Makes the files that are uploaded out of those at `dataset_path`. Left out, they are
                uploaded as they are.
            content_type: The media type of the files. Left out, CSV.
            training_instance_type: Left out, the construct's default.
            hosting_instance_type: Left out, the construct's default.
            hosting_instance_count: Left out, one.
            env: Account and region. Left out, the template fits any.

        Raises:
            InvalidProps: With every problem of a construct.
            PreparationFailed: The preparation raised, or wrote nothing.
        """
        super().__init__(
            scope,
            id,
            bucket=bucket,
            dataset_path=dataset_path,
            preparation=preparation,
            description="A training job, and the endpoint that serves its model",
            env=env,
        )
        self.training_job = TrainingJob(
            self,
            "TrainingJob",
            container=container,
            inputs=self._channels(channels, content_type),
            output_bucket=bucket,
            hyperparameters=hyperparameters,
            instance_type=training_instance_type,
        )
        model = Model(self, "Model", container=container, model_data=self.training_job.model_data)
        self._serve(model, hosting_instance_type, hosting_instance_count)
        CfnOutput(self, "TrainingJobName", value=self.training_job.training_job_name)
        CfnOutput(self, "ModelArtifacts", value=self.training_job.s3_model_artifacts)
