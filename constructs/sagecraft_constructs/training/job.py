"""A training job that runs when the stack is deployed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import near_matches

from sagecraft_constructs import permissions
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.model_data import ModelData
from sagecraft_constructs.errors import InvalidProps
from sagecraft_constructs.handlers.name import metric_attribute
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.needs import JobNeeds
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.execution_role import execution_role
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.registry.registering import Registering

from .base import ImportedTrainingJob, TrainingJobBase
from .checks import check_hyperparameters, check_known, check_regions, check_training
from .hyperparameter import HyperparameterValue
from .kind import TRAINING
from .props import Training, TrainingOutput
from .request import create_training_job_request


class TrainingJob(Registering, TrainingJobBase):
    """A SageMaker training job, run by CloudFormation as it creates the stack, or as `realization` says.

    The name of the job holds a hash of its definition: a changed definition runs a new job, an unchanged one runs
    nothing. Deleting the stack stops a running job. A job that fails or is stopped fails the deployment, with
    SageMaker's `FailureReason` in the event of the stack. `Tags.of` reaches the job, and changes no name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

    Attributes:
        role: The execution role.
        name_prefix: What the name of the job begins with.
        request: What SageMaker is asked for, without the name: the `Arguments` of a step of a pipeline.
    """

    @check_props
    def __init__(
        self,
        scope: Construct,
        id: str,  # noqa: A002 - the CDK's word for it
        *,
        container: TrainingContainer,
        inputs: Mapping[str, TrainingInput],
        output_bucket: s3.IBucket,
        output_prefix: str = "models",
        hyperparameters: Mapping[str, HyperparameterValue] | None = None,
        instance_type: InstanceType | None = None,
        instance_count: int = 1,
        volume_gib: int = 30,
        volume_key: kms.IKey | None = None,
        output_key: kms.IKey | None = None,
        max_runtime: Duration | None = None,
        max_wait: Duration | None = None,
        checkpoints_prefix: str | None = None,
        network_isolation: bool | None = None,
        vpc: ec2.IVpc | None = None,
        subnets: Sequence[ec2.ISubnet] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        metric_definitions: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        source: str | Path | None = None,
        entry_point: str = "train.py",
        retry_attempts: int | None = None,
        role: iam.IRole | None = None,
        name_prefix: str | None = None,
        realization: JobRealization = JobRealization.DEPLOY,
    ) -> None:
        """Declares the job.

        Args:
            scope: Where it stands.
            id: Its name there.
            container: What trains.
            inputs: The channels by name, such as `train` and `validation`.
            output_bucket: Where the artefacts go.
            output_prefix: What their keys begin with. Left out, `models`.
            hyperparameters: Those of a built-in algorithm are checked here. Left out, none are passed.
            instance_type: Left out, `ml.m5.large`.
            instance_count: Left out, one.
            volume_gib: The size of each instance's volume in GiB. Left out, 30.
            volume_key: Encrypts the volumes. Left out, SageMaker's own key does.
            output_key: Encrypts the artefacts. Left out, the bucket's default encryption does.
            max_runtime: After which SageMaker stops the job, which then has failed; at most 45 minutes where the
                deployment runs it, because that waits for less than an hour, else 28 days. Left out, half an hour.
            max_wait: Trains on spot capacity, and waits for it so long at most, the run included. Left out, the job
                runs on demand.
            checkpoints_prefix: Where in the output bucket `/opt/ml/checkpoints` is kept. Left out, it is not.
            network_isolation: Cuts the container off from the network. Left out, it is, unless the image fetches the
                user's script by itself.
            vpc: Where the job's network interfaces stand. Left out, the job runs outside of your VPCs.
            subnets: Which of the VPC's. Left out, its private ones.
            security_groups: Of the job in the VPC. Left out, one is made that allows nothing in.
            metric_definitions: Regular expressions by the name of the metric; the first group is the value. Left out,
                those that AWS has for the algorithm.
            environment: Environment variables of the container. Left out, none are set.
            source: A directory with the script that trains, for AWS's framework containers (scikit-learn, XGBoost) and
                those that are built like them; a `requirements.txt` in it is installed first. Hyperparameters then are
                the script's arguments, whatever they are called. Left out, the container trains by itself.
            entry_point: The script in `source`. Left out, `train.py`.
            retry_attempts: How often SageMaker tries again after a fault of its own, 1 to 30. Left out, it does not.
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs.
            name_prefix: Lower case, at most 49 characters. Left out, made from where the construct stands.
            realization: How the job comes to run. Left out, the deployment runs it.

        Raises:
            InvalidProps: With every problem: an unknown instance type or hyperparameter (near matches are named), a
                job too long for a deployment, and so on.
        """
        super().__init__(scope, id, kind=TRAINING, name_prefix=name_prefix, realization=realization)
        self._training = Training(
            container=container,
            inputs=inputs,
            hyperparameters={} if hyperparameters is None else hyperparameters,
            instance_type=InstanceType.M5_LARGE if instance_type is None else instance_type,
            instance_count=instance_count,
            volume_gib=volume_gib,
            volume_key=volume_key,
            max_runtime=Duration.minutes(30) if max_runtime is None else max_runtime,
            max_wait=max_wait,
            network_isolation=network_isolation,
            metric_definitions={} if metric_definitions is None else metric_definitions,
            environment={} if environment is None else environment,
            source=None if source is None else Path(source),
            entry_point=entry_point,
            retry_attempts=retry_attempts,
            output=TrainingOutput(output_bucket, output_prefix, output_key, checkpoints_prefix).realized(
                realization, self.name_prefix
            ),
        )
        problems = self._problems("TrainingJob")
        check_known(problems, self._training)
        check_training(problems, self._training, kind=TRAINING, realization=realization, runtime_prop="max_runtime")
        check_hyperparameters(problems, self._training)
        check_regions(problems, self, self._training)
        problems.raise_any()
        self.role = execution_role(self, role)
        self._artefacts = self._training.output.artefacts(self.name_prefix)
        self._realize(
            create_training_job_request(
                self._training.bind(
                    self,
                    role=self.role,
                    network=Network.of(self, vpc, subnets, security_groups),
                    artefacts=self._artefacts,
                    tags=self._tags,
                )
            ),
            needs=JobNeeds(role=self.role, results=(output_bucket, self._artefacts), volume_key=volume_key),
            requires=[self.role, *(each for input_ in inputs.values() for each in input_.requires)],
        )

    @property
    def training_job_name(self) -> str:
        """The name of the job that the deployment runs."""
        return self._result("TrainingJobName", "training_job_name", "TrainingJobName")

    @property
    def training_job_arn(self) -> str:
        """The ARN of the job that the deployment runs."""
        return self._result("TrainingJobArn", "training_job_arn", "TrainingJobArn")

    @property
    def model_data(self) -> ModelData:
        """The artefact of the job that the deployment runs, for a `Model`.

        Raises:
            InvalidProps: The job does not run when the stack is deployed.
        """
        return ModelData(
            bucket=self._training.output.bucket,
            uri=self._result("S3ModelArtifacts", "model_data", "ModelArtifacts.S3ModelArtifacts"),
            prefix=self._artefacts,
            key=self._training.output.key,
            requires=self._dependables,
        )

    @property
    def s3_model_artifacts(self) -> str:
        """The S3 URI of `model.tar.gz`, SageMaker's `S3ModelArtifacts`."""
        return self.model_data.uri

    def _trained_by(self) -> tuple[TrainingContainer | None, str]:
        return self._training.container, self.training_job_arn

    def metric_value(self, name: str) -> str:
        """The final value of a metric, such as `validation:auc`, as text.

        Raises:
            InvalidProps: The job has no such metric; near matches are named.
        """
        if name not in self._training.metric_names:
            near = near_matches(name, self._training.metric_names)
            hint = f"Did you mean {', '.join(near)}?" if near else "Declare it with 'metric_definitions'."
            raise InvalidProps(f"TrainingJob '{self.node.path}'", [f"metric: there is no metric '{name}'. {hint}"])
        return self._result(metric_attribute(name), "metric_value", f"FinalMetricDataList['{name}'].Value")

    def grant_read_artifacts(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read the artefacts of the job."""
        return permissions.grant_read(
            grantee, self._training.output.bucket, f"{self._artefacts}*", self._training.output.key
        )

    @staticmethod
    @check_props
    def from_training_job_name(scope: Construct, id: str, training_job_name: str) -> TrainingJobBase:  # noqa: A002 - the CDK's word for it
        """A job of this account and region that has been run already."""
        return ImportedTrainingJob(scope, id, training_job_name)
