"""The algorithms of candidates: what can be tuned of each, and the estimator that it is."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.contract import THREADS_VARIABLE

from .preparation import Style
from .space import Choice, Range, Space

Hyperparameters = Mapping[str, Any]
BALANCE: Final = "class_weight"
_BALANCED: Final = Choice(("none", "balanced"))


@dataclass(frozen=True)
class Algorithm:
    """One that candidates may have.

    Attributes:
        name: As `AutoMLAlgorithms` of the API has it, where that does.
        style: How its features are prepared.
        space: What is tuned, and within which ranges.
        defaults: A choice that is good for most tables.
        make: The estimator for a problem, of hyperparameters, with a seed and a number of threads.
    """

    name: str
    style: Style
    space: Space
    defaults: Hyperparameters
    make: Callable[[ProblemType, dict[str, Any], int, int], Any]


def threads() -> int:
    """How many a fit may use: what the job was granted."""
    given = os.environ.get(THREADS_VARIABLE, "")
    return int(given) if given.isdecimal() else os.cpu_count() or 1


def _xgboost(problem: ProblemType, values: dict[str, Any], seed: int, count: int) -> Any:
    import xgboost  # noqa: PLC0415 - each library is imported where it is used

    make = xgboost.XGBClassifier if problem.is_classification else xgboost.XGBRegressor
    return make(random_state=seed, n_jobs=count, **values)


def _histogram_boosting(problem: ProblemType, values: dict[str, Any], seed: int, _count: int) -> Any:
    from sklearn import ensemble  # noqa: PLC0415

    if problem.is_classification:
        return ensemble.HistGradientBoostingClassifier(random_state=seed, early_stopping=False, **_weighted(values))
    return ensemble.HistGradientBoostingRegressor(random_state=seed, early_stopping=False, **values)


def _forest(problem: ProblemType, values: dict[str, Any], seed: int, count: int) -> Any:
    from sklearn import ensemble  # noqa: PLC0415

    if problem.is_classification:
        return ensemble.RandomForestClassifier(random_state=seed, n_jobs=count, **_weighted(values))
    return ensemble.RandomForestRegressor(random_state=seed, n_jobs=count, **values)


def _extra_trees(problem: ProblemType, values: dict[str, Any], seed: int, count: int) -> Any:
    from sklearn import ensemble  # noqa: PLC0415

    if problem.is_classification:
        return ensemble.ExtraTreesClassifier(random_state=seed, n_jobs=count, **_weighted(values))
    return ensemble.ExtraTreesRegressor(random_state=seed, n_jobs=count, **values)


def _linear(problem: ProblemType, values: dict[str, Any], seed: int, _count: int) -> Any:
    from sklearn import linear_model  # noqa: PLC0415

    if problem.is_classification:
        return linear_model.LogisticRegression(random_state=seed, max_iter=300, **_weighted(values))
    return linear_model.Ridge(alpha=1 / values["C"], random_state=seed)


def _weighted(values: dict[str, Any]) -> dict[str, Any]:
    """With the name that scikit-learn has for no weights of classes."""
    given = values.get(BALANCE)
    return values if given is None else {**values, BALANCE: None if given == "none" else given}


_TREES: Final[Space] = {
    "n_estimators": Range(100, 300),
    "min_samples_leaf": Range(1, 20, log=True),
    "max_features": Range(0.1, 1.0),
    BALANCE: _BALANCED,
}
ALGORITHMS: Final[Mapping[str, Algorithm]] = {
    each.name: each
    for each in (
        Algorithm(
            "xgboost",
            Style.TREES,
            {
                "n_estimators": Range(50, 600, log=True),
                "learning_rate": Range(0.01, 0.3, log=True),
                "max_depth": Range(2, 9),
                "min_child_weight": Range(0.5, 20.0, log=True),
                "subsample": Range(0.5, 1.0),
                "colsample_bytree": Range(0.3, 1.0),
                "reg_lambda": Range(0.1, 20.0, log=True),
            },
            {
                "n_estimators": 200,
                "learning_rate": 0.06,
                "max_depth": 4,
                "min_child_weight": 1.0,
                "subsample": 0.7,
                "colsample_bytree": 0.7,
                "reg_lambda": 1.0,
            },
            _xgboost,
        ),
        Algorithm(
            "hist-gradient-boosting",
            Style.TREES,
            {
                "max_iter": Range(50, 500, log=True),
                "learning_rate": Range(0.02, 0.3, log=True),
                "max_leaf_nodes": Range(4, 63, log=True),
                "min_samples_leaf": Range(2, 60, log=True),
                "l2_regularization": Range(1e-3, 10.0, log=True),
                "max_features": Range(0.3, 1.0),
                BALANCE: _BALANCED,
            },
            {
                "max_iter": 150,
                "learning_rate": 0.06,
                "max_leaf_nodes": 15,
                "min_samples_leaf": 15,
                "l2_regularization": 0.1,
                "max_features": 0.7,
                BALANCE: "none",
            },
            _histogram_boosting,
        ),
        Algorithm(
            "randomforest",
            Style.TREES,
            _TREES,
            {"n_estimators": 150, "min_samples_leaf": 3, "max_features": 0.4, BALANCE: "none"},
            _forest,
        ),
        Algorithm(
            "extra-trees",
            Style.TREES,
            _TREES,
            {"n_estimators": 150, "min_samples_leaf": 3, "max_features": 0.5, BALANCE: "none"},
            _extra_trees,
        ),
        Algorithm(
            "linear-learner",
            Style.SCALED,
            {"C": Range(1e-3, 100.0, log=True), BALANCE: _BALANCED},
            {"C": 0.5, BALANCE: "none"},
            _linear,
        ),
    )
}
"""By name, in the order in which they are tried first."""


def space_of(algorithm: Algorithm, problem: ProblemType) -> dict[str, Range | Choice]:
    """What is tuned of an algorithm for a problem: only classes have weights."""
    return {name: one for name, one in algorithm.space.items() if name != BALANCE or problem.is_classification}
