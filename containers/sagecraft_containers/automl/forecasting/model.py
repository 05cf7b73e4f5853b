"""What a job makes: a forecaster that takes rows as they are written in the files."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl import pickled
from sagecraft_containers.errors import DataError

from .data.building import build_panel
from .data.panel import Panel, Related
from .data.rows import rows_of
from .definition import MODEL, ForecastDefinition
from .models.algorithm import Fitted

_LEAST_VALUES: Final = 4
"""Of each series of a request.

Source: autopilot/autopilot_time_series.ipynb of https://github.com/aws/amazon-sagemaker-examples
"""


@dataclass(frozen=True)
class Forecaster:
    """Some algorithms, and what they have learnt.

    Attributes:
        definition: What was asked for.
        first: The unit of time that a step began with.
        columns: The related columns that it makes use of.
        algorithms: Their names.
        members: What each has learnt.
        weights: Of each.
    """

    definition: ForecastDefinition
    first: int
    columns: tuple[Related, ...]
    algorithms: tuple[str, ...]
    members: tuple[Fitted, ...]
    weights: tuple[float, ...]

    def answer(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The forecast that follows on some rows, a row for each series and step.

        Args:
            frame: Text, with the columns of the training data; of the time that is forecast without a
                target, where there are related columns.

        Raises:
            UserError: It is not what the model was made of.
        """
        rows = rows_of(frame, self.definition, "request")
        lacking = next((column.name for column in self.columns if column.name not in rows.related), None)
        if lacking is not None:
            raise DataError(f"the rows have no column '{lacking}', which the training data had")
        panel = build_panel(rows, self.definition, self.columns, self.first, "request", least=_LEAST_VALUES)
        return panel.named(self.forecast(panel), panel.steps)

    def forecast(self, panel: Panel) -> Any:
        """The next steps, shape (series, horizon, answered)."""
        forecasts = [member.forecast(panel, panel.steps) for member in self.members]
        return np.average(forecasts, axis=0, weights=self.weights)

    def save(self, directory: Path) -> None:
        """Writes it into a directory, for `load`."""
        pickled.save(self, directory, MODEL)

    @classmethod
    def load(cls, directory: Path) -> "Forecaster":
        """What `save` wrote; it runs what the file says, as every pickle.

        Raises:
            UserError: There is none.
        """
        loaded: Forecaster = pickled.load(directory, MODEL)
        return loaded
