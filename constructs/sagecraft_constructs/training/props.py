"""What a training job and each definition of a tuning job have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from aws_cdk import Duration, IResolvable
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct
from sagecraft_catalog import MetricDefinition, join_key

from sagecraft_constructs import permissions
from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.data.place import url_of
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.job.realization import JobRealization
from sagecraft_constructs.network import Network

from .hyperparameter import HyperparameterValue, as_json, as_text
from .kind import TRAINING
from .request import TrainingJobDefinition
from .source_archive import source_archive

CODE_CHANNEL: Final = "code"
"""The channel that brings the script to a container that is cut off from the network."""


@dataclass(frozen=True)
class TrainingOutput:
    """Where training leaves what.

    Attributes:
        bucket: Where the artefacts go.
        prefix: What their keys begin with.
        key: Encrypts the artefacts; `None` leaves that to the bucket.
        checkpoints_prefix: Where in the bucket checkpoints are kept; `None` keeps none.
        is_own: Whether nothing else lies below the prefix.
    """

    bucket: s3.IBucket
    prefix: str
    key: kms.IKey | None
    checkpoints_prefix: str | None
    is_own: bool = False

    def realized(self, realization: JobRealization, name_prefix: str) -> "TrainingOutput":
        """The output of jobs that are realized so: a pipeline names its jobs itself, so a step's get a folder."""
        if realization is not JobRealization.PIPELINE_STEP:
            return self
        return replace(self, prefix=join_key(self.prefix, name_prefix), is_own=True)

    def artefacts(self, name_prefix: str) -> str:
        """What the keys of the artefacts of jobs begin with, whose names begin with a prefix."""
        return f"{self.prefix.strip('/')}/" if self.is_own else join_key(self.prefix, f"{name_prefix}-")

    @property
    def uri(self) -> str:
        """`s3://…` below which the artefacts go."""
        return url_of(self.bucket, self.prefix.strip("/"))

    @property
    def checkpoints(self) -> str | None:
        """What the keys of checkpoints begin with; `None` where none are kept."""
        return None if self.checkpoints_prefix is None else self.checkpoints_prefix.lstrip("/")


@dataclass(frozen=True, kw_only=True)
class Training:
    """The props of training, their defaults filled in; what they mean stands at `TrainingJob`."""

    container: TrainingContainer
    inputs: Mapping[str, TrainingInput]
    hyperparameters: Mapping[str, HyperparameterValue]
    instance_type: InstanceType
    instance_count: int
    volume_gib: int
    volume_key: kms.IKey | None
    max_runtime: Duration
    max_wait: Duration | None
    network_isolation: bool | None
    metric_definitions: Mapping[str, str]
    environment: Mapping[str, str]
    source: Path | None
    entry_point: str
    retry_attempts: int | None
    output: TrainingOutput

    @property
    def metric_names(self) -> frozenset[str]:
        """The metrics that are read from the log: those declared, and AWS's for its own algorithms."""
        algorithm = self.container.algorithm
        built_in = () if algorithm is None else algorithm.metric_definitions
        return frozenset((*self.metric_definitions, *(metric.name for metric in built_in)))

    def bind(
        self,
        scope: Construct,
        *,
        role: iam.IRole,
        network: Network | None,
        artefacts: str,
        tags: IResolvable | None,
    ) -> TrainingJobDefinition:
        """Makes what training needs in the stack, and allows the role what it needs.

        Args:
            scope: Where the image and the script stand.
            role: The execution role.
            network: Where in a VPC the work runs.
            artefacts: What the keys of the artefacts are known to begin with.
            tags: Of the job.
        """
        image = self.container.bind(scope, "training")
        hyperparameters = {name: as_text(value) for name, value in self.hyperparameters.items()}
        inputs = dict(self.inputs)
        isolated = image.network_isolation if self.network_isolation is None else self.network_isolation
        if self.source is not None:
            asset = source_archive(scope, self.source)
            code = TrainingInput(bucket=asset.bucket, prefix=asset.s3_object_key)
            permissions.allow_read(role, code.bucket, code.prefix)
            isolated = self.network_isolation is True
            inputs |= {CODE_CHANNEL: code} if isolated else {}
            place = f"/opt/ml/input/data/{CODE_CHANNEL}/{code.prefix}" if isolated else code.s3_uri
            script: dict[str, HyperparameterValue] = {
                "sagemaker_program": self.entry_point,
                "sagemaker_submit_directory": place,
            }
            hyperparameters = {name: as_json(value) for name, value in {**self.hyperparameters, **script}.items()}
        output = self.output
        self._allow(role, network, artefacts)
        permissions.allow_pull(role, image.repository_arn)
        checkpoints = output.checkpoints
        return TrainingJobDefinition(
            image_uri=image.uri,
            role_arn=role.role_arn,
            hyperparameters=hyperparameters,
            inputs=inputs,
            output_uri=output.uri,
            output_key=output.key,
            instance_type=self.instance_type.name,
            instance_count=self.instance_count,
            volume_gib=self.volume_gib,
            volume_key=self.volume_key,
            max_runtime=self.max_runtime,
            max_wait=self.max_wait,
            checkpoints_uri=None if checkpoints is None else output.bucket.s3_url_for_object(checkpoints),
            network_isolation=isolated,
            network=network,
            metric_definitions=[MetricDefinition(name, regex) for name, regex in self.metric_definitions.items()],
            environment=self.environment,
            retry_attempts=self.retry_attempts,
            tags=tags,
        )

    def _allow(self, role: iam.IRole, network: Network | None, artefacts: str) -> None:
        for each in self.inputs.values():
            permissions.allow_read(role, each.bucket, each.prefix, each.key)
        permissions.allow_write(role, self.output.bucket, artefacts)
        if self.output.checkpoints is not None:
            # What an interrupted job has written is where the next run goes on.
            permissions.allow_read(role, self.output.bucket, self.output.checkpoints)
            permissions.allow_write(role, self.output.bucket, self.output.checkpoints)
        if self.output.key is not None:
            permissions.allow_output_key(role, self.output.key)
        if self.volume_key is not None:
            permissions.allow_volume_key(role, self.volume_key)
        if network is not None:
            permissions.allow_network(role)
        permissions.allow_telemetry(role, TRAINING.log_group)
