"""What the training jobs of a tuning job do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import Duration
from aws_cdk import aws_kms as kms

from sagecraft_constructs.container.container import TrainingContainer
from sagecraft_constructs.data.input import TrainingInput
from sagecraft_constructs.instance_type import InstanceType
from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.training.hyperparameter import HyperparameterValue
from sagecraft_constructs.training.props import Training, TrainingOutput

from .objective import Objective
from .range import HyperparameterRange


@check_props
@dataclass(frozen=True, kw_only=True)
class TuningDefinition:
    """What the training jobs of a tuning job do, and what is tried out; a tuning job may have several.

    Attributes:
        container: What trains.
        inputs: The channels by name.
        objective: What the training jobs are compared by.
        ranges: What is tried out, by hyperparameter.
        name: Its name among several.
        hyperparameters: Those that stay the same. Left out, there are none.
        instance_type: Left out, `ml.m5.large`.
        instance_count: How many each training job gets. Left out, one.
        volume_gib: The size of each instance's volume in GiB. Left out, 30.
        max_training_runtime: After which SageMaker stops a training job. Left out, half an hour.
        max_wait: Trains on spot capacity, and waits for it so long at most, the run included. Left out, training jobs
            run on demand.
        metric_definitions: Regular expressions by the name of the metric; the first group is the value. Left out,
            those that AWS has for the algorithm.
        environment: Environment variables of the container. Left out, none are set.
        source: As for `TrainingJob`.
        entry_point: As for `TrainingJob`.
        retry_attempts: As for `TrainingJob`.
    """

    container: TrainingContainer
    inputs: Mapping[str, TrainingInput]
    objective: Objective
    ranges: Mapping[str, HyperparameterRange]
    name: str | None = None
    hyperparameters: Mapping[str, HyperparameterValue] = field(default_factory=dict)
    instance_type: InstanceType = InstanceType.M5_LARGE
    instance_count: int = 1
    volume_gib: int = 30
    max_training_runtime: Duration | None = None
    max_wait: Duration | None = None
    metric_definitions: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    source: str | Path | None = None
    entry_point: str = "train.py"
    retry_attempts: int | None = None

    def training(
        self, *, volume_key: kms.IKey | None, network_isolation: bool | None, output: TrainingOutput
    ) -> Training:
        """The props of training, of this definition and of what it shares with the others."""
        return Training(
            container=self.container,
            inputs=self.inputs,
            hyperparameters=self.hyperparameters,
            instance_type=self.instance_type,
            instance_count=self.instance_count,
            volume_gib=self.volume_gib,
            volume_key=volume_key,
            max_runtime=Duration.minutes(30) if self.max_training_runtime is None else self.max_training_runtime,
            max_wait=self.max_wait,
            network_isolation=network_isolation,
            metric_definitions=self.metric_definitions,
            environment=self.environment,
            source=None if self.source is None else Path(self.source),
            entry_point=self.entry_point,
            retry_attempts=self.retry_attempts,
            output=output,
        )
