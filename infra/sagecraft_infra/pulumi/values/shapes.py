"""What a provider expects at a place: a value, a list, a map whose keys are the user's, an object, or anything."""

import enum
import types
import typing
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi import _types as metadata  # the SDK's reader of the classes' names and types; it has no public one


@dataclass(frozen=True)
class Anything:
    """Free-form: policy documents, environments; goes to the provider as the template has it."""


@dataclass(frozen=True)
class Scalar:
    """A single value of one of these types."""

    kinds: tuple[type, ...]


@dataclass(frozen=True)
class ListOf:
    """A list."""

    item: Any


@dataclass(frozen=True)
class MapOf:
    """A map whose keys are the user's own."""

    value: Any


@dataclass(frozen=True)
class Record:
    """An object with properties that the provider names; more than one class where the provider takes either."""

    classes: tuple[type, ...]


Shape = Anything | Scalar | ListOf | MapOf | Record


def shape(hint: Any) -> Shape:
    """The shape that a type hint of a provider's package describes."""
    if hint is Any:
        return Anything()
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _either([each for each in arguments if not _is_wrapper(each)])
    if origin in (list, Sequence):
        return ListOf(arguments[0])
    if origin in (dict, Mapping):
        return MapOf(arguments[1])
    if hint in (list, dict) or not isinstance(hint, type):
        return Anything()
    if metadata.is_input_type(hint):
        return Record((hint,))
    if issubclass(hint, enum.Enum):
        return Scalar((str,))
    return Scalar((hint,)) if hint in (str, int, float, bool) else Anything()


def _is_wrapper(hint: Any) -> bool:
    """Whether it is there for inputs that come later, or for nothing, and says no more about the value."""
    origin = typing.get_origin(hint)
    return (
        hint is type(None) or hint is pulumi.Output or origin in (Awaitable, pulumi.Output) or typing.is_typeddict(hint)
    )


def _either(hints: list[Any]) -> Shape:
    shapes = list(dict.fromkeys(shape(each) for each in hints))
    match shapes:
        case [only]:
            return only
        case [*all_of_them] if all(isinstance(each, Record) for each in all_of_them):
            return Record(tuple(kind for each in all_of_them if isinstance(each, Record) for kind in each.classes))
        case [*all_of_them] if all(isinstance(each, Scalar) for each in all_of_them):
            return Scalar(tuple(kind for each in all_of_them if isinstance(each, Scalar) for kind in each.kinds))
        case _:
            return Anything()


def coerced(value: Any, expected: Shape) -> Any:
    """A plain value in the type that the provider asks for: templates also write numbers and truths as text."""
    if not isinstance(expected, Scalar) or len(expected.kinds) != 1 or isinstance(value, expected.kinds):
        return value
    (kind,) = expected.kinds
    if kind is str:
        return text(value) if isinstance(value, bool | int | float) else value
    if kind is bool:
        return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    if isinstance(value, str):
        try:
            return kind(value)
        except ValueError:
            return value
    return kind(value) if isinstance(value, float) and value.is_integer() else value


def text(value: Any) -> str:
    """A value as CloudFormation writes it where it needs text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
