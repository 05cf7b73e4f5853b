"""Series at equal steps of time, as the analysis of a job or of a request makes them, for everything after it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.forecasting.definition import ForecastDefinition
from sagecraft_containers.automl.forecasting.frequency import Frequency, Times
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.errors import UserError

_META: Final = "series.json"
_VALUES: Final = "series.npz"


@dataclass(frozen=True)
class Related:
    """A column besides the target.

    Attributes:
        name: Its name.
        categories: What stands in it, in the order of their numbers; empty where it holds numbers.
    """

    name: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Series, all of the same steps.

    Attributes:
        definition: What is asked for.
        first: The unit of time (`Frequency.units`) that step 0 begins with.
        keys: What tells each series apart.
        target: Shape (series, steps); NaN before a series begins.
        columns: The related columns.
        related: Shape (columns, series, steps and horizon): numbers, or numbers of categories; NaN where unknown.
    """

    definition: ForecastDefinition
    first: int
    keys: tuple[tuple[str, ...], ...]
    target: Array
    columns: tuple[Related, ...]
    related: Array

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def frequency(self) -> Frequency:
        """The step."""
        return Frequency.parse(self.definition.frequency)

    @property
    def horizon(self) -> int:
        """How many steps are forecast."""
        return self.definition.horizon

    @property
    def steps(self) -> int:
        """How many steps there are values of."""
        return int(self.target.shape[1])

    def times(self, begin: int, end: int) -> Times:
        """When the steps of a range begin; those of the horizon as well."""
        return self.frequency.times(np.arange(begin, end), self.first)

    def take(self, places: Sequence[int]) -> "Panel":
        """Some of the series."""
        chosen = list(places)
        keys = tuple(self.keys[place] for place in chosen)
        return Panel(self.definition, self.first, keys, self.target[chosen], self.columns, self.related[:, chosen])

    def named(self, values: Array, begin: int) -> pd.DataFrame:
        """A table of forecasts, a row for each series and step.

        Args:
            values: Shape (series, horizon, answered).
            begin: The first step that is forecast.
        """
        definition = self.definition
        texts = self.frequency.text(self.times(begin, begin + self.horizon))
        rows: dict[str, Any] = {
            name: np.repeat([key[place] for key in self.keys], self.horizon)
            for place, name in enumerate(definition.keys)
        }
        rows[definition.timestamp] = texts * len(self)
        flat = values.reshape(-1, values.shape[2])
        return pd.DataFrame(rows | {name: flat[:, place] for place, name in enumerate(definition.answered)})

    def save(self, directory: Path) -> None:
        """Writes it into a directory, for `load`."""
        directory.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(directory / _VALUES, target=self.target, related=self.related)
        meta = {
            "definition": self.definition.to_json(),
            "first": self.first,
            "keys": self.keys,
            "columns": [asdict(column) for column in self.columns],
        }
        (directory / _META).write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Panel":
        """What `save` wrote.

        Raises:
            UserError: The directory holds no such thing.
        """
        try:
            meta = json.loads((directory / _META).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"The channel '{directory.name}' holds no series that an analysis has prepared.") from error
        with np.load(directory / _VALUES) as arrays:
            target, related = arrays["target"], arrays["related"]
        columns = tuple(Related(each["name"], tuple(each["categories"])) for each in meta["columns"])
        keys = tuple(tuple(key) for key in meta["keys"])
        return cls(ForecastDefinition.from_json(meta["definition"]), meta["first"], keys, target, columns, related)
