"""The conditions of a Condition step, all of which have to hold.

Source: `src/sagemaker/workflow/conditions.py` of https://github.com/aws/sagemaker-python-sdk.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sagecraft_emulator.errors import JobFailed

_COMPARISONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "Equals": operator.eq,
    "GreaterThan": operator.gt,
    "GreaterThanOrEqualTo": operator.ge,
    "LessThan": operator.lt,
    "LessThanOrEqualTo": operator.le,
}
TYPES: Final = (*_COMPARISONS, "In", "Not", "Or")
_NOT_MEMBERS: Final = ("Condition", "Expression")
"""The SDKs write the one, the published schema of definitions has the other."""


def problems(condition: Any) -> list[str]:
    """What a condition lacks, one sentence each."""
    if not isinstance(condition, Mapping):
        return ["Expecting start of Json Object."]
    kind = condition.get("Type")
    match kind:
        case str() if kind in _COMPARISONS:
            return _absent(condition, "LeftValue", "RightValue")
        case "In":
            return _absent(condition, "QueryValue", "Values")
        case "Not":
            inner = next((condition[name] for name in _NOT_MEMBERS if name in condition), None)
            return _absent(condition, _NOT_MEMBERS[0]) if inner is None else problems(inner)
        case "Or":
            inner = condition.get("Conditions")
            if not isinstance(inner, list) or not inner:
                return ["A condition of type 'Or' needs 'Conditions', a list of one or more."]
            return [problem for each in inner for problem in problems(each)]
        case _:
            return [f"The type of a condition must be one of {', '.join(TYPES)}, got {kind!r}."]


def all_hold(conditions: Sequence[Mapping[str, Any]], evaluate: Callable[[Any], Any]) -> bool:
    """Whether all conditions do; those behind one that does not are not looked at.

    Raises:
        JobFailed: Values that cannot be compared.
    """
    return all(_holds(each, evaluate) for each in conditions)


def _holds(condition: Mapping[str, Any], evaluate: Callable[[Any], Any]) -> bool:
    kind = condition["Type"]
    match kind:
        case "In":
            wanted = evaluate(condition["QueryValue"])
            return any(_same(wanted, evaluate(each)) for each in condition["Values"])
        case "Not":
            return not _holds(next(condition[name] for name in _NOT_MEMBERS if name in condition), evaluate)
        case "Or":
            return any(_holds(each, evaluate) for each in condition["Conditions"])
        case _:
            left, right = evaluate(condition["LeftValue"]), evaluate(condition["RightValue"])
            if _sort_of(left) != _sort_of(right):
                raise JobFailed(
                    f"ClientError: '{kind}' compares values of one type, got {left!r} ({_sort_of(left)}) and {right!r} "
                    f"({_sort_of(right)})."
                )
            return _COMPARISONS[kind](left, right)


def _same(left: Any, right: Any) -> bool:
    return _sort_of(left) == _sort_of(right) and bool(left == right)


def _sort_of(value: Any) -> str:
    match value:
        case bool():
            return "Boolean"
        case int() | float():
            return "number"
        case str():
            return "String"
        case _:
            return type(value).__name__


def _absent(condition: Mapping[str, Any], *members: str) -> list[str]:
    kind = condition["Type"]
    return [f"A condition of type '{kind}' needs '{each}'." for each in members if each not in condition]
