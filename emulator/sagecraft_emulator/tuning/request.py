"""What is wrong with a `CreateHyperParameterTuningJob` request that the service model does not see.

Source: `CreateHyperParameterTuningJob` and the shapes in it in the SageMaker API reference; "Resource Limits" and "Run
a Warm Start Hyperparameter Tuning Job" in the developer guide.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sagecraft_catalog import near_matches
from sagecraft_containers.contract import SUBMIT_DIRECTORY_HYPERPARAMETER

from sagecraft_emulator.errors import NotDone
from sagecraft_emulator.jobs.states import ENDED
from sagecraft_emulator.state.store import Record
from sagecraft_emulator.training import request as training_request

from .definition import TuningDefinition, tuning_definitions

MAX_PARALLEL: Final = 100
"""The quota as it can be raised to; 10 before."""
MAX_RANGES: Final = 30
MAX_TRAINING_JOBS: Final[Mapping[str, int]] = {"Bayesian": 750, "Random": 10_000, "Hyperband": 750, "Grid": 750}
MAX_RESOURCE: Final = 20_000
RESOURCE_HYPERPARAMETERS: Final = ("epochs", "numepochs", "n-epochs", "n_epochs", "num_epochs")
"""Where Hyperband looks for `MaxResource` among static hyperparameters when it is not given."""


def problems(
    request: Mapping[str, Any], parents: Mapping[str, Record | None], lacking: Callable[[str, str], str | None]
) -> Iterator[str]:
    """Everything that is wrong, one sentence each.

    Args:
        request: The request.
        parents: The tuning jobs that it names to start from, by name; None for one that there is not.
        lacking: Says of an image of a built-in algorithm, and of where its script lies, why nothing here can run it.
    """
    config = request["HyperParameterTuningJobConfig"]
    if request.get("Autotune"):
        yield NotDone(
            "Autotune is not supported by this emulator; leave it out, and give the objective and the ranges."
        )
    shape = list(_shape_problems(request, config))
    yield from shape
    if shape:
        return
    definitions = tuning_definitions(request)
    yield from _limit_problems(config, definitions)
    for definition in definitions:
        yield from _definition_problems(definition, config["Strategy"])
        yield from _algorithm_problems(definition, lacking)
        tuned = {each.name: "" for each in definition.ranges}
        yield from training_request.problems(definition.training_job("trial", tuned))
    yield from _hyperband_problems(config, definitions)
    if "WarmStartConfig" in request:
        yield from _warm_start_problems(request["WarmStartConfig"], definitions, parents)


def max_resource(config: Mapping[str, Any], definitions: Sequence[TuningDefinition]) -> int | None:
    """Hyperband's `MaxResource`, or what the static hyperparameters tell of it."""
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig", {}).get("MaxResource")
    if given is not None:
        return int(given)
    found = [
        int(definition.static[name])
        for definition in definitions
        for name in RESOURCE_HYPERPARAMETERS
        if definition.static.get(name, "").isdecimal()
    ]
    return max(found) if len(found) >= len(definitions) else None


def _shape_problems(request: Mapping[str, Any], config: Mapping[str, Any]) -> Iterator[str]:
    """What keeps the request from being read as definitions, each with its objective and ranges."""
    several = request.get("TrainingJobDefinitions", [])
    if "TrainingJobDefinition" in request:
        if several:
            yield "You must provide either TrainingJobDefinition or TrainingJobDefinitions, and not both."
        elif not {"HyperParameterTuningJobObjective", "TuningObjective"} & {*config, *request["TrainingJobDefinition"]}:
            yield "HyperParameterTuningJobObjective is required in HyperParameterTuningJobConfig."
    elif not several:
        yield "You must provide either TrainingJobDefinition or TrainingJobDefinitions, got neither."
    else:
        yield from _several_problems(several, config)
    ranges = [config.get("ParameterRanges", {}), *(each.get("HyperParameterRanges", {}) for each in several)]
    if any(each.get("AutoParameters") for each in ranges):
        yield NotDone("AutoParameters are part of Autotune, which this emulator does not support; give ranges.")


def _several_problems(definitions: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> Iterator[str]:
    for member in ("HyperParameterTuningJobObjective", "ParameterRanges"):
        if member in config:
            yield (
                f"{member} cannot be given in HyperParameterTuningJobConfig along with TrainingJobDefinitions; give "
                "each definition its TuningObjective and HyperParameterRanges."
            )
    for member in ("DefinitionName", "TuningObjective", "HyperParameterRanges"):
        if not all(member in definition for definition in definitions):
            yield f"{member} is required in each of TrainingJobDefinitions."
    names = [definition["DefinitionName"] for definition in definitions if "DefinitionName" in definition]
    for name, count in Counter(names).items():
        if count > 1:
            yield f"DefinitionName must be unique among TrainingJobDefinitions, got '{name}' {count} times."


def _limit_problems(config: Mapping[str, Any], definitions: Sequence[TuningDefinition]) -> Iterator[str]:
    strategy, limits = config["Strategy"], config["ResourceLimits"]
    parallel, most = limits["MaxParallelTrainingJobs"], limits.get("MaxNumberOfTrainingJobs")
    if parallel > MAX_PARALLEL:
        yield (
            f"The account-level service limit 'Maximum number of parallel training jobs per hyperparameter tuning job' "
            f"is {MAX_PARALLEL}, got MaxParallelTrainingJobs {parallel}."
        )
    if strategy == "Grid":
        size = sum(_combinations(definition) for definition in definitions)
        if most is not None and most != size:
            yield (
                f"MaxNumberOfTrainingJobs {most} is not the number of combinations of the Grid strategy, {size}. Leave "
                "it out: all combinations are tried."
            )
        most = size
    elif most is None and "MaxRuntimeInSeconds" not in limits:
        yield "ResourceLimits must give MaxNumberOfTrainingJobs or MaxRuntimeInSeconds, or the job would not end."
    if most is not None:
        if most > MAX_TRAINING_JOBS[strategy]:
            yield (
                f"MaxNumberOfTrainingJobs {most} is more than the {MAX_TRAINING_JOBS[strategy]} that the strategy "
                f"{strategy} allows."
            )
        if strategy != "Grid":
            yield from _combination_problems(definitions, most)
        if parallel > most and strategy != "Grid":
            yield f"MaxParallelTrainingJobs {parallel} cannot be greater than MaxNumberOfTrainingJobs {most}."


def _combinations(definition: TuningDefinition) -> int:
    return math.prod(len(each.values) for each in definition.ranges if each.kind == "Categorical")


def _combination_problems(definitions: Sequence[TuningDefinition], most: int) -> Iterator[str]:
    """Fewer combinations than training jobs, where they can be counted.

    Source: https://github.com/aws/amazon-sagemaker-operator-for-k8s/issues/123.
    """
    try:
        size = sum(math.prod(each.size for each in definition.ranges) for definition in definitions)
    except ValueError:
        return  # a range has no ends, which is told elsewhere
    if 0 < size < most:
        yield (
            "You don't have enough combinations of hyperparameter ranges. The total number of hyperparameter "
            f"combinations for the provided ranges [{float(size)}] must be equal or greater than the value of "
            f"MaxNumberOfJobs, [{most}]. Provide additional ranges."
        )


def _definition_problems(definition: TuningDefinition, strategy: str) -> Iterator[str]:
    if not definition.ranges:
        yield "At least one hyperparameter range must be given in ParameterRanges."
    if len(definition.ranges) > MAX_RANGES:
        yield f"At most {MAX_RANGES} hyperparameters can be searched, got {len(definition.ranges)}."
    names = [each.name for each in definition.ranges]
    for name, count in Counter(names).items():
        if count > 1:
            yield f"The hyperparameter '{name}' has {count} ranges; give it one."
        if name in definition.static:
            yield (
                f"The hyperparameter '{name}' is given as a static hyperparameter and as a hyperparameter range; give "
                "it once."
            )
    for each in definition.ranges:
        yield from each.problems()
        if strategy == "Grid" and each.kind != "Categorical":
            yield (
                f"The Grid strategy supports CategoricalParameterRanges only, got {each.kind}ParameterRanges for the "
                f"hyperparameter '{each.name}'."
            )
    members = definition.members
    if "HyperParameterTuningResourceConfig" in members and "ResourceConfig" in members:
        yield "Give either ResourceConfig or HyperParameterTuningResourceConfig, not both."


def _algorithm_problems(definition: TuningDefinition, lacking: Callable[[str, str], str | None]) -> Iterator[str]:
    image = definition.members["AlgorithmSpecification"].get("TrainingImage", "")
    reason = lacking(image, definition.static.get(SUBMIT_DIRECTORY_HYPERPARAMETER, ""))
    if reason is not None:
        yield NotDone(reason)
        return
    if definition.algorithm is not None and training_request.SCRIPT not in definition.static:
        yield from definition.algorithm.check_ranges(definition.given_ranges)
    yield from _objective_problems(definition)


def _objective_problems(definition: TuningDefinition) -> Iterator[str]:
    specification, metric = definition.members["AlgorithmSpecification"], definition.metric_name
    image = specification.get("TrainingImage", "")
    if metric in {each["Name"] for each in specification.get("MetricDefinitions", [])}:
        return
    known = set() if definition.algorithm is None else {each.name for each in definition.algorithm.objective_metrics}
    if known and metric not in known:
        nearest = ", ".join(near_matches(metric, known) or sorted(known))
        yield (
            f"The objective metric for the hyperparameter tuning job, [{metric}], isn't valid for the [{image}] "
            f"algorithm. Choose a valid objective metric: {nearest}."
        )
    elif not known:
        yield (
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            f"definitions: MetricDefinitions has none of the name '{metric}'."
        )


def _hyperband_problems(config: Mapping[str, Any], definitions: Sequence[TuningDefinition]) -> Iterator[str]:
    given = config.get("StrategyConfig", {}).get("HyperbandStrategyConfig")
    if config["Strategy"] != "Hyperband":
        if given is not None:
            yield f"HyperbandStrategyConfig is for the strategy Hyperband only, not {config['Strategy']}."
        return
    if config.get("TrainingJobEarlyStoppingType", "Off") != "Off":
        yield (
            "TrainingJobEarlyStoppingType must be Off with the strategy Hyperband, which stops training jobs by itself."
        )
    minimum, maximum = (given or {}).get("MinResource", 1), max_resource(config, definitions)
    if maximum is None:
        yield (
            "MaxResource of HyperbandStrategyConfig is not given and cannot be inferred: no static hyperparameter is "
            f"called {', '.join(RESOURCE_HYPERPARAMETERS)}. Give it."
        )
    elif maximum > MAX_RESOURCE:
        yield f"MaxResource {maximum} is more than {MAX_RESOURCE}."
    elif minimum >= maximum:
        yield f"MinResource {minimum} must be less than MaxResource {maximum}."


def _warm_start_problems(
    warm_start: Mapping[str, Any], definitions: Sequence[TuningDefinition], parents: Mapping[str, Record | None]
) -> Iterator[str]:
    if len(definitions) > 1:
        yield "WarmStartConfig cannot be given with more than one training job definition."
        return
    names = [each.get("HyperParameterTuningJobName") for each in warm_start["ParentHyperParameterTuningJobs"]]
    for name, count in Counter(names).items():
        if name is None:
            yield "HyperParameterTuningJobName is required in each of ParentHyperParameterTuningJobs."
            continue
        if count > 1:
            yield f"ParentHyperParameterTuningJobs must be unique, got '{name}' {count} times."
        parent = parents.get(name)
        if parent is None:
            yield f"The parent hyperparameter tuning job '{name}' could not be found."
        elif parent.status not in ENDED:
            yield (
                f"The parent hyperparameter tuning job '{name}' is in status {parent.status}; it must be Completed, "
                "Stopped or Failed."
            )
        else:
            yield from _parent_problems(name, warm_start["WarmStartType"], definitions[0], parent)


def _parent_problems(name: str, kind: str, definition: TuningDefinition, parent: Record) -> Iterator[str]:
    of_parent = tuning_definitions(parent.body)
    if len(of_parent) > 1:
        yield f"The parent hyperparameter tuning job '{name}' has more than one training job definition."
        return
    theirs = of_parent[0]
    objective = (definition.metric_name, definition.objective_type)
    if objective != (theirs.metric_name, theirs.objective_type):
        yield (
            f"The objective metric must be that of the parent hyperparameter tuning job '{name}', {theirs.metric_name} "
            f"({theirs.objective_type}), got {definition.metric_name} ({definition.objective_type})."
        )
    count, parents_count = (len(each.static) + len(each.ranges) for each in (definition, theirs))
    if count != parents_count:
        yield (
            "The total number of static and tunable hyperparameters must be the same as in the parent hyperparameter "
            f"tuning job '{name}', {parents_count}, got {count}."
        )
    if kind == "IdenticalDataAndAlgorithm":
        image, parents_image = (
            each.members["AlgorithmSpecification"].get("TrainingImage") for each in (definition, theirs)
        )
        if image != parents_image:
            yield (
                "With IdenticalDataAndAlgorithm, the TrainingImage must be that of the parent hyperparameter tuning "
                f"job '{name}', {parents_image}, got {image}. Use TransferLearning."
            )
        if definition.members.get("InputDataConfig") != theirs.members.get("InputDataConfig"):
            yield (
                "With IdenticalDataAndAlgorithm, the InputDataConfig must be that of the parent hyperparameter tuning "
                f"job '{name}'. Use TransferLearning."
            )
