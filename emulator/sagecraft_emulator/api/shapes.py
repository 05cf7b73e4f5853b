"""Values by the shapes of botocore's service model: what is wrong with them, and how they are read and written."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import regex
from botocore.model import ListShape, MapShape, Shape, StructureShape

from sagecraft_emulator.errors import ApiError

_PYTHON_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "structure": dict,
    "map": dict,
    "list": list,
    "string": str,
    "blob": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float, str),
}
_PATTERN_SECONDS: Final = 0.5
"""Other threads run meanwhile."""
_REPEATED_END: Final = regex.compile(r"\$\{\d+,\d+\}")


def write(shape: Shape, value: Any, write_time: Callable[[float], Any]) -> Any:
    """A value with its timestamps written in another form."""
    match shape:
        case StructureShape():
            return {name: write(shape.members[name], each, write_time) for name, each in value.items()}
        case ListShape():
            return [write(shape.member, each, write_time) for each in value]
        case MapShape():
            return {key: write(shape.value, each, write_time) for key, each in value.items()}
        case _:
            return write_time(value) if shape.type_name == "timestamp" else value


def problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """What is wrong with a value, in AWS's words.

    Raises:
        ApiError: `SerializationException`; it has a wrong type.
    """
    if not _has_type(value, shape.type_name):
        raise ApiError(
            "SerializationException",
            f"'{path or 'the request'}' must be a {shape.type_name}, got {type(value).__name__}: {value!r}",
        )
    match shape:
        case StructureShape():
            yield from _structure_problems(shape, value, path)
        case ListShape():
            yield from _size_problems(shape, value, path)
            for position, element in enumerate(value, start=1):
                yield from problems(shape.member, element, f"{path}.{position}.member")
        case MapShape():
            yield from _size_problems(shape, value, path)
            for key, element in value.items():
                yield from problems(shape.key, key, f"{path}.key")
                yield from problems(shape.value, element, f"{path}.{key}.member")
        case _:
            yield from _scalar_problems(shape, value, path)


def _has_type(value: object, type_name: str) -> bool:
    return isinstance(value, _PYTHON_TYPES[type_name]) and isinstance(value, bool) <= (type_name == "boolean")


def _structure_problems(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in shape.members.items():
        inner = f"{path}.{_lower(name)}" if path else _lower(name)
        if value.get(name) is not None:
            yield from problems(member, value[name], inner)
        elif name in shape.required_members:
            yield f"Value null at '{inner}' failed to satisfy constraint: Member must not be null"


def _size_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    shown = value if isinstance(value, str) else f"[{', '.join(map(str, value))}]"
    minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
    if minimum is not None and len(value) < minimum:
        yield _failed(shown, path, f"Member must have length greater than or equal to {minimum}")
    if maximum is not None and len(value) > maximum:
        yield _failed(shown, path, f"Member must have length less than or equal to {maximum}")


def _scalar_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape.type_name:
        case "string":
            enum = getattr(shape, "enum", None)
            if enum and value not in enum:
                yield _failed(value, path, f"Member must satisfy enum value set: [{', '.join(enum)}]")
                return
            yield from _size_problems(shape, value, path)
            pattern = shape.metadata.get("pattern")
            if pattern and not _matches(pattern, value):
                yield _failed(value, path, f"Member must satisfy regular expression pattern: {pattern}")
        case "integer" | "long" | "float" | "double":
            minimum, maximum = shape.metadata.get("min"), shape.metadata.get("max")
            if minimum is not None and value < minimum:
                yield _failed(value, path, f"Member must have value greater than or equal to {minimum}")
            if maximum is not None and value > maximum:
                yield _failed(value, path, f"Member must have value less than or equal to {maximum}")
        case _:
            pass


def _failed(value: object, path: str, constraint: str) -> str:
    return f"Value '{value}' at '{path}' failed to satisfy constraint: {constraint}"


def read(shape: Shape, value: Any) -> Any:
    """A value without members that its shape does not have, its timestamps as epoch seconds.

    Raises:
        ApiError: `SerializationException`; a timestamp is none.
    """
    match shape:
        case StructureShape():
            return {
                name: read(member, value[name]) for name, member in shape.members.items() if value.get(name) is not None
            }
        case ListShape():
            return [read(shape.member, element) for element in value]
        case MapShape():
            return {key: read(shape.value, element) for key, element in value.items()}
        case _ if shape.type_name == "timestamp" and isinstance(value, str):
            return _read_timestamp(value)
        case _:
            return value


def _read_timestamp(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ApiError(
            "SerializationException", f"'{text}' is not a time. Give epoch seconds, or ISO 8601: 2026-01-31T12:00:00Z."
        ) from None
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _matches(pattern: str, value: str) -> bool:
    try:
        return _pattern(pattern).fullmatch(value, timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        return False  # some patterns backtrack without end, by what does not match them alone


@cache
def _pattern(pattern: str) -> regex.Pattern[str]:
    # The model's patterns are Java's. `regex` reads them but for two spellings: a surrogate pair as a range, and a
    # repeated end of line.
    spelt = pattern.replace(r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff")
    return regex.compile(_REPEATED_END.sub("", spelt), regex.DOTALL | regex.VERSION0)


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]
