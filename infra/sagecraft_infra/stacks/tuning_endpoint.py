"""From a dataset to the endpoint of the best model that a search finds."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import CfnOutput, Environment
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs import InstanceType, Model, Objective, TrainingContainer, TuningJob, TuningStrategy
from sagecraft_constructs.data.dataset import Preparation
from sagecraft_constructs.training.hyperparameter import HyperparameterValue
from sagecraft_constructs.tuning.range import HyperparameterRange

from .dataset_endpoint import DatasetEndpointStack


class TuningEndpointStack(DatasetEndpointStack):
    """A dataset, the tuning job that reads it, and the endpoint that serves the best model that it found.

    Attributes:
        tuning_job: The job.
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
        objective: Objective,
        ranges: Mapping[str, HyperparameterRange],
        hyperparameters: Mapping[str, HyperparameterValue],
        max_jobs: int,
        max_parallel_jobs: int = 1,
        strategy: TuningStrategy = TuningStrategy.BAYESIAN,
        early_stopping: bool = False,
        random_seed: int | None = None,
        preparation: Preparation | None = None,
        content_type: str = "text/csv",
        training_instance_type: InstanceType | None = None,
        hosting_instance_type: InstanceType | None = None,
        hosting_instance_count: int = 1,
        volume_key: kms.IKey | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        alarm_topic: sns.ITopic | None = None,
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
            objective: What the training jobs are compared by.
            ranges: What is tried out, by hyperparameter.
            hyperparameters: Those that stay the same.
            max_jobs: How many training jobs are begun.
            max_parallel_jobs: How many at once. Left out, one.
            strategy: How the next hyperparameters are chosen. Left out, by what the earlier ones reached.
            early_stopping: Stops training jobs that do worse than the others did. Left out, none are.
            random_seed: Makes the choice of hyperparameters repeatable. Left out, it differs from job to job.
            preparation: Makes the files that are uploaded out of those at `dataset_path`. Left out, they are
                uploaded as they are.
            content_type: The media type of the files. Left out, CSV.
            training_instance_type: Left out, the construct's default.
            hosting_instance_type: Left out, the construct's default.
            hosting_instance_count: Left out, one.
            volume_key: Encrypts the volumes of the job and the endpoint; what lies in the bucket is encrypted as the
                bucket says. Left out, SageMaker's own key does.
            vpc: Where the network interfaces of the job and the endpoint stand; it must have a way to S3. Left out,
                they run outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the job and the endpoint in the VPC. Left out, each gets one that allows nothing in.
            alarm_topic: What an alarm notifies when the endpoint fails to answer an invocation; if it is encrypted,
                CloudWatch must be allowed to use its key. Left out, there is no alarm.
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
            description="A tuning job, and the endpoint that serves its best model",
            env=env,
        )
        self.tuning_job = TuningJob(
            self,
            "TuningJob",
            container=container,
            inputs=self._channels(channels, content_type),
            output_bucket=bucket,
            objective=objective,
            ranges=ranges,
            hyperparameters=hyperparameters,
            instance_type=training_instance_type,
            volume_key=volume_key,
            vpc=vpc,
            subnets=subnets,
            security_groups=security_groups,
            strategy=strategy,
            max_jobs=max_jobs,
            max_parallel_jobs=max_parallel_jobs,
            early_stopping=early_stopping,
            random_seed=random_seed,
        )
        model = Model.from_tuning(
            self, "Model", tuning=self.tuning_job, vpc=vpc, subnets=subnets, security_groups=security_groups
        )
        self._serve(
            model, hosting_instance_type, hosting_instance_count, volume_key=volume_key, alarm_topic=alarm_topic
        )
        CfnOutput(self, "TuningJobName", value=self.tuning_job.tuning_job_name)
        CfnOutput(self, "BestTrainingJobName", value=self.tuning_job.best_training_job_name)
        CfnOutput(self, "BestObjectiveValue", value=self.tuning_job.best_objective_value)
        CfnOutput(self, "ModelArtifacts", value=self.tuning_job.s3_model_artifacts)
