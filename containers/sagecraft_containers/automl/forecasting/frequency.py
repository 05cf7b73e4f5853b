"""Steps of time, as `ForecastFrequency` names them.

Where a step begins is what Amazon Forecast calls time boundaries: a year on the first of January, a month on its first
day, a week on Monday, a day at midnight. Source: "Data aggregation for different forecast frequencies" of its guide.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.automl.problem import Array

Times = npt.NDArray[np.datetime64]
_UNITS: Final = {"Y": "Y", "M": "M", "W": "D", "D": "D", "H": "h", "min": "m"}
"""NumPy's units; a week is seven days."""
_IN_A_SEASON: Final = {"Y": 1, "M": 12, "W": 52, "D": 7, "H": 24, "min": 24 * 60}
_DAYS_OF_A_WEEK: Final = 7
_MONDAY: Final = 3
"""1970-01-01 was a Thursday, three days after a Monday."""


@dataclass(frozen=True)
class Frequency:
    """A step of time.

    Attributes:
        count: How many units it has.
        unit: Y, M, W, D, H or min.
    """

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str) -> "Frequency":
        """Of a `ForecastFrequency` that was checked before."""
        found = re.fullmatch(r"(\d*)(Y|M|W|D|H|min)", text)
        if found is None:
            raise ValueError(f"'{text}' is no frequency")
        return cls(int(found[1] or 1), found[2])

    def __str__(self) -> str:
        """As the API takes it."""
        return f"{self.count}{self.unit}"

    @property
    def season(self) -> int:
        """How many steps until things repeat: a year of months and weeks, a week of days, a day of what is shorter."""
        whole, rest = divmod(_IN_A_SEASON[self.unit], self.count)
        return 1 if rest and self.unit not in {"W", "min"} else max(1, whole)

    def units(self, times: Times) -> Array:
        """The number of the unit that each time lies in."""
        numbers = times.astype(f"datetime64[{_UNITS[self.unit]}]").astype(np.int64)
        return (numbers + _MONDAY) // _DAYS_OF_A_WEEK if self.unit == "W" else numbers

    def times(self, steps: Any, first: int) -> Times:
        """When steps begin.

        Args:
            steps: Their numbers from 0.
            first: The unit that the first one begins with.
        """
        numbers = np.asarray(steps, np.int64) * self.count + first
        if self.unit == "W":
            numbers = numbers * _DAYS_OF_A_WEEK - _MONDAY
        return numbers.astype(f"datetime64[{_UNITS[self.unit]}]").astype("datetime64[s]")

    def text(self, times: Times) -> list[str]:
        """Times as a forecast has them: dates, with the time of day where the step is shorter than a day."""
        days = self.unit not in {"H", "min"}
        texts = np.datetime_as_string(times, unit="D" if days else "s")
        return [text.replace("T", " ") for text in texts.tolist()]
