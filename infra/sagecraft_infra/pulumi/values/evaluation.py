"""Values of a template in the words of a provider: names translated, intrinsic functions called."""

import difflib
from typing import Any, Final, Protocol

import pulumi

from sagecraft_infra.pulumi.provider.types import Property, input_properties, input_property
from sagecraft_infra.pulumi.template.errors import NotExpressible, Place, listed
from sagecraft_infra.pulumi.template.intrinsic import Intrinsic

from .deferred import ABSENT, PerhapsAbsent, compact_list, compact_mapping, lift
from .shapes import Anything, ListOf, MapOf, Record, Scalar, Shape, coerced, shape

_DYNAMIC_REFERENCE: Final = "{{resolve:"


class Functions(Protocol):
    """What calls intrinsic functions."""

    def call(self, intrinsic: Intrinsic, expected: Shape, place: Place) -> Any:
        """The function's value; an Output, or `PerhapsAbsent`, where it is known only later."""

    def literal(self, value: str) -> Any:
        """A text of the template, in which the name of the assets' bucket may stand."""


def evaluated(value: Any, expected: Shape, place: Place, functions: Functions) -> Any:
    """A value of a template as a provider takes it.

    Args:
        value: As the template has it.
        expected: What the provider takes at this place.
        place: Where it stands, for messages.
        functions: Calls what is an intrinsic function.

    Returns:
        The value, in which Outputs may stand; `ABSENT` or `PerhapsAbsent` for what is, or may be, `AWS::NoValue`.

    Raises:
        NotExpressible: The provider knows no such property, or takes something else there.
    """
    intrinsic = Intrinsic.of(value)
    if intrinsic is not None:
        return _converted(functions.call(intrinsic, expected, place), expected)
    if isinstance(value, dict):
        return _mapping(value, expected, place, functions)
    if isinstance(value, list):
        return _list(value, expected, place, functions)
    if isinstance(expected, Record | MapOf | ListOf):
        raise NotExpressible(place, f"the provider takes {_in_words(expected)} here, not {value!r}.")
    if isinstance(value, str):
        if _DYNAMIC_REFERENCE in value:
            problem = (
                f"the dynamic reference {value!r} is resolved by CloudFormation alone. Read the value in the program "
                "and give it as an input."
            )
            raise NotExpressible(place, problem)
        value = functions.literal(value)
    return _converted(value, expected)


def _converted(value: Any, expected: Shape) -> Any:
    """The value in the type that the provider takes; what is known later is converted then."""
    if not isinstance(expected, Scalar) or value is ABSENT:
        return value
    if isinstance(value, PerhapsAbsent):
        return PerhapsAbsent(value.output.apply(lambda known: coerced(known, expected)))
    if isinstance(value, pulumi.Output):
        # Text is what Outputs of resources are; only what is not text has to be made of it.
        return value if expected.kinds == (str,) else value.apply(lambda known: coerced(known, expected))
    return coerced(value, expected)


def _mapping(value: dict[str, Any], expected: Shape, place: Place, functions: Functions) -> Any:
    match expected:
        case Record(classes):
            arguments = _fitting(classes, value)
            entries = {}
            for name, entry in value.items():
                known = named_property(arguments, name, place)
                entries[known.name] = evaluated(entry, shape(known.hint), place.at(name), functions)
        case MapOf(hint):
            entries = {key: evaluated(entry, shape(hint), place.at(key), functions) for key, entry in value.items()}
        case Anything():
            entries = {key: evaluated(entry, expected, place.at(key), functions) for key, entry in value.items()}
        case _:
            raise NotExpressible(place, f"the provider takes {_in_words(expected)} here, not an object.")
    return compact_mapping(entries)


def _list(value: list[Any], expected: Shape, place: Place, functions: Functions) -> Any:
    match expected:
        case ListOf(hint):
            item_shape = shape(hint)
        case Anything():
            item_shape = expected
        case _:
            raise NotExpressible(place, f"the provider takes {_in_words(expected)} here, not a list.")
    return compact_list([evaluated(item, item_shape, place.at(i), functions) for i, item in enumerate(value)])


def named_property(arguments: type, name: str, place: Place) -> Property:
    """The provider's property of this name.

    Raises:
        NotExpressible: It has none.
    """
    known = input_property(arguments, name)
    if known is None:
        names = [each.name for each in input_properties(arguments).values()]
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"Did you mean {near[0]}? " if near else ""
        raise NotExpressible(place.at(name), f"the provider has no such property. {hint}It has: {listed(names)}.")
    return known


def _fitting(classes: tuple[type, ...], value: dict[str, Any]) -> type:
    """Of the objects that the provider takes, the one that knows most of the names."""
    return max(classes, key=lambda each: sum(input_property(each, name) is not None for name in value))


def _in_words(expected: Shape) -> str:
    match expected:
        case Record():
            return "an object"
        case MapOf():
            return "a map"
        case ListOf():
            return "a list"
        case Scalar(kinds):
            return " or ".join(kind.__name__ for kind in kinds)
        case _:
            return "any value"


def plain(value: Any, place: Place, functions: Functions) -> Any:
    """A value where nothing is translated: an argument of a function, an output, a property of a custom resource."""
    result = evaluated(value, Anything(), place, functions)
    if result is ABSENT:
        return None
    if isinstance(result, PerhapsAbsent):
        return lift(lambda known: None if known is ABSENT else known, result.output)
    return result
