"""What XGBoost's hyperparameters demand of each other.

Source: the checks of AWS's XGBoost container, so that a job refused there is refused here, and the other way round.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue
from sagecraft_catalog.near_match import enumerate_names

_LINEAR_UPDATERS: Final = ("shotgun", "coord_descent")
_UPDATE_UPDATERS: Final = ("refresh", "prune")
_GROWING_UPDATERS: Final = (
    "grow_colmaker",
    "distcol",
    "grow_histmaker",
    "grow_local_histmaker",
    "grow_quantile_histmaker",
)
_CLASSES_OBJECTIVES: Final = ("multi:softmax", "multi:softprob")


def conflicts(values: Mapping[str, HyperparameterValue], unresolved: frozenset[str]) -> Iterator[str]:
    """Every demand that is not met, one sentence each.

    Args:
        values: The hyperparameters that could be read, by name.
        unresolved: Names that are given but whose values are not known yet; demands on those are not checked.
    """
    if not unresolved & {"objective", "num_class"}:
        yield from _class_conflicts(values)
    if not unresolved & {"updater", "booster", "process_type"}:
        yield from _updater_conflicts(values)
    if not unresolved & {"objective", "eval_metric"}:
        yield from _metric_conflicts(values)
    if "tree_method" not in unresolved:
        yield from _constraint_conflicts(values)


def _class_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    objective, classes = values.get("objective"), values.get("num_class")
    if objective in _CLASSES_OBJECTIVES and classes is None:
        yield f"num_class: required with objective '{objective}'; set it to the number of classes."
    if objective not in _CLASSES_OBJECTIVES and classes is not None:
        spoken = "the default objective" if objective is None else f"objective '{objective}'"
        yield f"num_class: got '{classes}', but {spoken} has no classes; use {enumerate_names(_CLASSES_OBJECTIVES)}."


def _updater_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    updaters = values.get("updater")
    if not isinstance(updaters, list):
        return
    shown = ",".join(str(updater) for updater in updaters)
    if values.get("booster") == "gblinear":
        if len(updaters) != 1 or updaters[0] not in _LINEAR_UPDATERS:
            yield f"updater: got '{shown}', with booster 'gblinear' it must be {enumerate_names(_LINEAR_UPDATERS)}."
    elif values.get("process_type") == "update":
        if not set(map(str, updaters)) <= set(_UPDATE_UPDATERS):
            yield (
                f"updater: got '{shown}', with process_type 'update' only "
                f"{enumerate_names(_UPDATE_UPDATERS, last='and')} can be used."
            )
    elif linear := [str(updater) for updater in updaters if updater in _LINEAR_UPDATERS]:
        yield f"updater: {enumerate_names(linear)} can only be used with booster 'gblinear'."
    elif len(growing := [str(updater) for updater in updaters if updater in _GROWING_UPDATERS]) > 1:
        yield f"updater: got {enumerate_names(growing, last='and')}, but only one updater may grow the trees."


def _metric_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    metrics, objective = values.get("eval_metric"), str(values.get("objective", "reg:squarederror"))
    if not isinstance(metrics, list):
        return
    if "auc" in metrics and not objective.startswith(("binary:", "multi:", "rank:")):
        yield f"eval_metric: 'auc' needs an objective that classifies or ranks, but the objective is '{objective}'."
    if "aft-nloglik" in metrics and objective != "survival:aft":
        yield f"eval_metric: 'aft-nloglik' needs the objective 'survival:aft', but the objective is '{objective}'."


def _constraint_conflicts(values: Mapping[str, HyperparameterValue]) -> Iterator[str]:
    allowed = {"monotone_constraints": ("exact", "hist"), "interaction_constraints": ("exact", "hist", "approx")}
    for name, methods in allowed.items():
        if name in values and values.get("tree_method") not in methods:
            yield f"{name}: needs tree_method to be set to {enumerate_names(methods)}."
