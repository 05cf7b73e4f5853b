"""A trained model of CatBoost's in the file that AWS's training leaves, in the library's own format."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import catboost
import numpy as np
import numpy.typing as npt
import pandas as pd

from sagecraft_containers.errors import UserError

MODEL_FILE: Final = "model"


@dataclass(frozen=True)
class CatBoostModel:
    """A model that was loaded.

    Attributes:
        model: Its trees.
    """

    model: catboost.CatBoost

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return len(self.model.feature_names_)

    @property
    def is_regression(self) -> bool:
        """Whether it answers numbers, and no probabilities."""
        return not len(self.model.classes_)

    def predict(self, features: pd.DataFrame) -> npt.NDArray[Any]:
        """Numbers of shape (rows,), or probabilities of shape (rows, classes).

        Raises:
            UserError: A feature is no number, or a category a number with a fraction.
        """
        kind = "RawFormulaVal" if self.is_regression else "Probability"
        try:
            return np.asarray(self.model.predict(features, prediction_type=kind))
        except catboost.CatBoostError as error:
            raise UserError(f"CatBoost: {error}") from error

    @classmethod
    def load(cls, directory: Path) -> "CatBoostModel":
        """The model of a directory.

        Raises:
            UserError: There is none, or it cannot be loaded.
        """
        file = directory / MODEL_FILE
        if not file.is_file():
            raise UserError(f"The model has no file '{MODEL_FILE}'.")
        try:
            return cls(catboost.CatBoost().load_model(str(file)))
        except catboost.CatBoostError as error:
            raise UserError(f"The model's file '{MODEL_FILE}' cannot be loaded: {error}") from error
