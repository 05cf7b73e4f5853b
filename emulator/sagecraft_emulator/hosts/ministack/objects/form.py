"""A browser's form with a file in it, found in a body on disk: the fields before the file, and where the file lies.

Source: "POST Object" of S3's API reference. What follows the file is ignored there, and fields may not be large.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from .body import Body
from .checksum import MD5

MAX_FIELD_BYTES: Final = 20 * 1024
"""All that may come before the file."""
_FILE: Final = "file"
_BOUNDARY: Final = re.compile(r'boundary=("?)([^";\s]+)\1', re.IGNORECASE)
_NAME: Final = re.compile(r'\bname=(?:"([^"]*)"|([^;\s]+))')
_FILE_NAME: Final = re.compile(r'\bfilename=(?:"([^"]*)"|([^;\s]+))')
_END_OF_HEAD: Final = b"\r\n\r\n"

Part = tuple[str, str | None, Mapping[str, str], "bytes | Body"]
"""Of a field: its name, the name of its file, its headers and its value, as ministack has it."""


class FieldsTooLarge(ValueError):
    """There is more before the file than S3 takes."""


@dataclass(frozen=True, slots=True)
class Form(Body):
    """A body that is a form.

    Attributes:
        parts: Its fields in their order, the file as the last; none where it is not well-formed.
    """

    parts: tuple[Part, ...] = ()


def is_form(content_type: str) -> bool:
    """Whether a body of that type is a form."""
    return content_type.startswith("multipart/form-data")


def read_form(body: Body, content_type: str) -> Form:
    """Reads a form, by blocks and once; the file is not held in memory. It takes as long as the file is large.

    Raises:
        FieldsTooLarge: There is more before the file than `MAX_FIELD_BYTES`.
    """
    match = _BOUNDARY.search(content_type)
    if match is None:
        return Form(body.segments)
    delimiter = b"--" + match[2].encode("latin-1")
    head = body[: 2 * MAX_FIELD_BYTES].read()
    parts: list[Part] = []
    begin = head.find(delimiter)
    while begin >= 0:
        begin += len(delimiter)
        end_of_head = head.find(_END_OF_HEAD, begin)
        if begin > MAX_FIELD_BYTES:
            raise FieldsTooLarge
        if end_of_head < 0:
            break
        headers = _headers(head[begin:end_of_head])
        name, value = _named(_NAME, headers) or "", end_of_head + len(_END_OF_HEAD)
        if name == _FILE:
            end = _position(body, b"\r\n" + delimiter, value)
            if end is None:
                break
            file = _with_checksum(body[value:end])
            return Form(body.segments, parts=(*parts, (name, _named(_FILE_NAME, headers), headers, file)))
        begin = head.find(delimiter, value)
        if begin < 0 and len(body) > len(head):
            raise FieldsTooLarge
        parts.append((name, _named(_FILE_NAME, headers), headers, head[value:begin].removesuffix(b"\r\n")))
    return Form(body.segments)


def _headers(lines: bytes) -> dict[str, str]:
    split = (line.partition(":") for line in lines.decode("latin-1").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in split if colon}


def _named(pattern: re.Pattern[str], headers: Mapping[str, str]) -> str | None:
    match = pattern.search(headers.get("content-disposition", ""))
    return None if match is None else match[1] or match[2] or ""


def _position(body: Body, wanted: bytes, begin: int) -> int | None:
    """Where bytes stand in a body, from a place on."""
    for at, block in _overlapping(body[begin:], len(wanted) - 1):
        found = block.find(wanted)
        if found >= 0:
            return begin + at + found
    return None


def _overlapping(body: Body, overlap: int) -> Iterator[tuple[int, bytes]]:
    """Blocks and where they begin, each with the end of the one before it."""
    at, rest = 0, b""
    for block in body.blocks():
        yield at - len(rest), rest + block
        at += len(block)
        rest = (rest + block)[-overlap:]


def _with_checksum(body: Body) -> Body:
    """A body that knows what the host will ask of it."""
    return Body(body.segments, {MD5: body.checksum(MD5)})
