"""Makes the request of `CreateHyperParameterTuningJob` from what a tuning job declares.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateHyperParameterTuningJob.html
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, IResolvable

from sagecraft_constructs.present import present
from sagecraft_constructs.training.hyperparameter import HyperparameterValue, as_json, as_text
from sagecraft_constructs.training.request import TrainingJobDefinition, create_training_job_request

from .objective import Objective
from .range import CategoricalRange, ContinuousRange, HyperparameterRange, IntegerRange
from .strategy import Hyperband, TuningStrategy, WarmStartType


@dataclass(frozen=True, kw_only=True)
class TunedTraining:
    """One definition of a tuning job; values may be CDK tokens.

    Attributes:
        name: Its name among several; `None` for the only one.
        training: What its training jobs do.
        objective: What they are compared by.
        ranges: What is tried out.
        json_values: Whether the values of categorical ranges are written as JSON, as scripts get them.
    """

    name: str | None
    training: TrainingJobDefinition
    objective: Objective
    ranges: Mapping[str, HyperparameterRange]
    json_values: bool


@dataclass(frozen=True, kw_only=True)
class TuningJobDefinition:
    """What a tuning job does; values may be CDK tokens.

    Attributes:
        strategy: How it searches.
        hyperband: The resources of Hyperband; `None` leaves them to SageMaker.
        max_jobs: How many training jobs it begins; `None` for all of a grid.
        max_parallel_jobs: How many at once.
        max_runtime: After which SageMaker stops it; `None` does not.
        early_stopping: Whether hopeless training jobs are stopped.
        target_objective_value: Reaching it ends the job.
        max_jobs_not_improving: So many training jobs that are not better than the best end the job.
        complete_on_convergence: Whether the job ends when no better result is to be expected.
        random_seed: Makes the choice of hyperparameters repeatable.
        warm_start_from: The names of the tuning jobs that it learns from.
        warm_start_type: What it has in common with them.
        trainings: One or more.
        tags: What the job is tagged with, as the API takes it.
    """

    strategy: TuningStrategy
    hyperband: Hyperband | None
    max_jobs: int | None
    max_parallel_jobs: int
    max_runtime: Duration | None
    early_stopping: bool
    target_objective_value: float | None
    max_jobs_not_improving: int | None
    complete_on_convergence: bool
    random_seed: int | None
    warm_start_from: Sequence[str]
    warm_start_type: WarmStartType
    trainings: Sequence[TunedTraining]
    tags: IResolvable | None


def create_hyper_parameter_tuning_job_request(definition: TuningJobDefinition) -> dict[str, Any]:
    """The request without the job's name; absent means absent, so that SageMaker's own defaults hold."""
    config: dict[str, Any] = {
        "Strategy": str(definition.strategy),
        "ResourceLimits": present(
            MaxNumberOfTrainingJobs=definition.max_jobs,
            MaxParallelTrainingJobs=definition.max_parallel_jobs,
            MaxRuntimeInSeconds=None if definition.max_runtime is None else definition.max_runtime.to_seconds(),
        ),
        "TrainingJobEarlyStoppingType": "Auto" if definition.early_stopping else "Off",
    }
    if definition.hyperband is not None:
        resources = present(
            MinResource=definition.hyperband.min_resource, MaxResource=definition.hyperband.max_resource
        )
        config["StrategyConfig"] = {"HyperbandStrategyConfig": resources}
    if criteria := _completion_criteria(definition):
        config["TuningJobCompletionCriteria"] = criteria
    if definition.random_seed is not None:
        config["RandomSeed"] = definition.random_seed
    request: dict[str, Any] = {"HyperParameterTuningJobConfig": config}
    match definition.trainings:
        case [TunedTraining(name=None) as only]:
            config["HyperParameterTuningJobObjective"] = _objective(only)
            config["ParameterRanges"] = parameter_ranges(only.ranges, json_values=only.json_values)
            request["TrainingJobDefinition"] = _training(only)
        case several:
            request["TrainingJobDefinitions"] = [
                {
                    "DefinitionName": each.name,
                    "TuningObjective": _objective(each),
                    "HyperParameterRanges": parameter_ranges(each.ranges, json_values=each.json_values),
                    **_training(each),
                }
                for each in several
            ]
    if definition.warm_start_from:
        request["WarmStartConfig"] = {
            "ParentHyperParameterTuningJobs": [
                {"HyperParameterTuningJobName": name} for name in definition.warm_start_from
            ],
            "WarmStartType": str(definition.warm_start_type),
        }
    if definition.tags is not None:
        request["Tags"] = definition.tags
    return request


def _completion_criteria(definition: TuningJobDefinition) -> dict[str, Any]:
    criteria: dict[str, Any] = {}
    if definition.target_objective_value is not None:
        criteria["TargetObjectiveMetricValue"] = definition.target_objective_value
    if definition.max_jobs_not_improving is not None:
        criteria["BestObjectiveNotImproving"] = {
            "MaxNumberOfTrainingJobsNotImproving": definition.max_jobs_not_improving
        }
    if definition.complete_on_convergence:
        criteria["ConvergenceDetected"] = {"CompleteOnConvergence": "Enabled"}
    return criteria


def _training(tuned: TunedTraining) -> dict[str, Any]:
    """The request of one training job, whose hyperparameters are those that stay the same."""
    request = create_training_job_request(tuned.training)
    static = request.pop("HyperParameters")
    return {"StaticHyperParameters": static, **request}


def _objective(tuned: TunedTraining) -> dict[str, str]:
    return {"Type": tuned.objective.type, "MetricName": tuned.objective.metric_name}


def parameter_ranges(
    given: Mapping[str, HyperparameterRange], *, json_values: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """The `ParameterRanges` of the API; the values of categorical ranges as text, or as JSON."""
    write: Callable[[HyperparameterValue], str] = as_json if json_values else as_text
    ranges: dict[str, list[dict[str, Any]]] = {}
    for name, each in given.items():
        match each:
            case CategoricalRange():
                kind, members = "Categorical", {"Values": [write(value) for value in each.values]}
            case ContinuousRange():
                kind, members = "Continuous", _bounds(each)
            case IntegerRange():
                kind, members = "Integer", _bounds(each)
        ranges.setdefault(f"{kind}ParameterRanges", []).append({"Name": name, **members})
    return ranges


def _bounds(each: IntegerRange | ContinuousRange) -> dict[str, Any]:
    return {
        "MinValue": as_text(each.minimum),
        "MaxValue": as_text(each.maximum),
        "ScalingType": str(each.scaling),
    }
