"""One candidate: an algorithm with its hyperparameters, and the pipeline from columns to answers that it is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sklearn.pipeline import Pipeline

from sagecraft_containers.automl.data.columns import Schema
from sagecraft_containers.automl.problem import Array, ProblemType
from sagecraft_containers.errors import UserError

from .algorithms import ALGORITHMS, Algorithm, find_algorithm, space_of
from .estimators import Fit, threads
from .preparation import coded_columns, preparation

ALGORITHM: Final = "algorithm"


@dataclass(frozen=True)
class Candidate:
    """What is tried.

    Attributes:
        algorithm: Its name.
        hyperparameters: All of them.
    """

    algorithm: str
    hyperparameters: Mapping[str, Any]

    @classmethod
    def default(cls, algorithm: Algorithm, problem: ProblemType, rows: int = 0) -> "Candidate":
        """The one that a search of so many rows begins with."""
        values = algorithm.beginning(rows)
        return cls(algorithm.name, {name: values[name] for name in space_of(algorithm, problem)})

    @classmethod
    def parse(cls, given: Mapping[str, str], problem: ProblemType) -> "Candidate":
        """That of a training job's hyperparameters; what is left out is as `default` has it.

        Raises:
            UserError: The algorithm is not known, or a hyperparameter is not its own or out of range.
        """
        algorithm = find_algorithm(given.get(ALGORITHM, ""))
        space = space_of(algorithm, problem)
        unknown = sorted(set(given) - set(space) - {ALGORITHM})
        if unknown:
            raise UserError(
                f"The algorithm '{algorithm.name}' has no hyperparameter '{unknown[0]}'; it has {', '.join(space)}."
            )
        values = {name: one.parsed(name, given[name]) for name, one in space.items() if name in given}
        return cls(algorithm.name, {**cls.default(algorithm, problem).hyperparameters, **values})

    def told(self) -> str:
        """For a person."""
        return f"{self.algorithm} {json.dumps(dict(self.hyperparameters))}"

    def pipeline(self, schema: Schema, problem: ProblemType, rows: int, seed: int) -> Pipeline:
        """What fits it to `rows` rows."""
        algorithm = ALGORITHMS[self.algorithm]
        coded = len(coded_columns(schema, algorithm.style))
        return Pipeline(
            [
                ("preparation", preparation(schema, algorithm.style, problem, rows, seed)),
                ("model", algorithm.make(Fit(problem, self.hyperparameters, seed, threads(), coded))),
            ]
        )


def answers_of(estimator: Any, problem: ProblemType, features: Any) -> Array:
    """Probabilities of shape (rows, classes), or values of shape (rows,)."""
    if not problem.is_classification:
        return np.asarray(estimator.predict(features), dtype=np.float64)
    answers = np.asarray(estimator.predict_proba(features), dtype=np.float64)
    whole: Array = answers / answers.sum(axis=1, keepdims=True)  # those of 32 bits do not add up to 1
    return whole
