import re
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.data.csv_text import read_csv
from sagecraft_containers.errors import DataError

MANY_ROWS = b"1,2.5,3\n" * 20_000


def test_leading_columns_and_features_come_apart() -> None:
    leading, features = read_csv(b"1,0.5,2,3\n0,1.5,4,5\n", leading=2)
    assert leading.tolist() == [[1, 0.5], [0, 1.5]]
    assert features.tolist() == [[2, 3], [4, 5]]
    assert features.dtype == np.float32


def test_small_and_large_inputs_are_read_alike(tmp_path: Path) -> None:
    rows = b"1,2.5,\n-3e-2,nan,  7 \r\n\n"
    _, small = read_csv(rows)
    file = tmp_path / "large.csv"
    file.write_bytes(rows * 10_000)
    _, large = read_csv(file)
    assert large.shape == (20_000, 3)
    np.testing.assert_array_equal(large, np.tile(small, (10_000, 1)))
    np.testing.assert_array_equal(small, np.array([[1, 2.5, np.nan], [-0.03, np.nan, 7]], np.float32))


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|", " "])
def test_the_delimiter_is_found_in_the_first_line(delimiter: str) -> None:
    _, features = read_csv(f"1{delimiter}2\n3{delimiter}4\n".encode())
    assert features.tolist() == [[1, 2], [3, 4]]


def test_a_byte_order_mark_and_quotes_are_passed_over() -> None:
    _, features = read_csv(b'\xef\xbb\xbf1,"2"\n3,4')
    assert features.tolist() == [[1, 2], [3, 4]]


def test_one_column_is_one_feature() -> None:
    assert read_csv(b"5\n6")[1].tolist() == [[5], [6]]


@pytest.mark.parametrize("prefix", [b"", MANY_ROWS], ids=["small", "large"])
@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"1,2\n", "the row has 2 column(s), but the first row has 3"),
        (b"1,2,3,4\n", "the row has 4 column(s), but the first row has 3"),
        (b"1,foo,3\n", "'foo' in column 2 is not a finite number; expected numbers only"),
        (b"1,2,inf\n", "'inf' in column 3 is not a finite number"),
        (b"1,2,1_0\n", "'1_0' in column 3 is not a finite number"),
        (
            b"1,False,True\n",
            "'False' in column 2 is a boolean; expected numbers only: write 0 and 1, as pandas.",
        ),
    ],
)
def test_a_bad_row_is_told_with_its_line(prefix: bytes, row: bytes, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(prefix + b"1,2,3\n" + row, leading=1)
    assert caught.value.line == prefix.count(b"\n") + 2
    assert told in caught.value.problem


def test_a_first_row_of_booleans_is_no_header() -> None:
    with pytest.raises(DataError, match="'False' in column 2 is a boolean"):
        read_csv(b"1,False,True\n0,True,True\n", leading=1)


@pytest.mark.parametrize("prefix", [b"", b"1,2,3\n" * 500, MANY_ROWS], ids=["small", "middle", "large"])
@pytest.mark.parametrize("row", [b"1,2,\n", b",2,nan\n"])
def test_a_missing_feature_is_told_with_its_line_where_none_may_be(prefix: bytes, row: bytes) -> None:
    text = prefix + b"1,2,3\n,5,6\n" + row  # of the second, the label alone is missing
    assert np.isnan(read_csv(text, leading=1)[1][-1, -1])
    with pytest.raises(DataError, match="column 3 is empty or not a number") as caught:
        read_csv(text, leading=1, complete=True)
    assert caught.value.line == prefix.count(b"\n") + 3


@pytest.mark.parametrize(("complete", "invites"), [(True, False), (False, True)])
def test_missing_values_are_offered_only_where_they_are_taken(*, complete: bool, invites: bool) -> None:
    with pytest.raises(DataError) as caught:
        read_csv(b"1,inf\n", complete=complete)
    assert ("nothing between the delimiters" in caught.value.problem) is invites


@pytest.mark.parametrize("rest", [b"1,2,3\n", MANY_ROWS], ids=["small", "large"])
def test_a_header_is_told_as_such(rest: bytes) -> None:
    with pytest.raises(DataError, match=r"line 1: 'Survived' is not a number, and this looks like a header row"):
        read_csv(b"Survived,Age,Fare\n" + rest)


@pytest.mark.parametrize("nothing", [b"", b"\n \n"])
def test_no_rows_are_refused(nothing: bytes) -> None:
    with pytest.raises(DataError, match="there is no data; expected rows of comma-separated numbers"):
        read_csv(nothing)


def test_a_row_without_features_is_refused() -> None:
    with pytest.raises(DataError, match="expected the label first, then the weight, then the features"):
        read_csv(b"1,2\n", leading=2)


@pytest.mark.parametrize("text", [b"1,2\n3,1e39\n", b"1,2\n3,-1e39\n", b"1,\n3,1e39\n"])
@pytest.mark.parametrize("more", [b"", b"1,2\n" * 1000], ids=["short", "long"])
def test_a_number_too_great_for_a_32_bit_float_is_named(text: bytes, more: bytes) -> None:
    with pytest.raises(DataError, match=r"line 2: '-?1e39' in column 2 is not a finite number"):
        read_csv(text + more)


@pytest.mark.parametrize(
    "text",
    ["1,2\n3,4\n", "1,2\r\n\r\n3,4\n\n", " 1,nan\n3,4", "1\t2\n3\t4", "1 2\n3 4 \n", "1e-3,-0\n+3,.5\n"],
)
def test_plain_and_quoted_text_are_read_alike(text: str) -> None:
    cell = re.compile(r"[^\s,]+")
    text = (text.rstrip() + "\n") * 200  # long enough for array operations, which quoted cells are not read by
    quoted = cell.sub(lambda match: f'"{match[0]}"', text)
    np.testing.assert_array_equal(read_csv(text.encode())[1], read_csv(quoted.encode())[1])
