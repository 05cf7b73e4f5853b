"""Reading a channel: what is read, and what is wrong with what cannot be."""

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from sagecraft_containers.automl.data.files import read_channel, read_rows
from sagecraft_containers.automl.definition import DEFAULT_CONTENT_TYPE, PARQUET
from sagecraft_containers.errors import DataError, UserError

HEADLESS = "text/csv;header=absent"


def channel(directory: Path, **files: bytes) -> Path:
    channel = directory / "training"
    channel.mkdir()
    for name, content in files.items():
        (channel / name.replace("_", ".")).write_bytes(content)
    return channel


def test_several_files_compressed_or_not_with_quoted_line_breaks(tmp_path: Path) -> None:
    directory = channel(
        tmp_path,
        a_csv=b'\xef\xbb\xbfx,y\r\n1,"two\nlines, ""quoted"""\r\n',
        b_csv_gz=gzip.compress(b"x,y\nNA,\n"),
        c_csv=b"x,y\n",
    )
    table = read_channel(directory, DEFAULT_CONTENT_TYPE)
    assert table.to_pydict() == {"x": ["1", None], "y": ['two\nlines, "quoted"', None]}


def test_the_header_of_the_first_file_is_that_of_all_where_the_others_have_none(tmp_path: Path) -> None:
    directory = channel(tmp_path, a_csv=b"x,y\n1,2\n", b_csv=b"3,\n5,6\n", c_csv=b"x,y\n7,8\n")
    assert read_channel(directory, DEFAULT_CONTENT_TYPE).to_pydict() == {
        "x": ["1", "3", "5", "7"],
        "y": ["2", None, "6", "8"],
    }


def test_columns_without_a_header_are_named_by_their_places(tmp_path: Path) -> None:
    assert read_channel(channel(tmp_path, a=b"1,b\n2,c\n"), HEADLESS).to_pydict() == {
        "_c0": ["1", "2"],
        "_c1": ["b", "c"],
    }


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    directory = channel(tmp_path)
    parquet.write_table(pa.table({"x": [1, None], "y": ["a", "b"]}), directory / "a.parquet")
    assert read_channel(directory, PARQUET).to_pydict() == {"x": [1, None], "y": ["a", "b"]}


def test_a_file_that_is_said_to_be_compressed_has_to_be(tmp_path: Path) -> None:
    directory = channel(tmp_path, a_csv_gz=gzip.compress(b"x\n1\n"))
    assert read_channel(directory, DEFAULT_CONTENT_TYPE, compressed=True).to_pydict() == {"x": ["1"]}
    (directory / "b.csv").write_bytes(b"x\n2\n")
    with pytest.raises(DataError, match=r"training/b.csv: this is no Gzip file, but the channel's CompressionType"):
        read_channel(directory, DEFAULT_CONTENT_TYPE, compressed=True)


def test_a_parquet_file_among_csv_is_named(tmp_path: Path) -> None:
    directory = channel(tmp_path, a_csv=b"x,y\n1,2\n")
    parquet.write_table(pa.table({"x": [1]}), directory / "b.parquet")
    with pytest.raises(
        DataError, match=r"training/b.parquet: this is a Parquet file, but the content type is 'text/csv"
    ):
        read_channel(directory, DEFAULT_CONTENT_TYPE)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "The channel 'training' has no file"),
        ({"a": b""}, "training/a: there is no data"),
        ({"a": b"x,y\n"}, "has no rows"),
        ({"a": b"x,y\n1,caf\xe9\n"}, "training/a, line 2: the text is not UTF-8"),
        ({"a": b"x,\xff\n1,2\n"}, "training/a, line 1: the text is not UTF-8"),
        ({"a": b"x,y\n1,2\n1,2,3\n"}, r"training/a: row 3 has 3 column\(s\), but the first has 2; quote"),
        ({"a": b"x,x\n1,2\n"}, "the column 'x' stands twice in the first row, which has to hold the columns' names"),
        ({"a": b"x,\n1,2\n"}, "a column of the header has no name"),
        (
            {"a": b"x,y\n1,2\n", "b": b"x,z\n1,2\n"},
            "training/b: its columns are not those of the first file: it has 'z'",
        ),
        ({"a": b"x,y\n1,2\n", "b": b"y,x\n1,2\n"}, "training/b: its columns stand in another order"),
        ({"a": b"\x1f\x8bnothing"}, "training/a: it cannot be read as CSV"),
    ],
)
def test_what_cannot_be_read_is_told_by_file_and_row(tmp_path: Path, files: dict[str, bytes], message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_channel(channel(tmp_path, **files), DEFAULT_CONTENT_TYPE)


def test_a_content_type_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="'image/png' is not supported"):
        read_channel(channel(tmp_path, a=b"x\n"), "image/png")


def test_rows_of_a_request() -> None:
    assert read_rows(b'1,"a, b",\r\n?, NaN,"x\ny"\n\n') == [["1", "a, b", None], [None, None, "x\ny"]]
    with pytest.raises(DataError, match="line 2: the text is not UTF-8"):
        read_rows(b"a\n\xff\n")
    with pytest.raises(DataError, match="cannot be read as CSV"):
        read_rows(b'a,"b\n')
