"""Paths into a pipeline's values, such as `Steps.Train.ModelArtifacts.S3ModelArtifacts` or `Parameters.Rows`.

Source: `src/sagemaker/workflow/properties.py` of https://github.com/aws/sagemaker-python-sdk, which writes them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Path = tuple[str | int, ...]

STEPS, PARAMETERS, EXECUTION = ROOTS = ("Steps", "Parameters", "Execution")
PROPERTY_FILES: Final = "PropertyFiles"
_PART: Final = re.compile(r"""\.?(?P<name>[^.\[\]]+)|\[(?P<index>\d+)\]|\[(?P<quote>['"])(?P<key>.*?)(?P=quote)\]""")


_NOTHING: Final = object()


class PathError(ValueError):
    """A path that is none, or leads to nothing; the message says where it ends."""


@dataclass(frozen=True)
class Reference:
    """What a `Get` names.

    Attributes:
        text: As it is written.
        root: `Steps`, `Parameters` or `Execution`.
        name: Of the step, the parameter or the execution's variable.
        path: What follows it; of a step, a property.
    """

    text: str
    root: str
    name: str
    path: Path

    @classmethod
    def parse(cls, text: object) -> "Reference":
        """Reads one.

        Raises:
            PathError: It does not begin with one of the roots and a name.
        """
        if not isinstance(text, str):
            raise PathError(f"'Get' must be a text such as 'Steps.Train.TrainingJobName', got {text!r}.")
        parts = parse_path(text)
        if len(parts) < 2 or parts[0] not in ROOTS or not isinstance(parts[1], str):
            raise PathError(f"'{text}' must begin with one of {', '.join(ROOTS)} and a name behind it.")
        return cls(text, str(parts[0]), parts[1], parts[2:])


def parse_path(text: str) -> Path:
    """The names and positions of a path such as `a.b[0]['c']`.

    Raises:
        PathError: It is none.
    """
    parts: list[str | int] = []
    end = 0
    for match in _PART.finditer(text):
        if match.start() != end:
            break
        end = match.end()
        if match["index"] is not None:
            parts.append(int(match["index"]))
        else:
            parts.append(match["key"] if match["quote"] else match["name"])
    if not parts or end != len(text):
        raise PathError(f"'{text}' is not a path such as a.b[0]['c'].")
    return tuple(parts)


def value_at(value: Any, path: Path) -> Any:
    """What a path leads to. A key into a list finds the element that has it as its name: `Outputs['train']`.

    Raises:
        PathError: It leads to nothing.
    """
    for position, part in enumerate(path):
        found = _step(value, part)
        if found is _NOTHING:
            reached = _written(path[:position]) or "it"
            held = (
                f"{reached} has: {', '.join(map(str, value))}"
                if isinstance(value, Mapping)
                else f"{reached} is {json.dumps(value, default=str)}"
            )
            raise PathError(f"there is no {_written((part,))!r}; {held[:300]}.")
        value = found
    if value is None:
        raise PathError("its value is null.")
    return value


def _step(value: Any, part: str | int) -> Any:
    if isinstance(value, Mapping):
        return value.get(str(part), _NOTHING)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return _NOTHING
    if isinstance(part, int):
        return value[part] if part < len(value) else _NOTHING
    named = (each for each in value if isinstance(each, Mapping))
    return next((each for each in named if any(k.endswith("Name") and v == part for k, v in each.items())), _NOTHING)


def _written(path: Path) -> str:
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).removeprefix(".")
