"""Refuses a tuning job that cannot run, when it is declared. Tokens are never looked at: their values come later."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from sagecraft_catalog import Algorithm, check_name, near_matches

from sagecraft_constructs.errors import Problems
from sagecraft_constructs.job.checks import check_number
from sagecraft_constructs.tokens import is_token
from sagecraft_constructs.training.checks import own_algorithm
from sagecraft_constructs.training.props import Training

from .definition import TuningDefinition
from .range import CategoricalRange, HyperparameterRange
from .request import TuningJobDefinition, parameter_ranges
from .strategy import (
    LARGEST_RESOURCE,
    MOST_DEFINITIONS,
    MOST_JOBS,
    MOST_PARALLEL_JOBS,
    MOST_PARENTS,
    MOST_RANGES,
    RESOURCE_HYPERPARAMETERS,
    Hyperband,
    TuningStrategy,
)


def check_search(problems: Problems, search: TuningJobDefinition, definitions: Sequence[TuningDefinition]) -> None:
    """Notes every problem of how a tuning job searches."""
    _check_counts(problems, search, definitions)
    check_number(problems, "max_jobs_not_improving", search.max_jobs_not_improving, 3)
    check_number(problems, "random_seed", search.random_seed, 0)
    check_number(problems, "target_objective_value", search.target_objective_value)
    if len(search.warm_start_from) > MOST_PARENTS:
        problems.add(
            "warm_start_from", f"should be at most {MOST_PARENTS} tuning jobs, got {len(search.warm_start_from)}."
        )
    for parent in search.warm_start_from:
        if not is_token(parent):
            with problems.noting("warm_start_from"):
                check_name("HyperParameterTuningJobName", parent)
    if search.warm_start_from and len(definitions) > 1:
        problems.add("warm_start_from", "a job with several definitions cannot start from others; leave it out.")
    if search.strategy is TuningStrategy.HYPERBAND:
        if search.early_stopping:
            problems.add("early_stopping", "Hyperband stops training jobs by itself; leave 'early_stopping' out.")
        _check_hyperband(problems, Hyperband() if search.hyperband is None else search.hyperband, definitions)
    elif search.hyperband is not None:
        problems.add("hyperband", f"is for TuningStrategy.HYPERBAND alone; the strategy is {search.strategy}.")


def check_parent(
    problems: Problems, definitions: Sequence[TuningDefinition], path: str, of_parent: Sequence[TuningDefinition]
) -> None:
    """Notes why a tuning job cannot start from another one that is declared.

    Args:
        problems: Where to.
        definitions: Of the job.
        path: Where the other one stands.
        of_parent: The definitions of the other one.
    """
    if len(of_parent) != 1:
        problems.add("warm_start_from", f"'{path}' has several definitions; only from a job with one can be learnt.")
    if len(of_parent) != 1 or len(definitions) != 1:
        return
    own, other = definitions[0], of_parent[0]
    if own.objective != other.objective:
        problems.add(
            "warm_start_from",
            f"'{path}' has another objective, '{other.objective.metric_name}' ({other.objective.type}); it must be the "
            "same.",
        )
    count, of_other = (len(each.hyperparameters) + len(each.ranges) for each in (own, other))
    if count != of_other:
        problems.add(
            "warm_start_from",
            f"'{path}' has {of_other} hyperparameters, fixed and tuned, and this job {count}; they must be as many.",
        )


def check_definitions(problems: Problems, definitions: Sequence[TuningDefinition]) -> None:
    """Notes what is wrong with the definitions of a tuning job as a whole."""
    if not 1 <= len(definitions) <= MOST_DEFINITIONS:
        problems.add("definitions", f"should be 1 to {MOST_DEFINITIONS}, got {len(definitions)}.")
    if len(definitions) == 1 and definitions[0].name is None:
        return
    for name, count in Counter(each.name for each in definitions).items():
        if name is None:
            problems.add("definitions", "each needs a 'name'.")
            continue
        if count > 1:
            problems.add("definitions", f"{count} have the name '{name}'; give each its own.")
        with problems.noting("definitions"):
            check_name("HyperParameterTrainingJobDefinitionName", name)


def check_ranges(
    problems: Problems, definition: TuningDefinition, training: Training, strategy: TuningStrategy
) -> None:
    """Notes every problem of what one definition tries out."""
    ranges = definition.ranges
    if not 1 <= len(ranges) <= MOST_RANGES:
        problems.add("ranges", f"should be 1 to {MOST_RANGES} hyperparameters, got {len(ranges)}.")
    sound: dict[str, HyperparameterRange] = {}
    for name, each in ranges.items():
        found = list(each.problems())
        if strategy is TuningStrategy.GRID and not isinstance(each, CategoricalRange):
            found.append(
                f"TuningStrategy.GRID takes a CategoricalRange alone, got {type(each).__name__}; list the values, or "
                "take another strategy."
            )
        if name in training.hyperparameters:
            found.append("is a hyperparameter that stays the same, too; give it once.")
        for problem in found:
            problems.add("ranges", f"{name}: {problem}")
        if not found and not each.has_tokens:
            sound[name] = each
    algorithm = own_algorithm(training)
    if algorithm is None or not algorithm.hyperparameters:
        _check_objective(problems, definition.objective.metric_name, training.metric_names)
    else:
        _check_algorithm(problems, algorithm, definition, training, sound)


def _check_algorithm(
    problems: Problems,
    algorithm: Algorithm,
    definition: TuningDefinition,
    training: Training,
    ranges: Mapping[str, HyperparameterRange],
) -> None:
    tuned = [name for name in definition.ranges if name in algorithm.tunable_hyperparameters]
    tokens = [name for name, value in training.hyperparameters.items() if is_token(value)]
    for problem in algorithm.check_hyperparameters(
        {**training.hyperparameters, **dict.fromkeys(tuned, "")},
        unresolved=[*tuned, *tokens],
        version=training.container.version,
    ):
        problems.add("hyperparameters", problem)
    metric, kind = definition.objective.metric_name, definition.objective.type
    predictor = training.hyperparameters.get("predictor_type")
    predictor_type = None if predictor is None or is_token(predictor) else str(predictor)
    for problem in algorithm.check_tuning(metric, kind, parameter_ranges(ranges), predictor_type):
        if not problem.startswith(f"{metric}:"):
            problems.add("ranges", problem)
        elif not is_token(metric):
            problems.add("objective", problem)


def _check_counts(problems: Problems, search: TuningJobDefinition, definitions: Sequence[TuningDefinition]) -> None:
    check_number(problems, "max_jobs", search.max_jobs, 1, MOST_JOBS[search.strategy])
    check_number(problems, "max_parallel_jobs", search.max_parallel_jobs, 1, MOST_PARALLEL_JOBS)
    if search.strategy is TuningStrategy.GRID:
        _check_grid(problems, search.max_jobs, definitions)
    elif search.max_jobs is None and search.max_runtime is None:
        problems.add("max_jobs", "is needed, or 'max_runtime', or the job would never end.")
    most = search.max_jobs
    if most is None or is_token(most) or is_token(search.max_parallel_jobs):
        return
    if search.max_parallel_jobs > most:
        problems.add(
            "max_parallel_jobs",
            f"{search.max_parallel_jobs} are more than the {most} of 'max_jobs'; SageMaker takes no more than those.",
        )


def _check_grid(problems: Problems, max_jobs: int | None, definitions: Sequence[TuningDefinition]) -> None:
    combinations = sum(
        math.prod(len(each.values) if isinstance(each, CategoricalRange) else 1 for each in definition.ranges.values())
        for definition in definitions
    )
    if max_jobs is None:
        check_number(problems, "ranges", combinations, 1, MOST_JOBS[TuningStrategy.GRID])
    elif not is_token(max_jobs) and max_jobs != combinations:
        problems.add(
            "max_jobs", f"the grid has {combinations} combinations, got {max_jobs}; leave 'max_jobs' out with a grid."
        )


def _check_hyperband(problems: Problems, hyperband: Hyperband, definitions: Sequence[TuningDefinition]) -> None:
    minimum, maximum = hyperband.min_resource, hyperband.max_resource
    check_number(problems, "hyperband: min_resource", minimum, 1)
    check_number(problems, "hyperband: max_resource", maximum, 1, LARGEST_RESOURCE)
    if maximum is None:
        if any(RESOURCE_HYPERPARAMETERS.isdisjoint(each.hyperparameters) for each in definitions):
            names = ", ".join(sorted(RESOURCE_HYPERPARAMETERS))
            problems.add("hyperband", f"max_resource is needed, because no hyperparameter is called {names}.")
        return
    minimum = 1 if minimum is None else minimum
    if not is_token(minimum) and not is_token(maximum) and minimum >= maximum:
        problems.add("hyperband", f"min_resource should be less than max_resource, got {minimum} and {maximum}.")


def _check_objective(problems: Problems, metric_name: str, known: frozenset[str]) -> None:
    if is_token(metric_name) or metric_name in known:
        return
    near = near_matches(metric_name, known)
    if near:
        hint = f"Did you mean {', '.join(near)}?"
    elif known:
        hint = f"There are {', '.join(sorted(known))}."
    else:
        hint = "Say with 'metric_definitions' how it is read from the log."
    problems.add("objective", f"the training jobs report no metric '{metric_name}'. {hint}")
