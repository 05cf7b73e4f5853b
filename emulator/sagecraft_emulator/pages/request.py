"""The head of a browser's request: its first line and its headers."""

import re
from dataclasses import dataclass
from typing import Final

_LINE: Final = re.compile(r"([A-Z]+) (/[!-~]*) HTTP/1\.[01]")
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ONCE: Final = ("host", "origin", "content-length", "sec-fetch-site")
HEAD_END: Final = b"\r\n\r\n"


@dataclass(frozen=True)
class RequestHead:
    """What a request says before its body.

    Attributes:
        method: In capitals.
        target: Its path, and its query.
        headers: In their order, with their names as they came.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, head: bytes) -> "RequestHead | None":
        """Reads a head, without the empty line at its end; None where it is not HTTP, or says something twice."""
        first, *lines = head.decode("latin-1").split("\r\n")
        line = _LINE.fullmatch(first)
        pairs = [each.partition(":") for each in lines]
        headers = tuple((name, value.strip(" \t")) for name, _, value in pairs)
        names = [name.lower() for name, _ in headers]
        are_headers = all(colon and _NAME.fullmatch(name) for name, colon, _ in pairs)
        if line is None or not are_headers or _CONTROL.search("".join(lines)):
            return None
        if any(names.count(each) > 1 for each in _ONCE):
            return None
        return cls(line[1], line[2], headers)

    def get(self, name: str) -> str | None:
        """The value of a header, by its name in lower case; the first where there are more."""
        return next((value for each, value in self.headers if each.lower() == name), None)

    @property
    def path(self) -> str:
        """Where on the page it is for."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """What stands behind the path."""
        return self.target.partition("?")[2]

    @property
    def host(self) -> str:
        """The host name that it was sent to, without the port."""
        return re.sub(r":\d*$", "", self.get("host") or "").lower()

    @property
    def is_web_socket(self) -> bool:
        """Whether the connection is to become one of a web socket."""
        return (self.get("upgrade") or "").lower() == "websocket"

    @property
    def cookies(self) -> list[tuple[str, str]]:
        """The cookies; of one name there may be more."""
        lines = [value for name, value in self.headers if name.lower() == "cookie"]
        pairs = [each.partition("=") for each in ";".join(lines).split(";") if "=" in each]
        return [(name.strip(), value.strip()) for name, _, value in pairs]
