"""What there is to predict: its problem, its classes, and what is wrong with it."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.problem import Array, ProblemType
from sagecraft_containers.errors import UserError

_SMALL_ROWS: Final = 1000
_MOST_INTEGER_CLASSES: Final = 100
_SEVERAL: Final = 2


@dataclass(frozen=True)
class Target:
    """The column to predict.

    Attributes:
        name: Its name.
        problem: What kind of prediction it is.
        classes: As they are written, in the order of their numbers; empty for regression.
    """

    name: str
    problem: ProblemType
    classes: tuple[str, ...] = ()

    def encoded(self, values: "pd.Series[Any]", channel: str) -> Array:
        """Numbers of classes, or values.

        Raises:
            UserError: A value is no number where one is to be, or of a class that training has not seen.
        """
        if self.problem.is_classification:
            numbers = {name: number for number, name in enumerate(self.classes)}
            unseen = next((value for value in values if value not in numbers), None)
            if unseen is not None:
                raise UserError(
                    f"The {channel} data has the class '{unseen}' of the target '{self.name}', which the training data "
                    "has not; take its rows out, or put some of them into the training data."
                )
            return values.map(numbers).to_numpy(dtype=np.int64)
        return _numbers(self.name, values, channel)


def find_target(name: str, values: "pd.Series[Any]", problem: str | None) -> Target:
    """The problem that the values of the training data stand for.

    Without a type asked for: two values are a binary problem, text is a class, and whole numbers are classes where each
    occurs often. So does AutoGluon decide, which AWS runs (`infer_problem_type` in `autogluon/core/utils/utils.py`).

    Args:
        name: Of the target.
        values: Text without missing ones, as it was written.
        problem: The API's name of the type, or None.

    Raises:
        UserError: It cannot be predicted, or is of another type than was asked for.
    """
    counts = values.value_counts()
    if len(counts) == 1:
        raise UserError(
            f"The target '{name}' has the one value '{counts.index[0]}' in all rows, so that there is nothing to "
            "learn; name another column, or add rows with other values."
        )
    found = _inferred(values, len(counts)) if problem is None else _asked(name, problem, len(counts))
    if found is ProblemType.REGRESSION:
        _numbers(name, values, "training")
        return Target(name, found)
    if len(counts) == len(values) and len(values) > _SEVERAL:
        raise UserError(
            f"Each of the {len(values):,} rows has a value of its own in the target '{name}', as an identifier has, so "
            f"that they cannot be classes; name another column, or ask for the problem type {ProblemType.REGRESSION} "
            "where they are numbers."
        )
    lone = counts[counts < _SEVERAL]
    if len(lone):
        raise UserError(
            f"The class '{lone.index[0]}' of the target '{name}' has one row, and there are {len(lone)} such "
            "class(es); each needs two rows at least, to learn from and to validate with. Add rows, or take these out."
        )
    return Target(name, found, tuple(_in_order(list(counts.index))))


def _inferred(values: "pd.Series[Any]", distinct: int) -> ProblemType:
    if distinct == _SEVERAL:
        return ProblemType.BINARY
    numbers = pd.to_numeric(values, errors="coerce")
    if numbers.isna().any():
        return ProblemType.MULTICLASS
    often = distinct / len(values) <= (0.05 if len(values) > _SMALL_ROWS else 0.1)
    is_class = often and distinct <= _MOST_INTEGER_CLASSES and bool((numbers % 1 == 0).all())
    return ProblemType.MULTICLASS if is_class else ProblemType.REGRESSION


def _asked(name: str, problem: str, distinct: int) -> ProblemType:
    try:
        asked = ProblemType(problem)
    except ValueError:
        raise UserError(f"There is no problem type '{problem}'; use one of {', '.join(ProblemType)}.") from None
    if asked is ProblemType.BINARY and distinct != _SEVERAL:
        raise UserError(
            f"The target '{name}' has {distinct:,} values, but a {asked} problem has two; ask for "
            f"{ProblemType.MULTICLASS}, or leave the problem type out."
        )
    return asked


def _numbers(name: str, values: "pd.Series[Any]", channel: str) -> Array:
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise UserError(
            f"The target '{name}' of the {channel} data has '{values.iloc[wrong[0]]}', which is no finite number, in "
            f"{len(wrong):,} of {len(values):,} rows; a {ProblemType.REGRESSION} problem predicts numbers."
        )
    return numbers


def _in_order(classes: list[str]) -> list[str]:
    try:
        return sorted(classes, key=float)
    except ValueError:
        return sorted(classes)
