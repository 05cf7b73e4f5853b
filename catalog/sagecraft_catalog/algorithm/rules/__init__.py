"""What the hyperparameters of an algorithm demand of each other: a module and a line for each that has such demands."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue

from .knn import conflicts as knn_conflicts
from .linear_learner import conflicts as linear_learner_conflicts
from .pca import conflicts as pca_conflicts
from .xgboost import conflicts as xgboost_conflicts

Rules = Callable[[Mapping[str, HyperparameterValue], frozenset[str]], Iterator[str]]
"""Given the values that could be read and the names whose values are not known yet, one sentence per demand not met."""

RULES: Final[Mapping[str, Rules]] = {
    "knn": knn_conflicts,
    "linear-learner": linear_learner_conflicts,
    "pca": pca_conflicts,
    "xgboost": xgboost_conflicts,
}
