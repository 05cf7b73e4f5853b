"""A trained booster in the file that AWS's training leaves: `model.pkl`, which joblib reads."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import joblib
import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from sagecraft_containers.errors import UserError

MODEL_FILE: Final = "model.pkl"


@dataclass(frozen=True)
class BoosterModel:
    """A booster that was loaded.

    Attributes:
        booster: Its trees.
    """

    booster: lightgbm.Booster

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int(self.booster.num_feature())

    @property
    def is_regression(self) -> bool:
        """Whether it answers numbers, and no probabilities."""
        return str(self.booster.params["objective"]).split()[0] not in {"binary", "multiclass"}

    def predict(self, features: pd.DataFrame) -> npt.NDArray[Any]:
        """Numbers of shape (rows,), or probabilities of shape (rows, classes).

        Raises:
            UserError: A feature is no number.
        """
        try:
            answered = np.asarray(self.booster.predict(features, num_iteration=self.booster.best_iteration))
        except ValueError as error:
            raise UserError(f"LightGBM: {error}") from error
        is_binary = answered.ndim == 1 and not self.is_regression
        return np.column_stack((1 - answered, answered)) if is_binary else answered

    @classmethod
    def load(cls, directory: Path) -> "BoosterModel":
        """The model of a directory.

        A pickle runs the code that it names. So this is for the process of a container alone, which its model's author
        may run code in anyway.

        Raises:
            UserError: There is none, or it cannot be loaded.
        """
        try:
            loaded = joblib.load(directory / MODEL_FILE)
        except FileNotFoundError:
            raise UserError(f"The model has no file '{MODEL_FILE}'.") from None
        except Exception as error:  # a pickle may raise anything, and so may what is none
            raise UserError(f"The model's file '{MODEL_FILE}' cannot be loaded: {error}") from error
        if not isinstance(loaded, lightgbm.Booster):
            raise UserError(f"The model's file '{MODEL_FILE}' holds {type(loaded).__name__}, and no LightGBM booster.")
        return cls(loaded)
