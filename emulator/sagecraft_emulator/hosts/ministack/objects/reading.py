"""What a GetObject gives out of an object: a range of it, and how it comes to the client."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from sagecraft_emulator.front.asgi import Receive, Send
from sagecraft_emulator.front.lent_socket import Disconnected, Piece, TakesFiles

from .body import Body
from .store import ObjectStore

_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")

Headers = Mapping[str, str]


class Unsatisfiable(Exception):
    """Nothing of the object lies in the range."""


def asked_range(headers: Headers, size: int, etag: str, last_modified: str) -> tuple[int, int] | None:
    """The first byte that a request asks for, and the one after the last; None: for all.

    A range that cannot be read, or of several pieces, is as none (RFC 9110, 14.2; S3 gives out one piece at a time),
    and so is that of a client whose `If-Range` names another object than there is.

    Args:
        headers: Of the request, names in lower case.
        size: Of the object.
        etag: Of the object.
        last_modified: Of the object, as its header has it.

    Raises:
        Unsatisfiable: The object has nothing there.
    """
    match = _RANGE.fullmatch(headers.get("range", "").strip())
    if match is None or not (match[1] or match[2]) or not _is_same(headers.get("if-range"), etag, last_modified):
        return None
    if match[1] and match[2] and int(match[1]) > int(match[2]):
        return None
    if match[1]:
        first, end = int(match[1]), int(match[2]) + 1 if match[2] else size
    else:
        first, end = max(size - int(match[2]), 0), size
    if first >= size or not end:
        raise Unsatisfiable
    return first, min(end, size)


def _is_same(known: str | None, etag: str, last_modified: str) -> bool:
    if known is None or known.strip('"') == etag.strip('"'):
        return True
    try:
        return parsedate_to_datetime(last_modified) == parsedate_to_datetime(known)
    except ValueError:
        return False


class Outgoing:
    """The body of an answer on its way out of its files; `run` is what the host wants.

    Args:
        body: What to send.
        store: Where it is.
        taker: Takes the files themselves, where the request has such.
    """

    def __init__(self, body: Body, store: ObjectStore, taker: TakesFiles | None) -> None:
        self._body = body
        self._taker = taker
        self._kept = store.keep(body)

    async def run(self, send: Send, receive: Receive) -> None:
        """Sends it, after the start of the answer."""
        del receive
        if self._taker is None:
            blocks = self._body.blocks()
            while block := await asyncio.to_thread(next, blocks, b""):
                await send({"type": "http.response.body", "body": block, "more_body": True})
        else:
            try:
                await self._taker.send(self._pieces())
            except Disconnected:
                return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _pieces(self) -> Iterator[Piece]:
        """A method, so that whoever has them still has the files, for which `self` stands."""
        for each in self._body.segments:
            yield each.file, each.begin, each.length


def partial(headers: dict[str, Any], first: int, end: int, size: int) -> dict[str, Any]:
    """The headers of a range, by those of the whole; a checksum of the whole would not fit."""
    kept = {name: value for name, value in headers.items() if not name.lower().startswith("x-amz-checksum-")}
    return {**kept, "Content-Length": str(end - first), "Content-Range": f"bytes {first}-{end - 1}/{size}"}
