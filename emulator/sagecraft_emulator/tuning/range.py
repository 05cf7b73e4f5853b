"""One range of a tuning job's `ParameterRanges`, and what is wrong with it.

Source: `ParameterRanges` in the SageMaker API reference, "Define Hyperparameter Ranges" and "Hyperparameter Scaling" in
the developer guide.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

MAX_CATEGORIES: Final = 30
MEMBERS: Final[Mapping[str, str]] = {
    "IntegerParameterRanges": "Integer",
    "ContinuousParameterRanges": "Continuous",
    "CategoricalParameterRanges": "Categorical",
}
# `Auto` takes the logarithm where the ends are so many times apart.
_AUTO_LOGARITHMIC: Final = 100


@dataclass(frozen=True)
class ParameterRange:
    """What one hyperparameter is chosen from.

    Attributes:
        name: The hyperparameter's.
        kind: `Integer`, `Continuous` or `Categorical`.
        values: The ends as text for numbers, or all values.
        scaling: `Auto`, `Linear`, `Logarithmic` or `ReverseLogarithmic`.
    """

    name: str
    kind: str
    values: tuple[str, ...]
    scaling: str

    @property
    def bounds(self) -> tuple[float, float]:
        """The ends of a range of numbers.

        Raises:
            ValueError: They are no numbers, or not whole ones where that is needed.
        """
        low, high = (int(value) if self.kind == "Integer" else float(value) for value in self.values)
        if not (math.isfinite(low) and math.isfinite(high)):
            raise ValueError("not finite")
        return low, high

    @property
    def scale(self) -> str:
        """The scaling, `Auto` decided: logarithmic where the ends are positive and two orders of magnitude apart."""
        if self.scaling != "Auto":
            return self.scaling
        low, high = self.bounds
        return "Logarithmic" if low > 0 and high / low >= _AUTO_LOGARITHMIC else "Linear"

    @property
    def size(self) -> float:
        """How many values it has.

        Raises:
            ValueError: Its ends are no numbers.
        """
        if self.kind == "Categorical":
            return len(set(self.values))
        low, high = self.bounds
        return high - low + 1 if self.kind == "Integer" else math.inf

    def holds(self, text: str) -> bool:
        """Whether a value lies in it."""
        if self.kind == "Categorical":
            return text in self.values
        low, high = self.bounds
        try:
            return low <= (int(text) if self.kind == "Integer" else float(text)) <= high
        except ValueError:
            return False

    def problems(self) -> Iterator[str]:
        """Everything that is wrong with it, one sentence each."""
        if self.kind == "Categorical":
            if len(set(self.values)) < len(self.values):
                yield f"The values of the categorical hyperparameter '{self.name}' must differ from each other."
            return
        try:
            low, high = self.bounds
        except ValueError:
            wanted = "whole numbers" if self.kind == "Integer" else "numbers"
            yield (
                f"The range of the hyperparameter '{self.name}' must have {wanted} as MinValue and MaxValue, got "
                f"'{self.values[0]}' and '{self.values[1]}'."
            )
            return
        if low > high:
            yield (
                f"The MinValue '{self.values[0]}' of the hyperparameter '{self.name}' is greater than its MaxValue "
                f"'{self.values[1]}'. Swap them."
            )
        if self.scaling == "Logarithmic" and low <= 0:
            yield (
                f"The hyperparameter '{self.name}' has Logarithmic scaling, which needs a MinValue greater than 0, got "
                f"'{self.values[0]}'."
            )
        if self.scaling == "ReverseLogarithmic":
            if self.kind == "Integer":
                yield (
                    f"The hyperparameter '{self.name}' has ReverseLogarithmic scaling, which is for "
                    "ContinuousParameterRanges alone. Use Auto, Linear or Logarithmic."
                )
            elif low < 0 or high >= 1:
                yield (
                    f"The hyperparameter '{self.name}' has ReverseLogarithmic scaling, which needs a range within "
                    f"0 <= x < 1, got '{self.values[0]}' to '{self.values[1]}'."
                )


def parameter_ranges(ranges: Mapping[str, Any]) -> tuple[ParameterRange, ...]:
    """The ranges of `ParameterRanges`."""
    return tuple(
        ParameterRange(
            each["Name"],
            kind,
            tuple(each["Values"]) if kind == "Categorical" else (each["MinValue"], each["MaxValue"]),
            each.get("ScalingType", "Auto"),
        )
        for member, kind in MEMBERS.items()
        for each in ranges.get(member, ())
    )
