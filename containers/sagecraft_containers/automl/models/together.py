"""Fitted candidates that answer together: what several of them prepare alike is prepared once.

A candidate is a pipeline of scikit-learn's, which prepares every column for itself. Of one row, that takes longer than
what the models do, and most of it is the same for all.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import joblib
import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.pipeline import Pipeline

from sagecraft_containers.automl.problem import Array

_FEW_ROWS: Final = 64
"""For so many, threads take longer to begin than to answer."""


@dataclass(frozen=True)
class _Step:
    """A fitted transformer, and the columns that it takes."""

    transformer: Any
    columns: Any

    def prepared(self, features: pd.DataFrame) -> Any:
        return self.transformer.transform(features[self.columns])


@dataclass(frozen=True)
class _Preparation:
    """What makes the features of a model of the parts that steps have prepared.

    Attributes:
        steps: The keys of the steps, in the order of their parts.
        is_sparse: Whether the features are a sparse matrix.
        after: What the features go through behind it, all of it stateless.
    """

    steps: tuple[str, ...]
    is_sparse: bool
    after: tuple[Any, ...]

    def features(self, parts: Mapping[str, Any]) -> Any:
        own = [parts[key] for key in self.steps]
        stacked: Any
        if self.is_sparse:
            stacked = sparse.hstack([sparse.csr_matrix(part) for part in own]).tocsr()
        else:
            stacked = np.hstack([_dense(part) for part in own])
        for each in self.after:
            stacked = each.transform(stacked)
        return stacked


def _dense(part: Any) -> Any:
    is_sparse: bool = sparse.issparse(part)
    return part.toarray() if is_sparse else part


class _TreeByTree:
    """A forest of scikit-learn's that answers few rows: it begins a task for each tree, which takes longer than these.

    Args:
        forest: Fitted.
    """

    def __init__(self, forest: Any) -> None:
        self._trees = forest.estimators_

    def predict_proba(self, features: Array) -> Array:
        return self._mean(features, "predict_proba")

    def predict(self, features: Array) -> Array:
        return self._mean(features, "predict")

    def _mean(self, features: Array, method: str) -> Array:
        cells = np.ascontiguousarray(features, dtype=np.float32)  # as trees have learnt from them
        total = sum(getattr(tree, method)(cells, check_input=False) for tree in self._trees)
        mean: Array = total / len(self._trees)
        return mean


_FORESTS: Final = (ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor)


@dataclass(frozen=True)
class _Voter:
    """A model, with what makes its features; `of_few` is the same model where it answers few rows, on one thread."""

    preparation: str
    model: Any
    of_few: Any
    options: Mapping[str, Any]


class Together:
    """Votes of fitted pipelines.

    Args:
        pipelines: Of the steps `preparation` and `model`.
        weights: Whole numbers, one for each.
    """

    def __init__(self, pipelines: Sequence[Pipeline], weights: Sequence[int]) -> None:
        self._weights = list(weights)
        self._steps: dict[str, _Step] = {}
        self._preparations: dict[str, _Preparation] = {}
        self._voters = [self._voter(pipeline) for pipeline in pipelines]

    def predict_proba(self, features: pd.DataFrame) -> Array:
        """The weighed mean of the models' probabilities, shape (rows, classes)."""
        return self._weighed(features, "predict_proba")

    def predict(self, features: pd.DataFrame) -> Array:
        """The weighed mean of the models' values, shape (rows,)."""
        return self._weighed(features, "predict")

    def _weighed(self, features: pd.DataFrame, method: str) -> Array:
        few = len(features) <= _FEW_ROWS
        parts = {key: step.prepared(features) for key, step in self._steps.items()}
        prepared = {key: each.features(parts) for key, each in self._preparations.items()}
        answers = [
            getattr(voter.of_few if few else voter.model, method)(
                prepared[voter.preparation], **(voter.options if few else {})
            )
            for voter in self._voters
        ]
        weighed: Array = np.average(np.asarray(answers), axis=0, weights=self._weights)
        return weighed

    def _voter(self, pipeline: Pipeline) -> _Voter:
        preparation, model = pipeline["preparation"], pipeline["model"]
        key = joblib.hash(preparation)
        if key not in self._preparations:
            self._preparations[key] = self._shared(preparation)
        # CatBoost takes all cores else, whatever it was made with.
        options = {"thread_count": 1} if type(model).__module__.partition(".")[0] == "catboost" else {}
        return _Voter(key, model, _of_few(model), options)

    def _shared(self, preparation: Any) -> _Preparation:
        columns, *after = (
            [each for _, each in preparation.steps] if isinstance(preparation, Pipeline) else [preparation]
        )
        assert isinstance(columns, ColumnTransformer), columns  # noqa: S101 - as `preparation` makes it
        keys = []
        for name, transformer, names in columns.transformers_:
            if name == "remainder":  # which is dropped
                continue
            step = _Step(transformer, names)
            key = joblib.hash((transformer, names))
            self._steps.setdefault(key, step)
            keys.append(key)
        return _Preparation(tuple(keys), columns.sparse_output_, tuple(after))


def _of_few(model: Any) -> Any:
    """The same model on one thread; what was learnt is shared."""
    if isinstance(model, _FORESTS):
        return _TreeByTree(model)
    if getattr(model, "n_jobs", None) is None:
        return model
    single = copy.copy(model)
    single.n_jobs = 1
    return single
