"""The algorithms of candidates: what can be tuned of each, and the estimator that it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final

from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.errors import UserError

from . import estimators
from .estimators import BALANCE, Fit
from .preparation import Style
from .space import Choice, Range, Space

Hyperparameters = Mapping[str, Any]
_BALANCED: Final = Choice(("none", "balanced"))
_MANY_ROWS: Final = 5_000
EXTRA: Final = "sagecraft[automl]"
"""What brings the packages that need not be there."""


@dataclass(frozen=True)
class Algorithm:
    """One that candidates may have.

    Attributes:
        name: As `AutoMLAlgorithms` of the API has it, where that does.
        style: How its features are prepared.
        space: What is tuned, and within which ranges.
        defaults: A choice that is good for most tables.
        make: The estimator for a problem.
        library: The package that it is of.
        of_many_rows: What of the defaults is another one where there are many rows: more of them tell more apart.
        by_class: Whether it has trees for each class, so that many classes take it many times as long.
    """

    name: str
    style: Style
    space: Space
    defaults: Hyperparameters
    make: Callable[[Fit], Any]
    of_many_rows: Hyperparameters = field(default_factory=dict)
    library: str = "sklearn"
    by_class: bool = False

    def beginning(self, rows: int) -> Hyperparameters:
        """The defaults for so many rows."""
        return {**self.defaults, **self.of_many_rows} if rows > _MANY_ROWS else self.defaults

    @property
    def is_installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.library) is not None


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
            estimators.xgboost,
            {"n_estimators": 400, "learning_rate": 0.1, "max_depth": 8},
            library="xgboost",
            by_class=True,
        ),
        Algorithm(
            "lightgbm",
            Style.CODED,
            {
                "n_estimators": Range(50, 600, log=True),
                "learning_rate": Range(0.01, 0.3, log=True),
                "num_leaves": Range(4, 127, log=True),
                "min_child_samples": Range(2, 60, log=True),
                "subsample": Range(0.5, 1.0),
                "colsample_bytree": Range(0.3, 1.0),
                "reg_lambda": Range(1e-3, 20.0, log=True),
                BALANCE: _BALANCED,
            },
            {
                "n_estimators": 200,
                "learning_rate": 0.05,
                "num_leaves": 15,
                "min_child_samples": 15,
                "subsample": 0.8,
                "colsample_bytree": 0.7,
                "reg_lambda": 1.0,
                BALANCE: "none",
            },
            estimators.lightgbm,
            {"n_estimators": 400, "learning_rate": 0.1, "num_leaves": 63},
            library="lightgbm",
            by_class=True,
        ),
        Algorithm(
            "hist-gradient-boosting",
            Style.CODED,
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
            estimators.histogram_boosting,
            {"max_iter": 300, "learning_rate": 0.1, "max_leaf_nodes": 63},
            by_class=True,
        ),
        Algorithm(
            "linear-learner",
            Style.SCALED,
            {"C": Range(1e-3, 100.0, log=True), BALANCE: _BALANCED},
            {"C": 0.5, BALANCE: "none"},
            estimators.linear,
        ),
        Algorithm(
            "catboost",
            Style.ALL_CODED,
            {
                "iterations": Range(100, 600, log=True),
                "learning_rate": Range(0.02, 0.3, log=True),
                "depth": Range(3, 8),
                "l2_leaf_reg": Range(1.0, 20.0, log=True),
                "random_strength": Range(0.1, 10.0, log=True),
                BALANCE: _BALANCED,
            },
            {
                "iterations": 300,
                "learning_rate": 0.07,
                "depth": 6,
                "l2_leaf_reg": 3.0,
                "random_strength": 1.0,
                BALANCE: "none",
            },
            estimators.catboost,
            {"iterations": 400, "learning_rate": 0.15, "depth": 8},
            library="catboost",
            by_class=True,
        ),
        Algorithm(
            "extra-trees",
            Style.TREES,
            _TREES,
            {"n_estimators": 150, "min_samples_leaf": 3, "max_features": 0.5, BALANCE: "none"},
            estimators.extra_trees,
        ),
        Algorithm(
            "randomforest",
            Style.TREES,
            _TREES,
            {"n_estimators": 150, "min_samples_leaf": 3, "max_features": 0.4, BALANCE: "none"},
            estimators.forest,
        ),
        Algorithm(
            "mlp",
            Style.SCALED,
            {
                "layers": Range(1, 3),
                "neurons": Range(16, 256, log=True),
                "alpha": Range(1e-3, 10.0, log=True),
                "learning_rate_init": Range(1e-4, 1e-2, log=True),
            },
            {"layers": 2, "neurons": 64, "alpha": 2.0, "learning_rate_init": 1e-3},
            estimators.mlp,
        ),
    )
}
"""By name, in the order in which they are tried first."""


def find_algorithm(name: str) -> Algorithm:
    """One by its name.

    Raises:
        UserError: There is none of it, or its package is not installed.
    """
    found = ALGORITHMS.get(name)
    if found is None:
        raise UserError(f"There is no algorithm '{name}' here; use one of {', '.join(chosen(None))}.")
    if not found.is_installed:
        raise UserError(
            f"The algorithm '{name}' needs the package {found.library}, which is not installed; install {EXTRA}, or "
            f"use one of {', '.join(chosen(None))}."
        )
    return found


def chosen(names: Sequence[str] | None) -> dict[str, Algorithm]:
    """Those of some names; of no names all whose packages are installed.

    Raises:
        UserError: As `find_algorithm`.
    """
    if names is None:
        return {name: each for name, each in ALGORITHMS.items() if each.is_installed}
    return {name: find_algorithm(name) for name in names}


def lacking() -> str | None:
    """What to tell of the algorithms whose packages are not installed; None where all are."""
    names = [name for name, each in ALGORITHMS.items() if not each.is_installed]
    return f"Not tried: {', '.join(names)}; install {EXTRA} for them." if names else None


def space_of(algorithm: Algorithm, problem: ProblemType) -> dict[str, Range | Choice]:
    """What is tuned of an algorithm for a problem: only classes have weights."""
    return {name: one for name, one in algorithm.space.items() if name != BALANCE or problem.is_classification}
