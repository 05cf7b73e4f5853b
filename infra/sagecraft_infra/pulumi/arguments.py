"""Arguments of a component, as its construct takes them: Outputs as tokens, other components as imports."""

import dataclasses
import enum
import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pulumi
from aws_cdk import Stack
from constructs import Construct

from ..errors import UserError
from .existing import Existing
from .inputs import list_input, number_input, string_input
from .view import ConstructView

_INPUTS: Final[Mapping[str, Callable[[Stack, str], Any]]] = {
    "text": string_input,
    "number": number_input,
    "list": list_input,
}


class Arguments:
    """The arguments of one component.

    Args:
        owner: The component, as messages name it.
        function: What makes the construct: its class, or another function of it.
        given: The arguments by name.

    Attributes:
        inputs: The Outputs among them, by the names of the parameters that stand for them in the template.
        needed: The components that have to be there first.

    Raises:
        UserError: An Output where the construct needs to know the value when it is declared; a component that cannot
            be given to another.
        TypeError: The construct takes no such argument, or needs one that is not given.
    """

    def __init__(self, owner: str, function: Callable[..., Any], given: Mapping[str, Any]) -> None:
        inspect.signature(function).bind(None, "", **given)
        self._owner = owner
        self._given = given
        self._hints = _hints(function)
        self.inputs: dict[str, Any] = {}
        self.needed: list[pulumi.Resource] = []
        self._stack: Stack | None = None
        self._scope: Construct | None = None
        self._imports: dict[str, Any] = {}
        self._all()

    def bind(self, stack: Stack) -> dict[str, Any]:
        """The arguments in a stack."""
        self._stack = stack
        return self._all()

    def _all(self) -> dict[str, Any]:
        return {name: self._value(value, self._hints.get(name), (name,)) for name, value in self._given.items()}

    def _value(self, value: Any, hint: Any, path: tuple[str, ...]) -> Any:
        view = getattr(value, "view", value) if isinstance(value, pulumi.ComponentResource) else value
        match view:
            case pulumi.Output():
                return self._input(view, hint, path)
            case ConstructView():
                return self._import(view.existing(), path)
            case Existing():
                return self._import(view, path)
            case pulumi.Resource():
                raise UserError(
                    f"{self._owner}: {_written(path)} is a resource of Pulumi. Give existing(…) with the CDK's "
                    "function for what is there already, such as existing(s3.Bucket.from_bucket_name, bucket.id)."
                )
            case str() | enum.Enum():
                return view
            case Mapping():
                inner = _inner(hint, -1)
                return {key: self._value(each, inner, (*path, str(key))) for key, each in view.items()}
            case list() | tuple():
                inner = _inner(hint, 0)
                return type(view)(self._value(each, inner, (*path, str(index))) for index, each in enumerate(view))
            case _ if dataclasses.is_dataclass(view) and not isinstance(view, type):
                return self._dataclass(view, path)
            case _:
                return view

    def _dataclass(self, value: Any, path: tuple[str, ...]) -> Any:
        hints = _hints(type(value))
        changed: dict[str, Any] = {}
        for each in dataclasses.fields(value):
            old = getattr(value, each.name)
            if each.name == "requires":
                components = [needed for needed in old if isinstance(needed, pulumi.Resource)]
                self.needed += [needed for needed in components if needed not in self.needed]
                new: Any = tuple(needed for needed in old if needed not in components)
            else:
                new = self._value(old, hints.get(each.name), (*path, each.name))
            if new is not old:
                changed[each.name] = new
        return dataclasses.replace(value, **changed) if changed else value

    def _input(self, value: Any, hint: Any, path: tuple[str, ...]) -> Any:
        kind = _kind(hint)
        if kind is None:
            raise UserError(
                f"{self._owner}: {_written(path)} has to be known when the construct is declared, and an Output is "
                "known only while Pulumi deploys. Give a plain value, from pulumi.Config for one."
            )
        name = re.sub(r"[^A-Za-z0-9]", "", "".join(step[:1].upper() + step[1:] for step in path))
        self.inputs[name] = value
        return value if self._stack is None else _INPUTS[kind](self._stack, name)

    def _import(self, made: Existing, path: tuple[str, ...]) -> Any:
        hints = _hints(made.function)
        arguments = {
            name: self._value(value, hints.get(name), (*path, name))
            for name, value in made.arguments.items()
            if value is not None
        }
        if self._stack is None:
            return made
        key = "-".join(path)
        if key not in self._imports:
            if self._scope is None:
                self._scope = Construct(self._stack, "Given")
            self._imports[key] = made.bind(Construct(self._scope, key), "Resource", arguments)
        return self._imports[key]


def _hints(function: Callable[..., Any]) -> Mapping[str, Any]:
    of = function.__init__ if inspect.isclass(function) and not dataclasses.is_dataclass(function) else function
    try:
        return typing.get_type_hints(of)
    except NameError:  # the CDK's own annotations name what its modules import only for type checkers
        return getattr(of, "__annotations__", {})


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return tuple(each for alternative in typing.get_args(hint) for each in _alternatives(alternative))
    return () if hint is type(None) else (hint,)


def _inner(hint: Any, index: int) -> Any:
    for each in _alternatives(hint):
        inner = typing.get_args(each)
        if inner:
            return inner[index]
    return None


def _kind(hint: Any) -> str | None:
    """As what a token fits: text, a number or a list of texts; none where the value has to be known."""
    alternatives = _alternatives(hint)
    if (
        hint is None
        or str in alternatives
        or Any in alternatives
        or any(isinstance(each, str) for each in alternatives)
    ):
        return "text"
    if int in alternatives or float in alternatives:
        return "number"
    lists = [each for each in alternatives if typing.get_origin(each) in (Sequence, list)]
    return "list" if any(str in typing.get_args(each) for each in lists) else None


def _written(path: tuple[str, ...]) -> str:
    first, *steps = path
    return repr(first + "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in steps))
