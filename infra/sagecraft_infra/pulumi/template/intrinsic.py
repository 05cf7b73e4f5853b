"""CloudFormation's intrinsic functions, told from other values."""

import re
from dataclasses import dataclass
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True)
class Intrinsic:
    """A call of a function.

    Attributes:
        name: `Ref`, `Fn::Join`, …
        argument: What it is called with.
    """

    name: str
    argument: Any

    @classmethod
    def of(cls, value: Any) -> "Intrinsic | None":
        """The call that a value is, or none."""
        if isinstance(value, dict) and len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return cls(name, argument)
        return None


def sub_names(pattern: str) -> list[str]:
    """What the placeholders of `Fn::Sub` name; `${!Literal}` is none."""
    return [name.strip() for name in _PLACEHOLDER.findall(pattern) if not name.startswith("!")]


def sub_parts(pattern: str) -> list[tuple[bool, str]]:
    """A pattern of `Fn::Sub` in pieces: whether each is a name, and the name or the text as it stands."""
    pieces = []
    for index, piece in enumerate(_PLACEHOLDER.split(pattern)):
        is_placeholder = index % 2 == 1
        if is_placeholder and piece.startswith("!"):
            pieces.append((False, f"${{{piece[1:]}}}"))
        else:
            pieces.append((is_placeholder, piece.strip() if is_placeholder else piece))
    return [piece for piece in pieces if piece[1]]
