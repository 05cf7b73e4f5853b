"""The members of a description: what was written as code is taken out, so that what is left is known."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any, Final

_ABSENT: Final = object()


class Members:
    """A description of what exists, of which one member after another is taken.

    Only what the operation that creates it takes counts: states, times and ARNs are no part of a definition.
    """

    def __init__(self, described: Mapping[str, Any], input_shape: Any = None) -> None:
        """Begins with all members.

        Args:
            described: What a describe operation answered, or a part of it.
            input_shape: Botocore's shape of the request that creates it. Left out, every member counts.
        """
        known = described if input_shape is None else input_shape.members
        self._left = {name: copy.deepcopy(value) for name, value in described.items() if name in known}

    def take(self, *path: str, default: Any = None) -> Any:
        """Takes a member out, and returns its value; the default, if there is none."""
        return self._take(self._left, path, default)

    def take_default(self, value: Any, *path: str) -> bool:
        """Takes a member out if it has a value that need not be written; whether it is gone or was never there."""
        place = self._find(path)
        if place is _ABSENT:
            return True
        if place != value:
            return False
        self.take(*path)
        return True

    def put(self, value: Any, *path: str) -> None:
        """Puts a member back that was taken and could not be written."""
        within = self._left
        for name in path[:-1]:
            within = within.setdefault(name, {})
        within[path[-1]] = value

    @property
    def left(self) -> dict[str, Any]:
        """The members that nobody took, as `Outer.Inner` with their values; empty ones are none."""
        return dict(self._flat("", self._left))

    def _find(self, path: tuple[str, ...]) -> Any:
        value: Any = self._left
        for name in path:
            if not isinstance(value, dict) or name not in value:
                return _ABSENT
            value = value[name]
        return value

    def _take(self, within: dict[str, Any], path: tuple[str, ...], default: Any) -> Any:
        name, *rest = path
        if name not in within:
            return default
        if not rest:
            return within.pop(name)
        inner = within[name]
        taken = self._take(inner, tuple(rest), default) if isinstance(inner, dict) else default
        if inner == {}:
            del within[name]
        return taken

    def _flat(self, prefix: str, value: Any) -> Iterator[tuple[str, Any]]:
        if isinstance(value, dict):
            for name, each in value.items():
                yield from self._flat(f"{prefix}.{name}" if prefix else name, each)
        elif value not in (None, [], ""):
            yield prefix, value
