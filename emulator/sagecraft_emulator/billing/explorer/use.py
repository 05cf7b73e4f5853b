"""A line of the meter as Cost Explorer tells of it, and what a filter lets pass."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sagecraft_catalog.price.row import Component
from sagecraft_catalog.price.usage_type import usage_type

from sagecraft_emulator.errors import not_done, validation_error
from sagecraft_emulator.metering.meter import Line

Filter = Callable[[Line], bool]

NO_INSTANCE: Final = "NoInstanceType"
DIMENSIONS: Final[Mapping[str, Callable[[Line], str]]] = {
    "BILLING_ENTITY": lambda line: "AWS",  # noqa: ARG005 - the same for all
    "INSTANCE_TYPE": lambda line: NO_INSTANCE if line.component == Component.STORAGE else line.item,
    "LINKED_ACCOUNT": lambda line: line.account,
    "RECORD_TYPE": lambda line: "Usage",  # noqa: ARG005 - as above
    "REGION": lambda line: line.region,
    "SERVICE": lambda line: "Amazon SageMaker",  # noqa: ARG005 - as above
    "SERVICE_CODE": lambda line: "AmazonSageMaker",  # noqa: ARG005 - as above
    "USAGE_TYPE": lambda line: usage_type(Component(line.component), line.item, line.region),
}
"""What Cost Explorer knows of a line, by its name for it.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetDimensionValues.html
"""
_MATCHES: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "EQUALS": lambda value, wanted: value == wanted,
    "STARTS_WITH": lambda value, wanted: value.startswith(wanted),
    "ENDS_WITH": lambda value, wanted: value.endswith(wanted),
    "CONTAINS": lambda value, wanted: wanted in value,
}
_CASES: Final = frozenset({"CASE_SENSITIVE", "CASE_INSENSITIVE"})
_ABSENT: Final = "ABSENT"
_JOINED: Final = ("And", "Or")


def dimension(name: str) -> Callable[[Line], str]:
    """What tells the value of a dimension.

    Raises:
        ApiError: It is not done here.
    """
    found = DIMENSIONS.get(name)
    if found is None:
        raise not_done(
            f"The dimension '{name}' is not done by this emulator. It knows: {', '.join(sorted(DIMENSIONS))}."
        )
    return found


def passing(expression: Mapping[str, Any]) -> Filter:
    """What an expression lets pass.

    Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html

    Raises:
        ApiError: It is none, or has what is not done here.
    """
    if len(expression) != 1:
        given = ", ".join(sorted(expression)) or "none"
        raise validation_error(
            f"Expression should have exactly one of Or, And, Not, Dimensions, Tags, CostCategories; got {given}."
        )
    ((kind, value),) = expression.items()
    match kind:
        case "And" | "Or":
            if len(value) < len(_JOINED):
                raise validation_error(f"{kind} should have at least 2 expressions, got {len(value)}.")
            parts = [passing(each) for each in value]
            return (
                (lambda line: all(part(line) for part in parts))
                if kind == "And"
                else (lambda line: any(part(line) for part in parts))
            )
        case "Not":
            part = passing(value)
            return lambda line: not part(line)
        case "Dimensions":
            return _matching(value, dimension(value.get("Key", "")))
        case "Tags":
            key = value.get("Key", "")
            return _matching(value, lambda line: line.tags.get(key))
        case _:
            raise not_done(f"{kind} of an expression is not done by this emulator: there are none here.")


def _matching(wanted: Mapping[str, Any], value_of: Callable[[Line], str | None]) -> Filter:
    options = set(wanted.get("MatchOptions", []))
    kinds = options - _CASES or {"EQUALS"}
    values: list[str] = wanted.get("Values", [])
    if _ABSENT in kinds:
        return lambda line: not value_of(line)
    if not values:
        raise validation_error(f"Values of '{wanted.get('Key')}' should not be empty.")
    undone = kinds - _MATCHES.keys()
    if undone or len(kinds) > 1:
        raise not_done(
            f"MatchOptions {', '.join(sorted(kinds))} are not done by this emulator: give one of "
            f"{', '.join((*_MATCHES, _ABSENT))}."
        )
    matches = _MATCHES[kinds.pop()]
    fold = str.casefold if "CASE_INSENSITIVE" in options else str
    folded = [fold(each) for each in values]

    def passes(line: Line) -> bool:
        value = value_of(line)
        return value is not None and any(matches(fold(value), each) for each in folded)

    return passes
