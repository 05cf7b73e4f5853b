"""Bodies in files."""

import copy
import hashlib
from pathlib import Path

import pytest
from sagecraft_emulator.hosts.ministack.objects.body import Body, Segment

BYTES = b"0123456789abcdefghij"


@pytest.fixture
def body(tmp_path: Path) -> Body:
    """In three pieces of two files."""
    for name, content in (("one", b"__01234__"), ("two", BYTES[5:])):
        (tmp_path / name).write_bytes(content)
    return Body(
        (Segment(tmp_path, "one", 2, 5), Segment(tmp_path, "two", 0, 3), Segment(tmp_path, "two", 3, 12)),
    )


@pytest.mark.parametrize("first", [None, 0, 1, 4, 5, 7, 8, 19, 20, 30, -3])
@pytest.mark.parametrize("end", [None, 0, 1, 5, 6, 8, 20, 30, -1])
def test_a_slice_is_that_of_the_bytes(body: Body, first: int | None, end: int | None) -> None:
    piece = body[first:end]
    assert piece.read() == BYTES[first:end]
    assert len(piece) == len(BYTES[first:end])
    assert bool(piece) == bool(BYTES[first:end])


def test_a_slice_of_a_slice_is_that_of_the_bytes(body: Body) -> None:
    assert body[3:15][2:9].read() == BYTES[3:15][2:9]


def test_a_checksum_is_that_of_the_bytes_or_the_one_that_is_known(body: Body) -> None:
    assert body.checksum("MD5") == hashlib.md5(BYTES, usedforsecurity=False).digest()
    assert Body(body.segments, {"MD5": b"known"}).checksum("MD5") == b"known"


def test_nothing_reads_it_whole_by_mistake(body: Body) -> None:
    with pytest.raises(TypeError):
        b"".join([body])  # type: ignore[list-item]
    assert copy.deepcopy({"body": body})["body"] is body


def test_a_file_that_is_cut_off_is_an_error(body: Body) -> None:
    body.segments[0].file.write_bytes(b"__0")
    with pytest.raises(EOFError):
        body.read()
