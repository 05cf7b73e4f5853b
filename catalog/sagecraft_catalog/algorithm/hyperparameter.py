"""One hyperparameter: its type, its range, and reading it from the string that SageMaker passes."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sagecraft_catalog.near_match import enumerate_names, near_matches

HyperparameterValue = int | float | str | list[str] | list[float] | tuple[int, ...] | list[list[int]]


class _Refused(Exception):
    """Why a value cannot be read; the caller adds the hyperparameter's name and the value."""


@dataclass(frozen=True)
class Hyperparameter:
    """The rule of one hyperparameter of an algorithm.

    Attributes:
        name: As the algorithm knows it.
        kind: `Integer`, `Continuous`, `Categorical`, `Boolean`, `Text`, `CommaSeparatedList`, `JsonList`, `Tuple` or
            `NestedList`.
        required: Whether a job without it fails.
        default: What the algorithm takes where it is left out, as text; None where AWS does not say, or it depends.
        choices: The closed set of values, or of elements for lists and tuples; empty where any is allowed. A `JsonList`
            without is one of numbers.
        words: What may stand in place of a value of the kind, such as `auto`.
        thresholds: Those of the choices that take a number after an `@`.
        minimum: Smallest number, or None.
        exclusive_minimum: Whether the smallest number itself is refused.
        maximum: Largest number, or None.
        exclusive_maximum: Whether the largest number itself is refused.
        since: The first version of the algorithm's image that has it, or None for all from the oldest on.
        until: The last version that has it, or None for all to the newest.
    """

    name: str
    kind: str
    required: bool = False
    default: str | None = None
    choices: tuple[str | int, ...] = ()
    words: tuple[str, ...] = ()
    thresholds: tuple[str, ...] = ()
    minimum: float | None = None
    exclusive_minimum: bool = False
    maximum: float | None = None
    exclusive_maximum: bool = False
    since: str | None = None
    until: str | None = None

    @classmethod
    def from_data(cls, name: str, data: dict[str, Any]) -> "Hyperparameter":
        """Reads the rule from the catalog's JSON."""
        sets = {member: tuple(data.get(member, ())) for member in ("choices", "words", "thresholds")}
        return cls(name=name, **{**data, **sets})

    def parse(self, text: str) -> HyperparameterValue:
        """Reads a value.

        Raises:
            ValueError: One sentence that names the hyperparameter, the value and what is allowed.
        """
        try:
            return self._read(text.strip())
        except _Refused as refusal:
            raise ValueError(f"{self.name}: got '{text}', {refusal}.") from None

    def _read(self, text: str) -> HyperparameterValue:
        if text in self.words:
            return text
        readers: dict[str, Callable[[str], HyperparameterValue]] = {
            "Integer": self._bounded_integer,
            "Continuous": self._bounded_number,
            "Categorical": self._chosen,
            "Boolean": self._truth,
            "Text": str,
            "CommaSeparatedList": lambda parts: [self._chosen(part.strip()) for part in parts.split(",")],
            "JsonList": self._json_list,
            "Tuple": self._integers,
            "NestedList": self._nested_integers,
        }
        return readers[self.kind](text)

    def _bounded_integer(self, text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise _Refused(self._must_be("a whole number")) from None
        self._check_range(value)
        return value

    def _bounded_number(self, text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise _Refused(self._must_be("a number")) from None
        if not math.isfinite(value):
            raise _Refused(self._must_be("a finite number"))
        self._check_range(value)
        return value

    def _check_range(self, value: float) -> None:
        too_small = self.minimum is not None and (
            value <= self.minimum if self.exclusive_minimum else value < self.minimum
        )
        too_large = self.maximum is not None and (
            value >= self.maximum if self.exclusive_maximum else value > self.maximum
        )
        if too_small or too_large:
            raise _Refused(self._must_be())

    def _must_be(self, *wanted: str) -> str:
        bounds = []
        if self.minimum is not None:
            bounds.append(f"{'greater than' if self.exclusive_minimum else 'at least'} {self.minimum:g}")
        if self.maximum is not None:
            bounds.append(f"{'less than' if self.exclusive_maximum else 'at most'} {self.maximum:g}")
        told = "must be " + ", ".join([*wanted, *([" and ".join(bounds)] if bounds else [])])
        return f"{told}, or {enumerate_names(self.words)}" if self.words else told

    def _chosen(self, text: str) -> str:
        choices = [str(choice) for choice in self.choices]
        base, at, threshold = text.partition("@")
        if self.thresholds and at:
            if base not in self.thresholds:
                raise _Refused(f"only {enumerate_names(self.thresholds, last='and')} take a threshold after '@'")
            try:
                float(threshold.removesuffix("-"))
            except ValueError:
                raise _Refused(f"'{threshold}' after '@' must be a number") from None
            return text
        if text not in choices:
            near = near_matches(text, choices)
            hint = f" (did you mean {enumerate_names(near)}?)" if near else ""
            raise _Refused(f"must be {enumerate_names(choices)}{hint}")
        return text

    def _truth(self, text: str) -> bool:
        """Reads `true` or `false`; the SageMaker SDK sends Python's `True` and `False`."""
        if text.lower() not in ("true", "false"):
            raise _Refused("must be 'true' or 'false'")
        return text.lower() == "true"

    def _json_list(self, text: str) -> list[str] | list[float]:
        if self.choices:
            wanted = f"must be a JSON list of {enumerate_names([str(choice) for choice in self.choices])}"
        else:
            wanted = self._must_be("a JSON list of numbers")
        try:
            elements = json.loads(text)
        except ValueError:
            raise _Refused(wanted) from None
        if not isinstance(elements, list):
            raise _Refused(wanted)
        if self.choices:
            if not set(map(str, elements)) <= set(self.choices):
                raise _Refused(wanted)
            return [str(element) for element in elements]
        if not all(type(element) in (int, float) for element in elements):
            raise _Refused(wanted)
        for element in elements:
            self._check_range(element)
        return [float(element) for element in elements]

    def _integers(self, text: str) -> tuple[int, ...]:
        inner = _inside(text, "()", "a tuple such as (1,0,-1)")
        try:
            values = tuple(int(part) for part in inner.split(",") if part.strip())
        except ValueError:
            raise _Refused("must be a tuple of whole numbers such as (1,0,-1)") from None
        if not values or any(value not in self.choices for value in values):
            raise _Refused(f"every element must be one of {', '.join(map(str, self.choices))}")
        return values

    def _nested_integers(self, text: str) -> list[list[int]]:
        wanted = "a list of lists of feature numbers such as [[0,1],[2,3,4]]"
        inner = _inside(text.replace(" ", ""), "[]", wanted)
        groups = []
        for group in inner.removeprefix("[").removesuffix("]").split("],["):
            try:
                groups.append([int(part) for part in group.split(",")])
            except ValueError:
                raise _Refused(f"must be {wanted}") from None
        if any(number < 0 for group in groups for number in group):
            raise _Refused("feature numbers start at 0")
        return groups


def _inside(text: str, brackets: str, wanted: str) -> str:
    if not (text.startswith(brackets[0]) and text.endswith(brackets[1])):
        raise _Refused(f"must be {wanted}")
    return text[1:-1]
