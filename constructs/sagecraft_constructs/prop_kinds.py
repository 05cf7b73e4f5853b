"""Refuses values of other kinds than the props of a construct have, before it begins to be made of them.

A type checker tells these earlier; whoever has none reads which prop it is, what belongs there, and what was given, in
place of an `AttributeError` from inside. The kinds are the annotations of the constructor. A token goes through: what
it stands for is known at deployment alone.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache, wraps
from reprlib import Repr
from types import NoneType, UnionType
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from constructs import Construct

from sagecraft_constructs.errors import InvalidProps, Problems
from sagecraft_constructs.tokens import is_token

_Made = TypeVar("_Made", bound=Callable[..., Any])
_WORDS: Final[dict[Any, tuple[str, str]]] = {
    str: ("a string", "strings"),
    int: ("a whole number", "whole numbers"),
    float: ("a number", "numbers"),
    bool: ("True or False", "True or False"),
    Callable: ("a function", "functions"),
}
_MOST_NAMED: Final = 6
_SHOWN: Final = Repr()
_SHOWN.maxstring = _SHOWN.maxother = 60


def check_props(made: _Made) -> _Made:
    """Has a constructor, a class method that makes something, or a dataclass refuse what its annotations do not take.

    Raises:
        InvalidProps: When called, with every prop that has a value of another kind.
    """
    if isinstance(made, type):
        setattr(made, "__init__", _checked(vars(made)["__init__"], made.__name__))  # noqa: B010 - mypy knows no such assignment
        return cast("_Made", made)
    return cast("_Made", _checked(made, made.__qualname__.removesuffix(".__init__")))


def _checked(make: Callable[..., Any], subject: str) -> Callable[..., Any]:
    signature = inspect.signature(make)

    @cache
    def kinds() -> dict[str, Any]:
        return get_type_hints(make)

    @wraps(make)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            _refuse_unnamed(signature, subject, args, kwargs)
            return make(*args, **kwargs)  # Python's own error names what is missing or unknown
        wrong = {name: kind for name, kind in kinds().items() if name in given and not _fits(given[name], kind)}
        if wrong:
            scope = given.get("scope")
            problems = Problems.of(scope, given["id"], subject) if isinstance(scope, Construct) else Problems(subject)
            for name, kind in wrong.items():
                problems.add(name, f"should be {_told(kind)}, got {_shown(given[name])}.{_way(kind)}")
            raise problems.error()
        return make(*args, **kwargs)

    return checked


def _refuse_unnamed(signature: inspect.Signature, subject: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
    """Refuses values that are given without the names of the props which they are for.

    Raises:
        InvalidProps: There is one.
    """
    kinds = {name: each.kind for name, each in signature.parameters.items()}
    if inspect.Parameter.VAR_POSITIONAL in kinds.values():
        return
    by_place = [name for name, kind in kinds.items() if kind is not inspect.Parameter.KEYWORD_ONLY]
    unnamed = args[len(by_place) :]
    by_name = [name for name in kinds if name not in by_place and name not in kwargs]
    if unnamed and by_name:
        given = ", ".join(map(_shown, unnamed))
        meant = ", ".join(f"{name}={_shown(value)}" for name, value in zip(by_name, unnamed, strict=False))
        problem = f"got {given} without the name of a prop, and each is given by its name: {meant}?"
        raise InvalidProps(subject, [problem])


def _fits(value: object, kind: Any) -> bool:
    return _is_of(value, kind) or _may_stand_for(value, kind) or is_token(value)


def _may_stand_for(value: object, kind: Any) -> bool:
    """Whether the class of an object does not tell that it is of no such kind.

    That is a proxy of the CDK's where something of the CDK's belongs, and another library's object.
    """
    origin, module = get_origin(kind), type(value).__module__
    if origin in (Union, UnionType) or isinstance(value, Enum) or hasattr(type(value), "__jsii_type__"):
        return False  # of a union, each kind is asked for itself
    if module.startswith("jsii"):
        return str(getattr(kind, "__module__", "")).startswith(("aws_cdk", "constructs"))
    if origin in (Sequence, tuple, Mapping) and not hasattr(type(value), "__iter__"):
        return False
    return not module.startswith(("builtins", "pathlib", "sagecraft_constructs"))


def _is_of(value: object, kind: Any) -> bool:
    if kind in (int, float):
        whole = isinstance(value, int) or (isinstance(value, float) and (kind is float or value.is_integer()))
        return whole and not isinstance(value, bool)
    if getattr(kind, "_is_protocol", False):  # an interface of the CDK: a class may implement it out of Python's sight
        return not isinstance(value, Enum) and (hasattr(value, "__jsii_type__") or hasattr(value, "__jsii_ifaces__"))
    match get_origin(kind), get_args(kind):
        case None, ():
            return kind is Any or isinstance(value, kind)
        case origin, kinds if origin in (Union, UnionType):
            return any(_fits(value, each) for each in kinds)
        case origin, values if origin is Literal:
            return value in values
        case origin, (names, values) if origin is Mapping:
            return isinstance(value, Mapping) and all(
                _fits(name, names) and _fits(each, values) for name, each in value.items()
            )
        case origin, (items, *_) if origin in (Sequence, tuple):
            return (
                isinstance(value, origin) and not isinstance(value, str) and all(_fits(each, items) for each in value)
            )
        case origin, _:
            return isinstance(value, origin)


def _told(kind: Any, *, many: bool = False) -> str:
    """A kind in words, such as `a sequence of Person`."""
    match get_origin(kind), get_args(kind):
        case origin, kinds if origin in (Union, UnionType):
            return " or ".join(_told(each, many=many) for each in kinds if each is not NoneType)
        case origin, values if origin is Literal:
            return " or ".join(repr(each) for each in values)
        case origin, (names, values) if origin is Mapping:
            return f"a mapping of {_told(names, many=True)} to {_told(values, many=True)}"
        case origin, (items, *_) if origin in (Sequence, tuple):
            return f"a sequence of {_told(items, many=True)}"
        case origin, _:
            name: str = (origin or kind).__name__
            return _WORDS.get(origin or kind, (_named(name), name))[many]


def _way(kind: Any) -> str:
    """How a value of a kind is written, where it is one of few, or made by functions of its class."""
    for each in _classes(kind):
        made_by = [name for name, value in vars(each).items() if isinstance(value, classmethod | staticmethod)]
        if issubclass(each, Enum):
            members = [f"{each.__name__}.{member.name}" for member in each]
            return f" Write {', '.join(members[:_MOST_NAMED])}{' or another' if members[_MOST_NAMED:] else ''}."
        if (
            made_by
            and each.__module__.startswith(("sagecraft_constructs", "aws_cdk"))
            and not issubclass(each, Construct)
        ):
            ways = [f"{each.__name__}.{name}(…)" for name in made_by if not name.startswith("_")]
            return f" Write {', '.join(ways[:_MOST_NAMED])}."
    return ""


def _classes(kind: Any) -> Iterator[type]:
    if isinstance(kind, type) and get_origin(kind) is None and not getattr(kind, "_is_protocol", False):
        yield kind
    for each in get_args(kind):
        yield from _classes(each)


def _shown(value: object) -> str:
    if type(value).__repr__ is not object.__repr__:
        return _SHOWN.repr(value)
    if type(value).__module__.startswith("jsii"):  # a proxy, whose own class tells nothing
        return _named(str(getattr(value, "__jsii_type__", "proxy")).rpartition(".")[2])
    return _named(type(value).__name__)


def _named(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
