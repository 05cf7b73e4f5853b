"""What a tuning job may search of an algorithm, and by which metrics it may judge.

Source: the hyperparameters that AWS's XGBoost container declares tunable, with the ranges that it recommends, and the
page "Tune a … Model" of each algorithm in the developer guide.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_catalog.near_match import did_you_mean, enumerate_names

from .hyperparameter import Hyperparameter

RANGE_MEMBERS: Final = {
    "IntegerParameterRanges": "Integer",
    "ContinuousParameterRanges": "Continuous",
    "CategoricalParameterRanges": "Categorical",
}
"""The kind of range by the member of `ParameterRanges` that lists those."""


@dataclass(frozen=True)
class ObjectiveMetric:
    """A metric that an algorithm reports and a tuning job may judge by.

    Attributes:
        name: Such as `validation:auc`.
        type: `Maximize` or `Minimize`, whichever makes a better model.
        regex: Its first group is the metric's value in a line of the job's log.
    """

    name: str
    type: str
    regex: str


@dataclass(frozen=True)
class TunableHyperparameter:
    """A hyperparameter that a tuning job may search.

    Attributes:
        name: As the algorithm knows it.
        kinds: The kinds of range that it takes, the usual one first: `Integer`, `Continuous`, `Categorical`.
        minimum: Where AWS recommends to begin; None for categories.
        maximum: Where AWS recommends to end; None for categories.
        scaling: The scale that AWS recommends; None where it recommends none.
        values: The categories that AWS recommends; empty for numbers.
    """

    name: str
    kinds: tuple[str, ...]
    minimum: float | None = None
    maximum: float | None = None
    scaling: str | None = None
    values: tuple[str, ...] = ()

    @classmethod
    def from_data(cls, name: str, data: Mapping[str, Any]) -> "TunableHyperparameter":
        """Reads it from the catalog's JSON."""
        return cls(name, **{**data, "kinds": tuple(data["kinds"]), "values": tuple(data.get("values", ()))})


def metric_problems(
    algorithm: str, metrics: Sequence[ObjectiveMetric], name: str, objective_type: str
) -> Iterator[str]:
    """What is wrong with a tuning job's objective, one sentence each."""
    known = {metric.name: metric.type for metric in metrics}
    if name not in known:
        hint = did_you_mean(name, known) or f" It reports {', '.join(known) or 'none to judge by'}."
        yield f"{name}: not a metric that {algorithm} reports.{hint}"
    elif known[name] != objective_type:
        spoken = "less" if known[name] == "Minimize" else "more"
        yield (
            f"{name}: got the objective type '{objective_type}', but of this metric a better model has {spoken}; use "
            f"'{known[name]}'."
        )


def predictor_problems(metrics: Mapping[str, Sequence[str]], name: str, predictor_type: str | None) -> Iterator[str]:
    """What is wrong with an objective for a kind of predictor, one sentence.

    Args:
        metrics: Those that one kind of predictor alone reports, without their channels, by kind.
        name: The objective's, such as `validation:recall`.
        predictor_type: The hyperparameter; None where it is not known.
    """
    channel, _, metric = name.partition(":")
    own = metrics.get(predictor_type or "", ())
    others = [kind for kind, known in metrics.items() if metric in known]
    if own and others and metric not in own:
        reported = ", ".join(f"{channel}:{each}" for each in own)
        yield f"{name}: a metric of a {others[0]}; the predictor_type is {predictor_type}, which reports {reported}."


def range_problems(
    algorithm: str,
    hyperparameters: Mapping[str, Hyperparameter],
    tunable: Mapping[str, TunableHyperparameter],
    aliases: Mapping[str, str],
    ranges: Mapping[str, Sequence[Mapping[str, Any]]],
) -> Iterator[str]:
    """What is wrong with the `ParameterRanges` of a tuning job, one sentence each."""
    for member, kind in RANGE_MEMBERS.items():
        for each in ranges.get(member, ()):
            given = each["Name"]
            name = aliases.get(given, given)
            if name not in tunable:
                what = "cannot be tuned" if name in hyperparameters else f"not a hyperparameter of {algorithm}"
                hint = did_you_mean(given, tunable) or f" These can be tuned: {', '.join(tunable) or 'none'}."
                yield f"{given}: {what}.{hint}"
            elif kind not in tunable[name].kinds:
                wanted = enumerate_names([f"{allowed}ParameterRanges" for allowed in tunable[name].kinds])
                yield f"{given}: got a range of '{member}', its range must be of {wanted}."
            elif kind == "Categorical":
                yield from _category_problems(hyperparameters[name], given, each.get("Values", ()))
            else:
                yield from _bound_problems(hyperparameters[name], given, each)


def _category_problems(rule: Hyperparameter, given: str, values: Sequence[str]) -> Iterator[str]:
    for value in values:
        try:
            rule.parse(str(value))
        except ValueError as error:
            yield f"{given}: Values: {str(error).partition(': ')[2]}"


def _bound_problems(rule: Hyperparameter, given: str, each: Mapping[str, Any]) -> Iterator[str]:
    bounds = []
    for member in ("MinValue", "MaxValue"):
        try:
            bounds.append(float(str(rule.parse(str(each[member])))))
        except ValueError as error:
            yield f"{given}: {member}: {str(error).partition(': ')[2]}"
    if len(bounds) == 2 and bounds[0] > bounds[1]:
        yield f"{given}: MinValue '{each['MinValue']}' is greater than MaxValue '{each['MaxValue']}'; swap them."
