"""The parameters of a pipeline, and the types that values have: those of parameters, and of what steps put out.

Sources: `src/sagemaker/workflow/parameters.py` of https://github.com/aws/sagemaker-python-sdk,
https://aws-sagemaker-mlops.github.io/sagemaker-model-building-pipeline-definition-JSON-schema/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "String": str,
    "Integer": int,
    "Float": (int, float),
    "Boolean": bool,
}
_TYPE_LEFT_OUT: Final = "String"
"""AWS's schema demands a type of all but these."""


@dataclass(frozen=True)
class Parameter:
    """A parameter.

    Attributes:
        name: Its name.
        type: One of `TYPES`.
        default: Its value where an execution gives none; None without one.
        allowed: The values that it may have; empty for any.
    """

    name: str
    type: str
    default: Any = None
    allowed: tuple[Any, ...] = ()

    @classmethod
    def of(cls, members: Mapping[str, Any]) -> "Parameter":
        """As a definition has it."""
        return cls(
            members["Name"],
            members.get("Type", _TYPE_LEFT_OUT),
            members.get("DefaultValue"),
            tuple(members.get("EnumValues", ())),
        )

    def read(self, text: str) -> Any:
        """The value that a request gives, which are texts.

        Raises:
            ValueError: It is of another type, or not one of the allowed ones; the message says so.
        """
        value = read_as(self.type, text)
        if value is None:
            raise ValueError(f"The parameter '{self.name}' is of type {self.type}, got '{text}'.")
        if self.allowed and value not in self.allowed:
            allowed = ", ".join(f"'{each}'" for each in self.allowed)
            raise ValueError(f"The parameter '{self.name}' must be one of {allowed}, got '{text}'.")
        return value


def problems(members: Any) -> Iterator[str]:
    """What is wrong with a parameter as a definition has it, one sentence each."""
    if not isinstance(members, Mapping):
        yield "Expecting start of Json Object."
        return
    name, kind, default = members.get("Name"), members.get("Type", _TYPE_LEFT_OUT), members.get("DefaultValue")
    if not isinstance(name, str) or not name:
        yield f"A parameter needs a 'Name', got {name!r}."
        return
    if not isinstance(kind, str) or kind not in TYPES:
        yield f"The type of the parameter '{name}' must be one of {', '.join(TYPES)}, got {kind!r}."
        return
    allowed = members.get("EnumValues", [])
    if not isinstance(allowed, list):
        yield f"'EnumValues' of the parameter '{name}' must be a list, got {allowed!r}."
        return
    for value in [*([] if default is None else [default]), *allowed]:
        if not is_of(kind, value):
            yield f"The parameter '{name}' is of type {kind}, and {value!r} is not."
    if default is not None and allowed and default not in allowed:
        yield f"The default value {default!r} of the parameter '{name}' is not one of its EnumValues: {allowed!r}."


def is_of(kind: str, value: Any) -> bool:
    """Whether a value is of a type."""
    return isinstance(value, TYPES[kind]) and isinstance(value, bool) <= (kind == "Boolean")


def read_as(kind: str, value: Any) -> Any:
    """A value of a type, which may be written as text; None where it is of another."""
    if not isinstance(value, str):
        return value if is_of(kind, value) else None
    try:
        match kind:
            case "Integer":
                return int(value)
            case "Float":
                return float(value)
            case "Boolean":
                return {"true": True, "false": False}.get(value.lower())
            case _:
                return value
    except ValueError:
        return None
