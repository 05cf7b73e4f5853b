"""A training job that runs when the stack is deployed."""

from collections.abc import Mapping, Sequence

import jsii
from aws_cdk import (
    CustomResource,
    Duration,
    ITaggableV2,
    Names,
    TagManager,
    TagType,
    Token,
)
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import MetricDefinition, near_matches

from . import permissions
from .create_training_job import TrainingJobDefinition, create_training_job_request
from .errors import InvalidProps, Problems
from .execution_role import ExecutionRole
from .handlers.training_job_name import metric_attribute
from .instance_type import InstanceType
from .job_tags import tags_of
from .model_data import ModelData
from .network import Network
from .training_container import TrainingContainer
from .training_input import TrainingInput
from .training_job_base import ImportedTrainingJob, TrainingJobBase
from .training_job_checks import NAME_PREFIX_LENGTH, HyperparameterValue, check_training_job
from .training_job_provider import TrainingJobProvider


@jsii.implements(ITaggableV2)
class TrainingJob(TrainingJobBase):
    """A SageMaker training job, run by CloudFormation as it creates the stack.

    The name of the job holds a hash of its definition: a changed definition runs a new job, an unchanged one runs
    nothing. Deleting the stack stops a running job. A job that fails or is stopped fails the deployment, with
    SageMaker's `FailureReason` in the event of the stack. `Tags.of` reaches the job, and changes no name.

    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html

    Attributes:
        role: The execution role.
        name_prefix: What the name of the job begins with.
        model_data: The artefact, for a `Model`.
    """

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
        role: iam.IRole | None = None,
        name_prefix: str | None = None,
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
            max_runtime: After which SageMaker stops the job, and the deployment fails; at most 45 minutes, because a
                deployment waits for less than an hour. Left out, half an hour.
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
            role: Left out, an `ExecutionRole` is made. Either gets exactly the permissions that the job needs.
            name_prefix: Lower case, at most 49 characters. Left out, made from where the construct stands.

        Raises:
            InvalidProps: With every problem: an unknown instance type or hyperparameter (near matches are named), a
                job too long for a deployment, and so on.
        """
        super().__init__(scope, id)
        self._tag_manager = TagManager(TagType.STANDARD, "Custom::SageMakerTrainingJob")
        instance_type = InstanceType.of("ml.m5.large") if instance_type is None else instance_type
        max_runtime = Duration.minutes(30) if max_runtime is None else max_runtime
        hyperparameters = {} if hyperparameters is None else hyperparameters
        self.name_prefix = _default_name_prefix(self) if name_prefix is None else name_prefix
        problems = Problems.of(scope, id, "TrainingJob")
        check_training_job(
            problems,
            algorithm=container.algorithm,
            name_prefix=self.name_prefix,
            hyperparameters=hyperparameters,
            inputs=inputs,
            instance_type=instance_type,
            instance_count=instance_count,
            volume_gib=volume_gib,
            max_runtime=max_runtime,
            max_wait=max_wait,
        )
        problems.raise_any()
        own_metrics = [MetricDefinition(name, regex) for name, regex in (metric_definitions or {}).items()]
        built_in = () if container.algorithm is None else container.algorithm.metric_definitions
        self._metric_names = {metric.name for metric in (*built_in, *own_metrics)}
        self._bucket = output_bucket
        self._image = container.bind(self, "training")
        self.role = ExecutionRole(self, "Role") if role is None else role
        self._definition = TrainingJobDefinition(
            image_uri=self._image.uri,
            role_arn=self.role.role_arn,
            hyperparameters={name: _as_text(value) for name, value in hyperparameters.items()},
            inputs=inputs,
            output_uri=output_bucket.s3_url_for_object(output_prefix),
            output_key=output_key,
            instance_type=instance_type.name,
            instance_count=instance_count,
            volume_gib=volume_gib,
            volume_key=volume_key,
            max_runtime=max_runtime,
            max_wait=max_wait,
            checkpoints_uri=None if checkpoints_prefix is None else output_bucket.s3_url_for_object(checkpoints_prefix),
            network_isolation=self._image.network_isolation if network_isolation is None else network_isolation,
            network=Network.of(self, vpc, subnets, security_groups),
            metric_definitions=own_metrics,
            environment={} if environment is None else environment,
            tags=tags_of(self._tag_manager),
        )
        artefacts = f"{output_prefix}/{self.name_prefix}-"
        self._allow(artefacts, checkpoints_prefix)
        self._resource = self._realize(artefacts)
        self.training_job_name = self._resource.get_att_string("TrainingJobName")
        self.training_job_arn = self._resource.get_att_string("TrainingJobArn")
        self.model_data = ModelData(
            bucket=output_bucket,
            uri=self._resource.get_att_string("S3ModelArtifacts"),
            prefix=artefacts,
            requires=(self._resource,),
        )

    @property
    @jsii.member(jsii_name="cdkTagManager")
    def cdk_tag_manager(self) -> TagManager:
        """Where `Tags.of` leaves the job's tags."""
        return self._tag_manager

    @property
    def s3_model_artifacts(self) -> str:
        """`s3://…/model.tar.gz`, SageMaker's `S3ModelArtifacts`."""
        return self.model_data.uri

    def metric_value(self, name: str) -> str:
        """The final value of a metric, such as `validation:auc`, as text.

        Raises:
            InvalidProps: The job has no such metric; near matches are named.
        """
        if name not in self._metric_names:
            near = near_matches(name, self._metric_names)
            hint = f"Did you mean {', '.join(near)}?" if near else "Declare it with 'metric_definitions'."
            raise InvalidProps(f"TrainingJob '{self.node.path}'", [f"metric: there is no metric '{name}'. {hint}"])
        return self._resource.get_att_string(metric_attribute(name))

    def grant_read_artifacts(self, grantee: iam.IGrantable) -> iam.Grant:
        """Allows to read the artefacts of the job."""
        return self._bucket.grant_read(grantee, f"{self.model_data.prefix}*")

    @staticmethod
    def from_training_job_name(scope: Construct, id: str, training_job_name: str) -> TrainingJobBase:  # noqa: A002 - the CDK's word for it
        """A job of this account and region that has been run already."""
        return ImportedTrainingJob(scope, id, training_job_name)

    def _allow(self, artefacts: str, checkpoints_prefix: str | None) -> None:
        definition, role = self._definition, self.role
        for each in definition.inputs.values():
            permissions.allow_read(role, each.bucket, each.prefix)
        permissions.allow_write(role, self._bucket, artefacts)
        if checkpoints_prefix is not None:
            permissions.allow_write(role, self._bucket, checkpoints_prefix)
        if definition.output_key is not None:
            permissions.allow_encrypt(role, definition.output_key)
        if definition.volume_key is not None:
            permissions.allow_volume_key(role, definition.volume_key)
        if definition.network is not None:
            permissions.allow_network(role)
        permissions.allow_pull(role, self._image.repository_arn)
        permissions.allow_telemetry(role, permissions.TRAINING_LOG_GROUP)

    def _realize(self, artefacts: str) -> CustomResource:
        provider = TrainingJobProvider.of(self)
        provider.allow_job(self.name_prefix, self.role, self._definition.volume_key)
        provider.allow_artefacts(self._bucket, artefacts)
        resource = CustomResource(
            self,
            "Resource",
            resource_type="Custom::SageMakerTrainingJob",
            service_token=provider.service_token,
            properties={"Request": create_training_job_request(self._definition), "NamePrefix": self.name_prefix},
        )
        # Without its permissions in force, the job would fail, or could not be begun at all.
        resource.node.add_dependency(self.role, provider.permissions)
        for each in self._definition.inputs.values():
            resource.node.add_dependency(*each.requires)
        return resource


def _default_name_prefix(job: Construct) -> str:
    name = Names.unique_resource_name(job, max_length=NAME_PREFIX_LENGTH, separator="-")
    return name.lower()


def _as_text(value: HyperparameterValue) -> str:
    if Token.is_unresolved(value):
        return Token.as_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
