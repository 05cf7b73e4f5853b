"""The values that a property of a template can have, as far as that is known before AWS resolves it.

Parameters are their defaults or what the app sets; a condition can go either way; what a resource will be called, and
whatever else only AWS knows, is open.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any, Final

from .span import Span

OPEN: Final = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in a text for what only AWS knows."""
_MOST_TEXTS: Final = 64
_NO_VALUE: Final = "AWS::NoValue"
_IN_SUB: Final = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Scope:
    """Where a property stands.

    Attributes:
        template: In which template.
        region: Where it goes.
        parameters: The values of the template's parameters that are known.
        exports: What the templates of the app export, by name: where, and what.
        parent: The scope in which a nested template's parameters have their values.
    """

    template: Mapping[str, Any]
    region: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    exports: Mapping[str, tuple["Scope", Any]] = field(default_factory=dict, repr=False, compare=False)
    parent: "Scope | None" = field(default=None, repr=False)


def mapping(node: Any) -> Mapping[str, Any]:
    """A node where it has members, and none where it is anything else."""
    return node if isinstance(node, Mapping) else {}


class Value:
    """What a property can be.

    Args:
        found: The nodes that it can be, each with the scope in which what is inside it stands: None for what is left
            out, `_Open` for what only AWS knows.
    """

    def __init__(self, found: Iterable[tuple[Scope, Any]]) -> None:
        self._found = list(found)
        self._nodes = [(scope, node) for scope, node in self._found if node is not None and node is not _Open]
        self.is_open = any(node is _Open for _, node in self._found)

    @classmethod
    def of(cls, scope: Scope, raw: Any) -> "Value":
        """What a node of a template can be."""
        return cls(_possible(raw, scope, 0))

    @property
    def is_missing(self) -> bool:
        """Whether it is left out for certain."""
        return not self._nodes and not self.is_open

    def get(self, *path: str) -> "Value":
        """A member, and a member of that, and so on."""
        found = self._found
        for name in path:
            found = [each for scope, node in found for each in _member(scope, node, name)]
        return Value(found)

    def members(self) -> list["Value"]:
        """The items of a list; those of the first that it can be."""
        for scope, node in self._nodes:
            if isinstance(node, Sequence) and not isinstance(node, str):
                return [Value.of(scope, each) for each in node]
        return []

    def entries(self) -> dict[str, "Value"]:
        """The members of a mapping."""
        for scope, node in self._nodes:
            if isinstance(node, Mapping):
                return {name: Value.of(scope, each) for name, each in node.items()}
        return {}

    def texts(self) -> tuple[str, ...]:
        """The texts that it can be, without those that AWS alone knows."""
        return tuple(dict.fromkeys(node for _, node in self._nodes if isinstance(node, str) and OPEN not in node))

    def text(self) -> str:
        """The text that it is, with `OPEN` for what only AWS knows; empty if it is none."""
        return next((node for _, node in self._nodes if isinstance(node, str)), "")

    def span(self, default: Span) -> Span:
        """The numbers that it can be.

        Args:
            default: What AWS takes where it is left out.
        """
        numbers = [Span.of(number) for _, node in self._nodes if (number := _number(node)) is not None]
        if self.is_missing or any(node is None for _, node in self._found):
            numbers.append(default)
        if self.is_open or not numbers:
            numbers.append(Span(Decimal(0), None))
        return Span.over(numbers)

    def is_true(self) -> bool:
        """Whether it can be true."""
        return any(node is True or node == "true" for _, node in self._nodes)

    def from_json(self) -> "Value":
        """What a text holds as JSON, with its references; left out where it holds none."""
        for scope, node in self._nodes:
            if isinstance(node, _Joined):
                return node.from_json(scope)
            if isinstance(node, str):
                try:
                    return Value.of(scope, json.loads(node, strict=False))
                except ValueError:
                    continue
        return Value([])


class _Open:
    """Marks what only AWS knows."""


class _Joined(str):
    """A text that is put together of parts, and remembers them: there may be JSON around references."""

    parts: Sequence[Any]

    def from_json(self, scope: Scope) -> Value:
        text = ""
        for part in self.parts:
            if isinstance(part, str):
                text += part
            else:
                quoted = text.count('"') - text.count('\\"')
                # Within quotes it is a piece of a text, and else a number or an object of its own.
                text += OPEN if quoted % 2 else json.dumps(part)
        try:
            return Value.of(scope, json.loads(text, strict=False))
        except ValueError:
            return Value.of(scope, None)


_Found = Iterator[tuple[Scope, Any]]
_DEEPEST: Final = 30


def _member(scope: Scope, node: Any, name: str) -> _Found:
    if node is _Open:
        yield scope, _Open
    elif isinstance(node, Mapping):
        yield from _possible(node.get(name), scope, 0)
    else:
        yield scope, None


def _possible(raw: Any, scope: Scope, depth: int) -> _Found:
    """What a node of a template can be, each with the scope in which what is inside it stands."""
    if depth > _DEEPEST:
        yield scope, _Open
    elif isinstance(raw, Mapping) and len(raw) == 1:
        ((name, argument),) = raw.items()
        yield from _intrinsic(name, argument, raw, scope, depth + 1)
    else:
        yield scope, raw


def _intrinsic(name: str, argument: Any, raw: Any, scope: Scope, depth: int) -> _Found:
    match name, argument:
        case "Ref", str():
            yield from _referred(argument, scope, depth)
        case "Fn::If", [_, yes, no]:
            yield from _possible(yes, scope, depth)
            yield from _possible(no, scope, depth)
        case "Fn::FindInMap", [table, top, second, *_]:
            yield from _looked_up(scope, (table, top, second), depth)
        case "Fn::ImportValue", _:
            yield from _imported(argument, scope, depth)
        case "Fn::Join", [str(delimiter), [*parts]]:
            yield from _joined(delimiter, parts, scope, depth)
        case "Fn::Sub", str():
            yield scope, _IN_SUB.sub(OPEN, argument)
        case "Fn::Base64", _:
            yield from _possible(argument, scope, depth)
        case _:
            yield scope, _Open if name.startswith("Fn::") else raw


def _referred(name: str, scope: Scope, depth: int) -> _Found:
    parameter = mapping(mapping(scope.template).get("Parameters")).get(name)
    if name == _NO_VALUE:
        yield scope, None
    elif name == "AWS::Region":
        yield scope, scope.region
    elif name in scope.parameters:
        yield from _possible(scope.parameters[name], scope.parent or scope, depth)
    elif not isinstance(parameter, Mapping) or str(parameter.get("Type")).startswith("AWS::SSM"):
        yield scope, _Open
    elif "Default" in parameter:
        yield scope, parameter["Default"]
    elif isinstance(allowed := parameter.get("AllowedValues"), list) and allowed:
        yield from ((scope, value) for value in allowed)
    else:
        yield scope, _Open


def _looked_up(scope: Scope, keys: tuple[Any, Any, Any], depth: int) -> _Found:
    options = [[node for _, node in _possible(key, scope, depth)] for key in keys]
    for chosen in product(*options):
        value: Any = mapping(scope.template).get("Mappings")
        for key in chosen:
            value = mapping(value).get(key, _Open) if isinstance(key, str) else _Open
        yield scope, value


def _imported(argument: Any, scope: Scope, depth: int) -> _Found:
    for _, name in _possible(argument, scope, depth):
        if isinstance(name, str) and name in scope.exports:
            where, value = scope.exports[name]
            yield from _possible(value, where, depth)
        else:
            yield scope, _Open


def _joined(delimiter: str, parts: Sequence[Any], scope: Scope, depth: int) -> _Found:
    options = [
        [str(node) if isinstance(node, str | int | float) else OPEN for _, node in _possible(part, scope, depth)]
        for part in parts
    ]
    pieces = [piece for part in parts for piece in (part, delimiter)][:-1]
    for count, chosen in enumerate(product(*options)):
        if count == _MOST_TEXTS:
            return
        text = _Joined(delimiter.join(chosen))
        text.parts = pieces
        yield scope, text


def _number(node: Any) -> Decimal | None:
    if isinstance(node, bool) or not isinstance(node, int | float | str):
        return None
    try:
        number = Decimal(str(node))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number >= 0 else None
