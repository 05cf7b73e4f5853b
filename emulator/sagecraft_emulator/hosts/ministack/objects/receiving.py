"""The body of a PutObject or an UploadPart, on its way to a file."""

import asyncio
import hashlib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import FileIO
from pathlib import Path
from queue import SimpleQueue
from threading import Semaphore
from typing import Any, Final

from sagecraft_emulator.front.asgi import Receive
from sagecraft_emulator.front.lent_socket import BLOCKS, EXTENSION, Disconnected, LentSocket

from .aws_chunked import ChunkSignature, Decoder, Malformed, is_chunked
from .body import Body
from .checksum import MD5, SHA256, Block, Digests
from .store import ObjectStore

SMALL_BYTES: Final = 2**20
"""A body that is no longer than this stays in memory, as the host has it."""
CONTENT_SHA256: Final = "x-amz-content-sha256"
_CHECKSUM: Final = "x-amz-checksum-"
_WRITE_BACK_BYTES: Final = 2**23
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_NEVER_HERE: Final = re.compile(r"/(_|v20180820/|iceberg)")
"""Paths of what is signed as S3, or as nothing, and is no object: S3 Control, Iceberg's catalog, the host's own."""
_SUBRESOURCES: Final = frozenset({"acl", "annotation", "legal-hold", "retention", "tagging"})
_hashing: Final = ThreadPoolExecutor(128, thread_name_prefix="hash-bodies")


class Incoming:
    """A request's body that goes to a file; the host gets this for ASGI's `receive`.

    Args:
        scope: Of the request.
        receive: Its own.
        store: Where the file is.
        extra: Names the checksum that the parts of its multipart upload have, if it is one.
    """

    def __init__(
        self, scope: Mapping[str, Any], receive: Receive, store: ObjectStore, extra: Callable[[], str | None]
    ) -> None:
        self._lent: LentSocket | None = scope.get("extensions", {}).get(EXTENSION)
        self._receive = receive
        self._store = store
        self._extra = extra
        self._file: Path | None = None
        self.signatures: list[ChunkSignature] = []

    async def __call__(self) -> dict[str, Any]:
        """As ASGI has it, for whoever wants to hear of a disconnection."""
        return await self._receive()

    async def read(self, headers: dict[str, str]) -> Body:
        """Writes the body to a file.

        Args:
            headers: Of the request, names in lower case. What stands for the encoding goes, and trailers come.

        Raises:
            Malformed: It is not what the headers say.
            Disconnected: The client is gone.
        """
        decoder = Decoder(headers) if is_chunked(headers) else None
        self._file = self._store.new_file()
        spool = _Spool(self._store, self._file, decoder, _algorithms(headers, self._extra()))
        with closing(spool):
            count = None if self._lent is None else self._lent.body_bytes()
            if self._lent is not None and count is not None:
                await self._lent.receive(count, spool.take)
            else:
                await self._receive_all(spool, headers.get("content-length"))
        if spool.problem is not None:
            raise spool.problem
        if decoder is not None:
            decoder.end()
            self.signatures = decoder.signatures
            for name, value in decoder.trailers.items():
                headers.setdefault(name, value)
            encodings = [each.strip() for each in headers.pop("content-encoding", "").split(",")]
            if kept := ", ".join(each for each in encodings if each not in {"", "aws-chunked"}):
                headers["content-encoding"] = kept
        return self._store.body(self._file, spool.size, spool.checksums())

    def end(self) -> None:
        """Removes what has become no object."""
        if self._file is not None:
            self._store.discard(self._file)

    async def _receive_all(self, spool: "_Spool", length: str | None) -> None:
        more, received, waiting = True, 0, bytearray()
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            more = message.get("more_body", False)
            waiting += message.get("body", b"")
            if len(waiting) >= SMALL_BYTES or not more:
                received += len(waiting)
                await asyncio.to_thread(spool.take, memoryview(waiting))
                waiting = bytearray()
        if length is not None and length.strip() != str(received):
            raise Malformed("Content-Length is another length")


class _Spool:
    """Writes blocks to a file, while other threads compute the checksums of the ones before.

    MD5 takes longer than all else together, so it has a thread that never waits for anything but blocks.
    """

    def __init__(self, store: ObjectStore, path: Path, decoder: Decoder | None, algorithms: set[str]) -> None:
        self._store = store
        self._file = FileIO(path, "wb")
        self._decoder = decoder
        self._hashers = [_Hasher({MD5}), *([_Hasher(others)] if (others := algorithms - {MD5}) else [])]
        self.size = self._written_back = 0
        self.problem: Malformed | None = None

    def close(self) -> None:
        self._file.close()
        for each in self._hashers:
            each.end()

    def take(self, block: memoryview) -> None:
        if self.problem is not None:
            return  # the rest is read so that the client hears of it
        try:
            pieces = [block] if self._decoder is None else self._decoder.feed(block)
        except Malformed as problem:
            self.problem = problem
            return
        for piece in pieces:
            written = 0
            while written < len(piece):
                written += self._file.write(piece[written:])
            self.size += len(piece)
        if self.size - self._written_back >= _WRITE_BACK_BYTES:
            self._store.write_back(self._file, self._written_back, self.size - self._written_back)
            self._written_back = self.size
        for each in self._hashers:
            each.take(pieces)

    def checksums(self) -> dict[str, bytes]:
        """The checksums; once it is closed."""
        return {name: value for each in self._hashers for name, value in each.digests.values().items()}


class _Hasher:
    """Computes checksums on a thread of its own, of pieces as they come.

    Args:
        algorithms: Their names.
    """

    def __init__(self, algorithms: set[str]) -> None:
        self.digests = Digests(algorithms)
        self._pieces: SimpleQueue[list[memoryview] | None] = SimpleQueue()
        self._room = Semaphore(BLOCKS - 1)
        self._hashed = _hashing.submit(self._run)

    def take(self, pieces: list[memoryview]) -> None:
        """Takes the pieces of a block, when there is room for one."""
        self._room.acquire()
        self._pieces.put(pieces)

    def end(self) -> None:
        """Returns once all is hashed."""
        self._pieces.put(None)
        self._hashed.result()

    def _run(self) -> None:
        while (pieces := self._pieces.get()) is not None:
            self.digests.update(pieces)
            self._room.release()


def is_object(scope: Mapping[str, Any], query: Mapping[str, list[str]]) -> bool:
    """Whether a request puts an object or a part of one, by its method and address."""
    return scope["method"] == "PUT" and not _NEVER_HERE.match(scope["path"]) and not _SUBRESOURCES & query.keys()


def is_large(headers: Mapping[str, str]) -> bool:
    """Whether a request's body is better not held in memory: it is long, or may be."""
    length = headers.get("content-length", "").strip()
    return int(length) > SMALL_BYTES if length.isdigit() else "transfer-encoding" in headers


def has_wrong_sha256(headers: Mapping[str, str], body: Block | Body) -> bool:
    """Whether a body is another than the one that was signed."""
    signed = headers.get(CONTENT_SHA256, "")
    if not _DIGEST.fullmatch(signed):
        return False
    return (body.checksum(SHA256) if isinstance(body, Body) else hashlib.sha256(body).digest()).hex() != signed


def _algorithms(headers: Mapping[str, str], extra: str | None) -> set[str]:
    """The checksums that the host will ask for."""
    names = {MD5} | ({SHA256} if _DIGEST.fullmatch(headers.get(CONTENT_SHA256, "")) else set())
    named = [*headers, *(each.strip().lower() for each in headers.get("x-amz-trailer", "").split(","))]
    names |= {each.removeprefix(_CHECKSUM).upper() for each in named if each.startswith(_CHECKSUM)}
    names.add(headers.get("x-amz-sdk-checksum-algorithm", "").upper().replace("_", ""))
    return names | ({extra} if extra else set())
