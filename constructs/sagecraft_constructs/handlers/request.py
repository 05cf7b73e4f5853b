"""Gives a request its types back: CloudFormation hands every number and boolean to a custom resource as a string."""

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape


def typed_request(request: Mapping[str, Any], shape: StructureShape) -> dict[str, Any]:
    """The request with numbers and booleans where the operation wants them.

    Args:
        request: As CloudFormation hands it over.
        shape: The operation's input in botocore's service model. A member that it does not know is left alone, and
            refused by name when the operation is called.

    Raises:
        ValueError: A value is neither a number nor a boolean where one is wanted, naming the member.
    """
    return {
        member: _typed(member, value, shape.members[member]) if member in shape.members else value
        for member, value in request.items()
    }


def _typed(member: str, value: Any, shape: Shape) -> Any:
    match shape:
        case StructureShape():
            return typed_request(value, shape)
        case ListShape():
            return [_typed(member, each, shape.member) for each in value]
        case MapShape():
            return {key: _typed(f"{member}.{key}", each, shape.value) for key, each in value.items()}
    match shape.type_name:
        case "integer" | "long":
            return _number(member, value, int, "a whole number")
        case "float" | "double":
            return _number(member, value, float, "a number")
        case "boolean":
            return _boolean(member, value)
        case _:
            return value


def _number(member: str, value: Any, kind: type[int] | type[float], wanted: str) -> int | float:
    try:
        return kind(value)
    except ValueError:
        raise ValueError(f"{member}: '{value}' is not {wanted}.") from None


def _boolean(member: str, value: Any) -> bool:
    match str(value).lower():
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ValueError(f"{member}: '{value}' is neither 'true' nor 'false'.")
