"""What the training jobs of a tuning job have in common: `TrainingJobDefinition`, or each of several."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog import Algorithm, algorithm

from sagecraft_emulator.container.images import built_in_algorithm

from .range import MEMBERS, ParameterRange, parameter_ranges

OBJECTIVE_HYPERPARAMETER: Final = "_tuning_objective_metric"
_NOT_OF_TRAINING_JOBS: Final = frozenset(
    {
        "DefinitionName",
        "TuningObjective",
        "HyperParameterRanges",
        "StaticHyperParameters",
        "HyperParameterTuningResourceConfig",
    }
)


@dataclass(frozen=True)
class TuningDefinition:
    """One definition.

    Attributes:
        name: Its name among several; None for the only one.
        metric_name: The objective metric.
        objective_type: `Maximize` or `Minimize`.
        ranges: What is searched.
        members: The definition as it was given.
    """

    name: str | None
    metric_name: str
    objective_type: str
    ranges: tuple[ParameterRange, ...]
    members: Mapping[str, Any]

    @property
    def static(self) -> dict[str, str]:
        """The hyperparameters that all training jobs have alike."""
        return dict(self.members.get("StaticHyperParameters", {}))

    @property
    def given_ranges(self) -> dict[str, list[dict[str, Any]]]:
        """The names and ends of its ranges, as `ParameterRanges` has them."""
        return {
            member: [
                {"Name": each.name}
                | (
                    {"Values": list(each.values)}
                    if kind == "Categorical"
                    else dict(zip(("MinValue", "MaxValue"), each.values, strict=True))
                )
                for each in self.ranges
                if each.kind == kind
            ]
            for member, kind in MEMBERS.items()
        }

    @property
    def algorithm(self) -> Algorithm | None:
        """AWS's algorithm that it trains, where the image is one."""
        name = built_in_algorithm(self.members["AlgorithmSpecification"].get("TrainingImage", ""))
        return None if name is None else algorithm(name)

    def described(self) -> dict[str, Any]:
        """The definition as a description of the tuning job tells it.

        It has the hyperparameter that names the metric, the metrics that AWS's algorithm brings along, and the
        `ResourceConfig` of the training jobs also where another member gave it: `HyperparameterTuner.attach` of the
        SageMaker SDK v2 reads them.
        """
        specification = self.members["AlgorithmSpecification"]
        asked = specification.get("MetricDefinitions", [])
        names = {each["Name"] for each in asked}
        brought = () if self.algorithm is None else self.algorithm.metric_definitions
        metrics = [*asked, *({"Name": each.name, "Regex": each.regex} for each in brought if each.name not in names)]
        return {
            **self.members,
            "AlgorithmSpecification": {**specification, **({"MetricDefinitions": metrics} if metrics else {})},
            **self._resource_config,
            "StaticHyperParameters": {**self.static, OBJECTIVE_HYPERPARAMETER: self.metric_name},
        }

    def training_job(self, name: str, tuned: Mapping[str, str]) -> dict[str, Any]:
        """The request of `CreateTrainingJob` for a choice of hyperparameters.

        Each training job keeps its checkpoints below its own name: AWS's XGBoost goes on from whatever it finds, so
        that one which found those of an earlier choice would train no round of its own.
        Source: https://github.com/aws/sagemaker-xgboost-container/pull/25
        """
        return {
            **{member: value for member, value in self.members.items() if member not in _NOT_OF_TRAINING_JOBS},
            **self._resource_config,
            **self._checkpoints(name),
            "TrainingJobName": name,
            "HyperParameters": {**self.static, OBJECTIVE_HYPERPARAMETER: self.metric_name, **tuned},
        }

    @property
    def _resource_config(self) -> dict[str, Any]:
        resources = self.members.get("HyperParameterTuningResourceConfig")
        return {} if resources is None else {"ResourceConfig": _resource_config(resources)}

    def _checkpoints(self, name: str) -> dict[str, Any]:
        given = self.members.get("CheckpointConfig")
        if given is None:
            return {}
        return {"CheckpointConfig": {**given, "S3Uri": f"{given['S3Uri'].rstrip('/')}/{name}"}}

    def is_better(self, value: float, other: float) -> bool:
        """Whether a value of the objective is better than another."""
        return value > other if self.objective_type == "Maximize" else value < other


def tuning_definitions(body: Mapping[str, Any]) -> tuple[TuningDefinition, ...]:
    """The definitions in a request, or a record, of a tuning job that has an objective for each."""
    config = body["HyperParameterTuningJobConfig"]
    given = body.get("TrainingJobDefinitions") or [body["TrainingJobDefinition"]]
    definitions = []
    for each in given:
        objective = each.get("TuningObjective") or config["HyperParameterTuningJobObjective"]
        ranges = each.get("HyperParameterRanges") or config.get("ParameterRanges", {})
        definitions.append(
            TuningDefinition(
                each.get("DefinitionName"), objective["MetricName"], objective["Type"], parameter_ranges(ranges), each
            )
        )
    return tuple(definitions)


def random_seed(body: Mapping[str, Any], name: str) -> int:
    """The seed of a tuning job: its `RandomSeed`, or one that comes from its name."""
    given = body["HyperParameterTuningJobConfig"].get("RandomSeed")
    return int(given) if given is not None else int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")


def _resource_config(resources: Mapping[str, Any]) -> dict[str, Any]:
    """The first of the instances that may be taken, which this machine always has."""
    members = {member: value for member, value in resources.items() if member not in {"AllocationStrategy"}}
    preferred = members.pop("InstanceConfigs", [{}])[0]
    return {**members, **preferred}
