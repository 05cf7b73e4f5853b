"""Every algorithm of the catalog, and what its hyperparameters demand of each other.

A new algorithm is a line here, its facts in `data/algorithms/`, and a module beside this one if there are such demands.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue

from .xgboost import conflicts as xgboost_conflicts

Rules = Callable[[Mapping[str, HyperparameterValue], frozenset[str]], Iterator[str]]
"""Given the values that could be read and the names whose values are not known yet, one sentence per demand not met."""

RULES: Final[Mapping[str, Rules | None]] = {"xgboost": xgboost_conflicts, "sklearn": None}
