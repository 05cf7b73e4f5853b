"""Expressions of a search: what of a resource must be true.

Source: `SearchExpression`, `Filter` and `NestedFilters` in the SageMaker API reference.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sagecraft_emulator.errors import validation_error

from .property import Property, property_of

if TYPE_CHECKING:
    from botocore.model import Shape

Item = Mapping[str, Any]
Test = Callable[[Item], bool]

_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThan": lambda one, other: one > other,
    "GreaterThanOrEqualTo": lambda one, other: one >= other,
    "LessThan": lambda one, other: one < other,
    "LessThanOrEqualTo": lambda one, other: one <= other,
}
_OF_TEXT: Final = frozenset({"Contains", "In"})
_WITHOUT_VALUE: Final = frozenset({"Exists", "NotExists"})


def read(shape: "Shape", expression: Mapping[str, Any]) -> Test:
    """What an expression asks of a resource.

    Args:
        shape: Of the resource.
        expression: A `SearchExpression`.

    Raises:
        ApiError: It is empty, or names what there is not, or compares what cannot be compared so.
    """
    tests = [
        *(_filter(shape, each) for each in expression.get("Filters", ())),
        *(_nested(shape, each) for each in expression.get("NestedFilters", ())),
        *(read(shape, each) for each in expression.get("SubExpressions", ())),
    ]
    if not tests:
        raise validation_error("A SearchExpression must have at least one subexpression, filter or nested filter.")
    together = any if expression.get("Operator") == "Or" else all
    return lambda item: together(test(item) for test in tests)


def _nested(shape: "Shape", nested: Mapping[str, Any]) -> Test:
    """That all filters are true of one and the same member of a list."""
    whole = nested["NestedPropertyName"]
    of_list = property_of(shape, whole)
    member: Any = shape
    for name in of_list.path.split("."):
        member = member.members[name] if member.type_name == "structure" else member
        member = member.member if member.type_name == "list" else member
    if member.type_name != "structure":
        raise validation_error(f"NestedPropertyName '{whole}' is no list of objects.")
    for each in nested["Filters"]:
        if not each["Name"].startswith(f"{whole}."):
            raise validation_error(f"Filters within '{whole}' must be of its properties, got '{each['Name']}'.")
    tests = [_filter(member, {**each, "Name": each["Name"][len(whole) + 1 :]}) for each in nested["Filters"]]

    def test(item: Item) -> bool:
        members: Any = item
        for name in of_list.path.split("."):
            members = members.get(name, {})
        return any(all(test(each) for test in tests) for each in members)

    return test


def _filter(shape: "Shape", given: Mapping[str, Any]) -> Test:
    of = property_of(shape, given["Name"])
    operator: str = given.get("Operator", "Equals")
    if operator in _WITHOUT_VALUE:
        if "Value" in given:
            raise validation_error(f"The filter of '{given['Name']}' must have no Value, for it is {operator}.")
        return lambda item: bool(of.values(item)) == (operator == "Exists")
    if "Value" not in given:
        raise validation_error(f"The filter of '{given['Name']}' must have a Value, for it is {operator}.")
    value: str = given["Value"]
    if operator in _OF_TEXT and of.type not in {"text", "any"}:
        raise validation_error(f"{operator} is for text, and '{given['Name']}' is a {of.type}.")
    if operator in _ORDER and of.type in {"text", "boolean"}:
        raise validation_error(f"{operator} is for numbers and times, and '{given['Name']}' is a {of.type}.")
    match operator:
        case "Equals":
            return _equal(of, value)
        case "NotEquals":
            equal = _equal(of, value)
            return lambda item: not equal(item)
        case "Contains":
            return lambda item: any(value in str(each) for each in of.values(item))
        case "In":
            options = [option.strip() for option in value.split(",")]
            return lambda item: any(str(each) in options for each in of.values(item))
        case _:
            return _ordered(of, operator, value)


def _equal(of: Property, value: str) -> Test:
    number = _number(of, value)
    if number is None:
        return lambda item: value in map(_text, of.values(item))
    return lambda item: any(_as_number(each) == number for each in of.values(item))


def _ordered(of: Property, operator: str, value: str) -> Test:
    number, compare = _number(of, value), _ORDER[operator]
    if number is None:
        raise validation_error(f"{operator} needs a number, and the value of '{of.path}' is '{value}'.")
    return lambda item: any(compare(told, number) for each in of.values(item) if (told := _as_number(each)) is not None)


def _number(of: Property, value: str) -> float | None:
    """A value that is compared as a number; None where it is text.

    Raises:
        ApiError: The property is a number or a time, and the value is none.
    """
    told = _as_number(value)
    if of.type == "timestamp" and told is None:
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()
    if of.type in {"number", "timestamp"} and told is None:
        example = "0.9" if of.type == "number" else "2026-01-31T12:00:00"
        raise validation_error(f"The value of '{of.path}' must be a {of.type} such as {example}, got '{value}'.")
    return None if of.type in {"text", "boolean"} else told


def _as_number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
