"""Ranges of hyperparameters, as data: for Optuna here, and for the tuning jobs of the API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagecraft_containers.errors import UserError


@dataclass(frozen=True)
class Range:
    """Numbers from one to another.

    Attributes:
        low: The least.
        high: The greatest.
        log: Whether they are looked for by their logarithm.
    """

    low: float
    high: float
    log: bool = False

    @property
    def is_integer(self) -> bool:
        """Whether they are whole."""
        return isinstance(self.low, int)

    def suggested(self, trial: Any, name: str) -> Any:
        """A value of Optuna's."""
        suggest = trial.suggest_int if self.is_integer else trial.suggest_float
        return suggest(name, self.low, self.high, log=self.log)

    def parsed(self, name: str, text: str) -> Any:
        """A value of a job's hyperparameters.

        Raises:
            UserError: It is no number of the range.
        """
        try:
            value = int(text) if self.is_integer else float(text)
        except ValueError:
            value = None
        if value is None or not self.low <= value <= self.high:
            kind = "a whole number" if self.is_integer else "a number"
            raise UserError(f"The hyperparameter '{name}' must be {kind} from {self.low} to {self.high}, got '{text}'.")
        return value


@dataclass(frozen=True)
class Choice:
    """One of a few values."""

    values: tuple[str, ...]

    def suggested(self, trial: Any, name: str) -> Any:
        """A value of Optuna's."""
        return trial.suggest_categorical(name, list(self.values))

    def parsed(self, name: str, text: str) -> Any:
        """A value of a job's hyperparameters.

        Raises:
            UserError: It is none of them.
        """
        if text not in self.values:
            raise UserError(f"The hyperparameter '{name}' must be one of {', '.join(self.values)}, got '{text}'.")
        return text


Space = Mapping[str, Range | Choice]
