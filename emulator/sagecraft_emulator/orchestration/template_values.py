"""Values of a CloudFormation template, as the API takes them."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import Shape

# Slow to import, and not needed before a stack has a resource of ours.
# ruff: noqa: PLC0415


def value_at(properties: Mapping[str, Any], path: str) -> Any:
    """The value at a path such as `GitConfig.Branch`, or None."""
    value: Any = properties
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def unknown_properties(shape: "Shape", value: Any, path: str = "") -> Iterator[str]:
    """Says of each property that a shape does not have what it has instead."""
    from botocore.model import ListShape, StructureShape

    match shape:
        case StructureShape() if isinstance(value, dict):
            for name, member in value.items():
                if name in shape.members:
                    yield from unknown_properties(shape.members[name], member, f"{path}{name}.")
                else:
                    yield f"no property '{path}{name}'. It has: {', '.join(shape.members)}."
        case ListShape() if isinstance(value, list):
            for element in value:
                yield from unknown_properties(shape.member, element, path)


def coerced(shape: "Shape", value: Any) -> Any:
    """A value as the API takes it: a template may hold a number or a boolean as text."""
    from botocore.model import ListShape, MapShape, StructureShape

    match shape:
        case StructureShape() if isinstance(value, dict):
            return {
                name: coerced(shape.members[name], member) for name, member in value.items() if name in shape.members
            }
        case ListShape() if isinstance(value, list):
            return [coerced(shape.member, element) for element in value]
        case MapShape() if isinstance(value, dict):
            return {key: coerced(shape.value, element) for key, element in value.items()}
    match shape.type_name, value:
        case ("integer" | "long", str()) if value.removeprefix("-").isdigit():
            return int(value)
        case ("float" | "double", str()) if value.replace(".", "", 1).isdigit():
            return float(value)
        case ("boolean", "true" | "True"):
            return True
        case ("boolean", "false" | "False"):
            return False
        case ("string", bool()):
            return "true" if value else "false"
        case ("string", int() | float()):
            return str(value)
        case _:
            return value
