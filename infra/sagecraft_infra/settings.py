"""What may differ between the environments of an app: a typed object, and a file of values for each environment.

Such as::

    @dataclass(frozen=True, kw_only=True)
    class Settings:
        alarm_email: str
        monthly_usd: float = 20.0

    settings = load_settings(Settings, "settings", environment_name(app))  # reads settings/dev.toml

A key that the class lacks, a value of another type and a value that is missing are all named at once.
"""

import datetime
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cattrs import BaseValidationError, Converter, ForbiddenExtraKeysError
from cattrs.errors import AttributeValidationNote, IterableValidationNote
from cattrs.strategies import configure_union_passthrough

from .errors import UserError

if TYPE_CHECKING:  # it would start the CDK's Node.js for every command
    from constructs import IConstruct

__all__ = ["DEFAULT_ENVIRONMENT", "ENVIRONMENT_CONTEXT", "environment_name", "load_settings"]

ENVIRONMENT_CONTEXT: Final = "environment"
"""The key of the CDK's context that names the environment."""
DEFAULT_ENVIRONMENT: Final = "dev"

_Settings = TypeVar("_Settings")
_NAMES: Final = {
    str: "a string",
    int: "a whole number",
    bool: "a boolean",
    float: "a number",
    Path: "a string",
    list: "an array",
    dict: "a table",
    datetime.date: "a date",
    datetime.time: "a time",
    datetime.datetime: "a date with a time",
}


def environment_name(app: "IConstruct") -> str:
    """The environment that an app is synthesized for.

    It is what `sagecraft up --environment NAME` or `cdk deploy --context environment=NAME` says; left out, `dev`.

    Raises:
        UserError: The context holds something else than a name.
    """
    name = app.node.try_get_context(ENVIRONMENT_CONTEXT)
    if name is None:
        return DEFAULT_ENVIRONMENT
    if not isinstance(name, str) or not name:
        raise UserError(
            f"The context '{ENVIRONMENT_CONTEXT}' should be the name of an environment, such as "
            f"'{DEFAULT_ENVIRONMENT}', got {name!r}. "
            f"Change it in cdk.json, or give --context {ENVIRONMENT_CONTEXT}=NAME."
        )
    return name


def load_settings(cls: type[_Settings], directory: str | Path, environment: str) -> _Settings:
    """Reads the settings of an environment from `<directory>/<environment>.toml`.

    Args:
        cls: A dataclass, whose fields may be strings, numbers, booleans, dates, paths, enumerations, `Literal`s,
            lists, mappings and further dataclasses. A field with a default need not stand in the file. What its
            `__post_init__` raises as a `ValueError` is told as a problem of the file.
        directory: Of the files; relative to the working folder.
        environment: Which of them.

    Raises:
        UserError: There is no such environment; the file is no TOML; or it does not fit the class, with every problem.
    """
    file = _file(Path(directory), environment)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{file} is no TOML: {error}") from None
    try:
        return _CONVERTER.structure(content, cls)
    except BaseValidationError as error:
        problems = list(_problems(error, "", content))
    # Outside of the handler: the library's tree of exceptions says nothing that the problems don't.
    raise UserError("\n".join([f"{file} does not fit {cls.__name__}:", *(f"  {each}" for each in problems)]))


def _file(directory: Path, environment: str) -> Path:
    found = {file.stem: file for file in sorted(directory.glob("*.toml"))}
    if environment in found:
        return found[environment]
    if not found:
        raise UserError(
            f"There is no environment '{environment}': the folder {directory} has no settings file. "
            f"Make {directory / f'{environment}.toml'}, or name the folder that has them."
        )
    raise UserError(
        f"There is no environment '{environment}'.{_near(environment, found)} "
        f"{directory} has {', '.join(found)}; make {directory / f'{environment}.toml'} for another one."
    )


def _near(word: str, known: Iterable[str]) -> str:
    matches = get_close_matches(word, list(known), n=1)
    return f" Did you mean '{matches[0]}'?" if matches else ""


def _converter() -> Converter:
    """Takes values as they stand, where cattrs would make a string of a number and a truth of anything."""
    converter = Converter(forbid_extra_keys=True, detailed_validation=True)
    for kind in (str, int, bool, datetime.date, datetime.time, datetime.datetime):
        converter.register_structure_hook(kind, _exact)
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(Path, lambda value, _: Path(_exact(value, str)))
    configure_union_passthrough(str | bool | int | float | None, converter)
    return converter


def _exact(value: Any, kind: type) -> Any:
    if issubclass(kind, Enum):
        # One of strings or of numbers, which is a string or number itself.
        return kind(value)
    # A bool is an int in Python, and a datetime a date; in a settings file neither is meant for the other.
    if type(value) is not kind:
        raise TypeError
    return value


def _number(value: Any, _: type) -> float:
    if type(value) not in (int, float):
        raise TypeError
    return float(value)


def _problems(error: BaseValidationError, where: str, value: Any) -> Iterator[str]:
    """One line for each thing that is wrong with a value that stands at a key; at none, if it is the whole file."""
    for inner in error.exceptions:
        part, given, kind = _part(inner, where, value)
        match inner:
            case BaseValidationError():
                yield from _problems(inner, part, given)
            case ForbiddenExtraKeysError():
                known = [field.name for field in fields(inner.cl)]
                for key in sorted(inner.extra_fields):
                    yield f"{_join(part, key)}: is no setting.{_near(key, known)} There are {', '.join(known)}."
            case KeyError() if kind is not None:
                yield f"{part}: is missing; it should be {_expected(kind)}."
            case _ if kind is not None:
                yield f"{part}: should be {_expected(kind)}, got {_told(given)}.{_near(str(given), _allowed(kind))}"
            case ValueError():
                # Of the class's own __post_init__.
                yield f"{part}: {inner}" if part else str(inner)
            case _:
                # The class has a fault, which is not the file's.
                raise inner


def _part(error: BaseException, where: str, value: Any) -> tuple[str, Any, Any]:
    """Where in a value an error arose, what stands there, and the type that should, if it is a part."""
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, AttributeValidationNote):
            return _join(where, note.name), value.get(note.name), note.type
        if isinstance(note, IterableValidationNote):
            return f"{where}[{note.index!r}]", value[note.index], note.type
    return where, value, None


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _expected(kind: Any) -> str:
    """The values that fit a type, in TOML's words."""
    allowed = _allowed(kind)
    if allowed:
        return allowed[0] if len(allowed) == 1 else f"one of {', '.join(allowed)}"
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_expected(each) for each in typing.get_args(kind) if each is not types.NoneType)
    if is_dataclass(kind) or origin in (dict, Mapping):
        return "a table"
    return _NAMES.get(kind, "an array")


def _allowed(kind: Any) -> list[str]:
    """The values of a closed set."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    return [str(each) for each in typing.get_args(kind)] if typing.get_origin(kind) is typing.Literal else []


def _told(value: Any) -> str:
    return f"{_NAMES[type(value)]}: {value!r}"


_CONVERTER: Final = _converter()
