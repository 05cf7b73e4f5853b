"""What is known of the head of an HTTP message, by its bytes.

Who keeps a connection says mostly the same before each body, so a head that has come before is not read again: neither
by the parser, nor by those who make something else out of its headers.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

_MOST: Final = 64
_MOST_BYTES: Final = 4_096
_END: Final = b"\r\n\r\n"
_Made = TypeVar("_Made")


class KnownHeaders(dict[str, str]):
    """Headers, names in lower case, which never change once they are there.

    Attributes:
        made: What was made out of them, by the function that makes it.
    """

    __slots__ = ("made",)

    def __init__(self) -> None:
        super().__init__()
        self.made: dict[Callable[[Mapping[str, str]], Any], Any] = {}


def made_of(headers: Mapping[str, str], make: Callable[[Mapping[str, str]], _Made]) -> _Made:
    """What a function makes out of headers, and of nothing else: once, if they are ones that come again."""
    if type(headers) is not KnownHeaders:
        return make(headers)
    made = headers.made
    if make not in made:
        made[make] = make(headers)
    value: _Made = made[make]
    return value


class KnownHeads(Generic[_Made]):
    """What a parser has read in the last heads."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int, _Made]] = {}

    def find(self, data: bytes) -> tuple[_Made, bytes] | None:
        """What is known of a message, and its body; None where `data` is not the whole of one with a known head."""
        end = data.find(_END) + len(_END)
        known = self._known.get(data[:end])
        if known is None or len(data) - end != known[0]:
            return None
        return known[1], data[end:]

    def remember(self, data: bytes, body_bytes: int, read: _Made) -> None:
        """Takes what was read of a message that begins with `data`, unless that is not all of it.

        Args:
            data: What came.
            body_bytes: How long the message's body is. If it is in chunks, these take more in `data`.
            read: What the parser says of the head.
        """
        end = data.find(_END) + len(_END)
        if end + body_bytes != len(data) or end > _MOST_BYTES:
            return
        if len(self._known) == _MOST:
            self._known.clear()
        self._known[data[:end]] = (body_bytes, read)
