"""Reads a channel's files: CSV with and without a header, compressed or not, and Parquet.

Cells of CSV stay text: only the whole column can say what they are (`columns.py`), and a served row has to be
understood as its column was.
"""

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Final

from sagecraft_containers.automl.definition import CSV, PARQUET
from sagecraft_containers.data.content_type import split_media_type
from sagecraft_containers.errors import DataError, UserError

from .spool import spooled

MISSING: Final = ("", "nan", "NaN", "NAN", "NA", "N/A", "n/a", "<NA>", "null", "NULL", "None", "none", "#N/A", "?")
"""What a cell without a value is written as."""
_GZIP: Final = b"\x1f\x8b"
_PARQUET: Final = b"PAR1"
_BLOCK_BYTES: Final = 1 << 23
_PARQUET_ROWS: Final = 1 << 16
_PARQUET_TYPES: Final = {PARQUET, "application/x-parquet", "parquet", "application/vnd.amazon+parquet"}


def read_channel(directory: Path, content_type: str, *, compressed: bool = False) -> Any:
    """All rows of a channel.

    Args:
        directory: Where its files are.
        content_type: What they are.
        compressed: Whether files of CSV have to be compressed by Gzip. Else they may be.

    Returns:
        A `pyarrow.Table` that is mapped from files; of CSV every column is text, with nulls for missing values.

    Raises:
        UserError: There is no file, files have other columns than the first, or one is not what the content type says.
    """
    import pyarrow as pa  # noqa: PLC0415 - half a second

    files = [file for file in sorted(directory.rglob("*")) if file.is_file() and not file.name.startswith((".", "_"))]
    if not files:
        raise UserError(f"The channel '{directory.name}' has no file.")
    media_type, parameters = split_media_type(content_type)
    if media_type not in {CSV, *_PARQUET_TYPES}:
        raise UserError(f"ContentType '{content_type}' is not supported; use text/csv;header=present or {PARQUET}.")
    header = parameters.get("header", "present") == "present"
    tables: list[Any] = []
    for file in files:
        source = f"{directory.name}/{file.relative_to(directory)}"
        with file.open("rb") as opened:
            is_parquet = opened.read(len(_PARQUET)) == _PARQUET
        if is_parquet != (media_type in _PARQUET_TYPES):
            found = "a Parquet file" if is_parquet else "no Parquet file"
            raise DataError(
                f"this is {found}, but the content type is '{content_type}'; all files must be of one type",
                source=source,
            )
        if compressed and not (is_parquet or _is_gzip(file)):
            raise DataError("this is no Gzip file, but the channel's CompressionType is Gzip", source=source)
        first = tables[0].column_names if tables else None
        table = _read_parquet(file, source) if is_parquet else _read_csv(file, source, first, header=header)
        if tables and table.column_names != tables[0].column_names:
            raise DataError(_other_columns(tables[0].column_names, table.column_names), source=source)
        tables.append(table)
    whole = pa.concat_tables(tables, promote_options="permissive")
    if whole.num_rows == 0:
        raise UserError(f"The channel '{directory.name}' has no rows.")
    return whole


def read_rows(body: bytes) -> list[list[str | None]]:
    """Rows of text from CSV without a header, as a served model is asked.

    Raises:
        DataError: It is not UTF-8, or not CSV.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise DataError("the text is not UTF-8; encode it as such", line=line) from error
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error as error:
        raise DataError(f"the rows cannot be read as CSV: {error}") from error
    missing = set(MISSING)
    return [[None if cell.strip() in missing else cell for cell in row] for row in rows]


def _read_parquet(file: Path, source: str) -> Any:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    try:
        opened = parquet.ParquetFile(file)
        return spooled(opened.schema_arrow, opened.iter_batches(_PARQUET_ROWS))
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"not a readable Parquet file: {str(error).splitlines()[0]}", source=source) from error


def _read_csv(file: Path, source: str, first: Sequence[str] | None, *, header: bool) -> Any:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    if header and first is not None and _goes_on(file, source, first):
        names, header = list(first), False
    else:
        names = _names(file, source, header=header)
    try:
        with _opened(file) as stream:
            reader = arrow_csv.open_csv(
                stream,
                read_options=arrow_csv.ReadOptions(
                    column_names=names, skip_rows_after_names=int(header), block_size=_BLOCK_BYTES
                ),
                parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
                convert_options=arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=MISSING,
                    strings_can_be_null=True,
                ),
            )
            return spooled(reader.schema, reader)
    except (pa.ArrowInvalid, OSError, EOFError) as error:
        raise _wrong_csv(file, source, str(error)) from error


def _is_gzip(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_GZIP)) == _GZIP


def _opened(file: Path) -> IO[bytes]:
    return gzip.open(file) if _is_gzip(file) else file.open("rb")  # type: ignore[return-value]  # read as one


def _goes_on(file: Path, source: str, names: Sequence[str]) -> bool:
    """Whether a file has rows alone, below the header of the first file, which need not stand in the others.

    Source: what the notebooks of https://github.com/aws/amazon-sagemaker-examples, folder autopilot, say of their data
    """
    row = next(_rows(file, source), None)
    return row is not None and len(row) == len(names) and not {cell.strip() for cell in row}.intersection(names)


def _names(file: Path, source: str, *, header: bool) -> list[str]:
    """Of the columns, from the first row; `_c0`, `_c1` and so on where there is no header."""
    first = next(_rows(file, source), None)
    if first is None:
        raise DataError("there is no data; expected rows of comma-separated values", source=source)
    if not header:
        return [f"_c{place}" for place in range(len(first))]
    names = [name.strip() for name in first]
    repeated, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise DataError(
            f"the column '{repeated}' stands twice in the first row, which has to hold the columns' names"
            if repeated
            else "a column of the header has no name",
            line=1,
            source=source,
        )
    if "" in names:
        raise DataError("a column of the header has no name", line=1, source=source)
    return names


def _rows(file: Path, source: str) -> Iterator[list[str]]:
    """Row after row, by a reader that is slow and knows what is wrong."""
    with _opened(file) as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        try:
            yield from (row for row in csv.reader(text) if row)
        except UnicodeDecodeError as error:
            raise _not_utf8(file, source) from error
        except (csv.Error, OSError, EOFError) as error:
            raise DataError(f"it cannot be read as CSV: {error}", source=source) from error


def _not_utf8(file: Path, source: str) -> DataError:
    with _opened(file) as stream:
        for number, line in enumerate(stream, start=1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                return DataError("the text is not UTF-8; encode the file as such", line=number, source=source)
    return DataError("the text is not UTF-8; encode the file as such", source=source)


def _wrong_csv(file: Path, source: str, told: str) -> DataError:
    """What the fast reader refused, said with the row."""
    expected: int | None = None
    for number, row in enumerate(_rows(file, source), start=1):
        if expected is not None and len(row) != expected:
            return DataError(
                f"row {number} has {len(row)} column(s), but the first has {expected}; "
                "quote a cell that has a comma or a line break in it",
                source=source,
            )
        expected = len(row)
    if re.search("utf-?8", told, re.IGNORECASE):
        return _not_utf8(file, source)
    return DataError(f"it cannot be read as CSV: {told.splitlines()[0]}", source=source)


def _other_columns(first: Sequence[str], names: Sequence[str]) -> str:
    added = [name for name in names if name not in first]
    lost = [name for name in first if name not in names]
    if not added and not lost:
        return "its columns stand in another order than those of the first file"
    told = [f"has '{added[0]}'" if added else "", f"lacks '{lost[0]}'" if lost else ""]
    return f"its columns are not those of the first file: it {' and '.join(each for each in told if each)}"
