"""The content encoding `aws-chunked`: chunks with their size, perhaps a signature, and trailing headers.

Source: "Signature calculations for the authorization header: transferring payload in multiple chunks", and the same
with trailers, in the reference of S3's API.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from .checksum import Block

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,16})\s*(?:;chunk-signature=([0-9A-Fa-f]+))?[^\r\n]*")
_MOST_BYTES_OF_A_LINE: Final = 16_384
_MOST_TRAILERS: Final = 32


class Malformed(Exception):
    """The body is not what its headers say."""


class ChunkSignature(NamedTuple):
    """What a chunk is signed with.

    Attributes:
        sha256: Of its bytes, in hexadecimal digits.
        signature: As it was given.
    """

    sha256: str
    signature: str


def is_chunked(headers: Mapping[str, str]) -> bool:
    """Whether a request's body is encoded so. Names of headers are in lower case."""
    return (
        headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
        or "aws-chunked" in headers.get("content-encoding", "")
        or "x-amz-decoded-content-length" in headers
    )


class Decoder:
    """Decodes a body as it comes.

    Args:
        headers: Of the request, names in lower case.

    Attributes:
        trailers: What followed the last chunk, names in lower case.
        signatures: Of the chunks, where they are signed.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        length = headers.get("x-amz-decoded-content-length", "").strip()
        if length and not length.isdigit():
            raise Malformed("x-amz-decoded-content-length is no number")
        self._expected = int(length) if length else None
        self._announced = {name.strip().lower() for name in headers.get("x-amz-trailer", "").split(",") if name.strip()}
        self._signed = headers.get("x-amz-content-sha256", "").startswith("STREAMING-AWS4-")
        self._decoded_bytes = 0
        self._line = bytearray()
        self._left: int | None = None
        self._ended = self._in_trailers = False
        self._sha256 = hashlib.sha256()
        self._signature = ""
        self.trailers: dict[str, str] = {}
        self.signatures: list[ChunkSignature] = []

    def feed(self, block: Block) -> list[memoryview]:
        """Takes encoded bytes; returns the decoded ones, as pieces of the same memory.

        Raises:
            Malformed: They are not encoded as they should be.
        """
        view, pieces = memoryview(block), []
        while view:
            if self._left:
                piece, view = view[: self._left], view[self._left :]
                self._left -= len(piece)
                self._decoded_bytes += len(piece)
                if self._signed:
                    self._sha256.update(piece)
                pieces.append(piece)
            else:
                end = bytes(view[:_MOST_BYTES_OF_A_LINE]).find(b"\n")
                taken = len(view) if end < 0 else end + 1
                self._line += view[:taken]
                view = view[taken:]
                if len(self._line) > _MOST_BYTES_OF_A_LINE:
                    raise Malformed("a line is too long")
                if end >= 0:
                    self._take_line(bytes(self._line))
                    self._line.clear()
        return pieces

    def end(self) -> None:
        """Says that the body is at its end.

        Raises:
            Malformed: It should not be.
        """
        if not self._ended or self._line:
            raise Malformed("the body ends in a chunk")
        if not self._announced <= self.trailers.keys():
            raise Malformed("an announced trailer is missing")
        if self._expected is not None and self._expected != self._decoded_bytes:
            raise Malformed("x-amz-decoded-content-length is another length")

    def _take_line(self, line: bytes) -> None:
        if not line.endswith(b"\r\n"):
            raise Malformed("a line does not end as it should")
        line = line[:-2]
        if self._ended:
            raise Malformed("something follows the end")
        if self._in_trailers:
            self._take_trailer(line)
        elif self._left == 0:
            if line:
                raise Malformed("a chunk is longer than its size")
            self._end_chunk()
        else:
            self._begin_chunk(line)

    def _begin_chunk(self, line: bytes) -> None:
        header = _SIZE.fullmatch(line)
        if header is None:
            raise Malformed("a chunk has no size")
        self._signature = (header[2] or b"").decode()
        self._left = int(header[1], 16)
        if self._left == 0:
            self._end_chunk()
            self._in_trailers = True

    def _end_chunk(self) -> None:
        self._left = None
        if self._signed:
            self.signatures.append(ChunkSignature(self._sha256.hexdigest(), self._signature))
            self._sha256 = hashlib.sha256()

    def _take_trailer(self, line: bytes) -> None:
        if not line:
            self._ended = True
            return
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or not name.strip() or len(self.trailers) == _MOST_TRAILERS:
            raise Malformed("a trailer is none")
        self.trailers.setdefault(name.strip().lower(), value.strip())
