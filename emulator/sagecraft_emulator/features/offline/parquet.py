"""The program that writes Parquet files: `python -m sagecraft_emulator.features.offline.parquet`.

A process of its own has pyarrow, which takes half a second and 60 MiB to import: the emulator's has not. Each line that
comes in is a request in JSON, and is answered by a line: empty, or what went wrong.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

_TYPES: Final = {"String": pa.string(), "Integral": pa.int64(), "Fractional": pa.float64()}
_READ: Final = {"String": str, "Integral": int, "Fractional": float}
_TIME: Final = pa.timestamp("ms", tz="UTC")


def table(columns: Sequence[Sequence[Any]], records: Sequence[Sequence[Any]], write_time: float) -> pa.Table:
    """Records as a table.

    Args:
        columns: The name, the type and the collection of each feature; the last is None for a single value.
        records: Of each the event time, the time of its request, whether it was a deletion, and its features as JSON.
        write_time: Seconds since 1970.
    """
    values = [json.loads(features) for *_, features in records]
    arrays = {name: pa.array(*_column(name, kind, collection, values)) for name, kind, collection in columns}
    written = [_moment(write_time)] * len(records)
    added = {
        "write_time": pa.array(written, _TIME),
        "api_invocation_time": pa.array([_moment(invoked) for _, invoked, *_ in records], _TIME),
        "is_deleted": pa.array([bool(deleted) for _, _, deleted, _ in records], pa.bool_()),
    }
    return pa.table({**arrays, **added})


def _column(
    name: str, kind: str, collection: str | None, records: Sequence[Mapping[str, Any]]
) -> tuple[list[Any], pa.DataType]:
    read, single = _READ[kind], _TYPES[kind]
    given = [record.get(name) for record in records]
    if collection is None:
        return [None if value is None else read(value) for value in given], single
    return [None if value is None else [read(each) for each in value] for value in given], pa.list_(single)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def main() -> None:
    """Writes files until nobody is there to ask."""
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            made = table(asked["columns"], asked["records"], asked["write_time"])
            pq.write_table(made, asked["path"], compression="snappy")
            said = ""
        except (OSError, pa.ArrowException, ValueError) as error:
            said = " ".join(str(error).split())
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
