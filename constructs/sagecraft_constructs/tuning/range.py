"""What a tuning job may choose from for a hyperparameter."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sagecraft_constructs.prop_kinds import check_props
from sagecraft_constructs.tokens import is_token


class Scaling(StrEnum):
    """How values are spread over a range.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automatic-model-tuning-define-ranges.html
    """

    AUTO = "Auto"
    """SageMaker chooses."""
    LINEAR = "Linear"
    """Evenly."""
    LOGARITHMIC = "Logarithmic"
    """Evenly over the orders of magnitude; for ranges above zero."""
    REVERSE_LOGARITHMIC = "ReverseLogarithmic"
    """Densest close to one; for ranges from zero to below one."""


@check_props
@dataclass(frozen=True)
class IntegerRange:
    """Whole numbers.

    Attributes:
        minimum: The smallest.
        maximum: The largest, itself included.
        scaling: Left out, SageMaker chooses.
    """

    minimum: int
    maximum: int
    scaling: Scaling = Scaling.AUTO

    @property
    def has_tokens(self) -> bool:
        """Whether its bounds come later."""
        return is_token(self.minimum) or is_token(self.maximum)

    def problems(self) -> Iterator[str]:
        """What is wrong with the range itself."""
        yield from _problems(self.minimum, self.maximum, self.scaling)
        for value in (self.minimum, self.maximum):
            if not is_token(value) and value % 1 != 0:
                yield f"{value} is not a whole number; use a ContinuousRange."
        if self.scaling is Scaling.REVERSE_LOGARITHMIC:
            yield "an IntegerRange cannot have ReverseLogarithmic scaling; use Auto, Linear or Logarithmic."


@check_props
@dataclass(frozen=True)
class ContinuousRange:
    """Numbers.

    Attributes:
        minimum: The smallest.
        maximum: The largest, itself included.
        scaling: Left out, SageMaker chooses.
    """

    minimum: float
    maximum: float
    scaling: Scaling = Scaling.AUTO

    @property
    def has_tokens(self) -> bool:
        """Whether its bounds come later."""
        return is_token(self.minimum) or is_token(self.maximum)

    def problems(self) -> Iterator[str]:
        """What is wrong with the range itself."""
        yield from _problems(self.minimum, self.maximum, self.scaling)
        inside = all(0 <= value < 1 for value in (self.minimum, self.maximum) if not is_token(value))
        if self.scaling is Scaling.REVERSE_LOGARITHMIC and not inside:
            yield (
                f"ReverseLogarithmic scaling needs a range from 0 to less than 1, got {self.minimum:.10g} to "
                f"{self.maximum:.10g}."
            )


@check_props
@dataclass(frozen=True)
class CategoricalRange:
    """One of some values.

    Attributes:
        values: One to thirty, as the algorithm takes them.
    """

    values: Sequence[str | int | float | bool]

    @property
    def has_tokens(self) -> bool:
        """Whether a value comes later."""
        return is_token(self.values) or any(is_token(value) for value in self.values)

    def problems(self) -> Iterator[str]:
        """What is wrong with the range itself."""
        if is_token(self.values):
            yield "the values are a token; give a list, whose values may be tokens."
        if not 1 <= len(self.values) <= 30:
            yield f"a CategoricalRange has 1 to 30 values, got {len(self.values)}."
        if repeated := sorted({str(value) for value in self.values if list(self.values).count(value) > 1}):
            yield f"'{repeated[0]}' is given more than once; give each value once."


HyperparameterRange = IntegerRange | ContinuousRange | CategoricalRange


def _problems(minimum: float, maximum: float, scaling: Scaling) -> Iterator[str]:
    if is_token(minimum) or is_token(maximum):
        return
    if not (math.isfinite(minimum) and math.isfinite(maximum)):
        yield f"{minimum:.10g} to {maximum:.10g} is no range; give two finite numbers."
    if minimum > maximum:
        yield f"the minimum {minimum:.10g} is greater than the maximum {maximum:.10g}; swap them."
    if scaling is Scaling.LOGARITHMIC and minimum <= 0:
        yield f"Logarithmic scaling needs a minimum greater than 0, got {minimum:.10g}."
