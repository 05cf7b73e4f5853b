import struct
from collections.abc import Callable

import pytest
from sagecraft_emulator.data.record_splitter import split
from sagecraft_emulator.errors import JobFailed


def record_io(payload: bytes) -> bytes:
    return struct.pack("<II", 0xCED7230A, len(payload)) + payload + b"\0" * (-len(payload) % 4)


def tf_record(payload: bytes) -> bytes:
    return struct.pack("<QI", len(payload), 7) + payload + struct.pack("<I", 8)


def in_chunks(content: bytes, size: int) -> list[bytes]:
    return [content[begin : begin + size] for begin in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize(
    ("split_type", "content", "records"),
    [
        ("None", b"a\nb", [b"a\nb"]),
        ("Line", b"a\nb\r\n\nc", [b"a", b"b", b"c"]),
        ("RecordIO", record_io(b"one") + record_io(b"four"), [record_io(b"one"), record_io(b"four")]),
        ("TFRecord", tf_record(b"one") + tf_record(b""), [tf_record(b"one"), tf_record(b"")]),
    ],
)
def test_records_come_out_whole_however_the_object_comes(
    split_type: str, content: bytes, records: list[bytes], size: int
) -> None:
    assert list(split(in_chunks(content, size), split_type, "s3://b/k")) == records


@pytest.mark.parametrize(
    ("split_type", "content", "why"),
    [
        ("RecordIO", record_io(b"one") + b"1,2,3,4,5", "record 2 of s3://b/k is not RecordIO"),
        ("RecordIO", record_io(b"one")[:-1], "s3://b/k ends in the middle of record 1"),
        ("TFRecord", tf_record(b"one") + b"x", "s3://b/k ends in the middle of record 2"),
    ],
)
def test_an_object_that_is_not_framed_so_is_refused(split_type: str, content: bytes, why: str) -> None:
    with pytest.raises(JobFailed, match=why):
        list(split([content], split_type, "s3://b/k"))


@pytest.mark.parametrize(("split_type", "frame"), [("RecordIO", record_io), ("TFRecord", tf_record)])
def test_a_record_alone_comes_without_its_frame_and_padding(split_type: str, frame: Callable[[bytes], bytes]) -> None:
    content = frame(b"one") + frame(b"two!")
    assert list(split([content], split_type, "s3://b/k", unwrap=True)) == [b"one", b"two!"]


@pytest.mark.parametrize(
    ("split_type", "content", "number"),
    [
        ("None", b"x" * 20, 1),
        ("Line", b"a\n" + b"x" * 20, 2),
        ("RecordIO", record_io(b"one") + record_io(b"x" * 20), 2),
        ("TFRecord", tf_record(b"x" * 20), 1),
    ],
)
def test_of_a_record_that_is_too_large_no_more_is_read_than_is_allowed(
    split_type: str, content: bytes, number: int
) -> None:
    rest = iter(in_chunks(content + b"y" * 100, 4))
    with pytest.raises(
        JobFailed, match=rf"Too much data for max payload size: record {number} of s3://b/k has at least"
    ):
        list(split(rest, split_type, "s3://b/k", max_bytes=8))
    assert b"".join(rest).endswith(b"y" * 90)
