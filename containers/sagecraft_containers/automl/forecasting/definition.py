"""What a job asks of the program: a JSON object that its first step is given, and that goes with its data."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from sagecraft_catalog.forecasting import FORECAST_METRICS, FORECAST_QUANTILES

from sagecraft_containers.automl.definition import DEFAULT_CONTENT_TYPE
from sagecraft_containers.errors import UserError

PROBLEM: Final = "TimeSeriesForecasting"
MODE: Final = "forecasting"
"""The hyperparameter `mode` of the training job."""
MODEL: Final = "forecaster.joblib"
"""The file of a model that forecasts."""
MEAN: Final = "mean"
_LISTS: Final = ("groups", "quantiles", "features", "algorithms")


@dataclass(frozen=True)
class ForecastDefinition:
    """An AutoML job on time series.

    Attributes:
        target: The column to forecast.
        timestamp: The column of the times.
        item: The column that tells the series apart.
        frequency: The step of the forecast, such as `1D` or `15min`.
        horizon: How many steps are forecast.
        groups: Further columns that tell series apart.
        quantiles: Those that are forecast besides the mean, such as `p10`.
        filling: How gaps are filled, by column.
        aggregation: How values within a step become one, by column.
        holidays: The country whose holidays are made use of, or None.
        objective: The metric to improve.
        content_type: Of all files.
        features: The related columns to use, or None for all.
        types: What related columns are: numeric or categorical. Of the others it is found out.
        algorithms: Those to try, or None for all.
        seed: Of everything that is drawn.
        time_form: How times are written, or None where that is still to be found out. A request's few times may not
            tell whether the day or the month comes first; those of training do.
    """

    target: str
    timestamp: str
    item: str
    frequency: str
    horizon: int
    groups: tuple[str, ...] = ()
    quantiles: tuple[str, ...] = FORECAST_QUANTILES
    filling: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    aggregation: Mapping[str, str] = field(default_factory=dict)
    holidays: str | None = None
    objective: str = FORECAST_METRICS[0]
    content_type: str = DEFAULT_CONTENT_TYPE
    features: tuple[str, ...] | None = None
    types: Mapping[str, str] = field(default_factory=dict)
    algorithms: tuple[str, ...] | None = None
    seed: int = 0
    time_form: str | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that tell series apart."""
        return (self.item, *self.groups)

    @property
    def levels(self) -> tuple[float, ...]:
        """The quantiles as shares."""
        return tuple(int(each.removeprefix("p")) / 100 for each in self.quantiles)

    @property
    def answered(self) -> tuple[str, ...]:
        """What a forecast holds of each step: the quantiles, and the mean."""
        return (*self.quantiles, MEAN)

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> "ForecastDefinition":
        """Of what a step was given.

        Raises:
            UserError: It has something that the program does not know.
        """
        known = {field.name for field in fields(cls)}
        unknown = sorted(set(given) - known)
        if unknown:
            raise UserError(f"The definition has '{unknown[0]}', which is none of {', '.join(sorted(known))}.")
        lists = {name: tuple(given[name]) for name in _LISTS if given.get(name) is not None}
        return cls(**{**given, **lists})

    @classmethod
    def read(cls, file: Path) -> "ForecastDefinition":
        """That of a file, which the job has written."""
        return cls.from_json(json.loads(file.read_text(encoding="utf-8")))

    def to_json(self) -> dict[str, Any]:
        """As `from_json` takes it."""
        return asdict(self)
