"""Rows in JSON and JSON Lines, as requests to AWS's own algorithms have them.

Source: "Common data formats for inference" in the SageMaker developer guide.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from sagecraft_containers.data.table import LARGEST, FloatArray, Table
from sagecraft_containers.errors import DataError

_COLUMNS: Final = 1 << 31
"""Sparse rows have no more."""


def read_json(body: bytes) -> Table:
    """Reads `{"instances": [{"features": [1.5, 16.0]}, …]}`, or an instance with `data` as records have it.

    Raises:
        DataError: It is not of that form.
    """
    content = _parsed(body, None)
    instances = content.get("instances") if isinstance(content, Mapping) else None
    if not isinstance(instances, list) or not instances:
        raise DataError('expected an object with a list of rows: {"instances": [{"features": [1.5, 16.0]}]}')
    return _table([(None, instance) for instance in instances])


def read_json_lines(body: bytes) -> Table:
    """Reads an instance a line, as `read_json` has them.

    Raises:
        DataError: A line is not of that form.
    """
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
    if not lines:
        raise DataError("there is no line")
    return _table([(number, _parsed(line, number)) for number, line in lines])


def _parsed(text: bytes, line: int | None) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise DataError(f"it is not JSON: {error}", line=line) from error


def _table(instances: Sequence[tuple[int | None, Any]]) -> Table:
    rows = [_row(instance, place, line) for place, (line, instance) in enumerate(instances, start=1)]
    lengths = {len(values) for values, keys, _ in rows if keys is None}
    if lengths:
        lengths |= {shape for _, keys, shape in rows if keys is not None and shape}
        if len(lengths) > 1:
            raise DataError(f"rows of {' and '.join(map(str, sorted(lengths)))} features; all must have as many")
        return Table(features=np.stack([_dense(values, keys, *lengths) for values, keys, _ in rows]))
    from scipy.sparse import csr_matrix  # noqa: PLC0415 - slow to import, and only sparse data needs it

    keys = np.concatenate([np.array(keys, np.int64) for _, keys, _ in rows])
    values = np.concatenate([np.array(values, np.float32) for values, _, _ in rows])
    columns = max(*(shape for _, _, shape in rows), int(keys.max()) + 1 if len(keys) else 0)
    starts = np.cumsum([0, *(len(values) for values, _, _ in rows)])
    return Table(features=csr_matrix((values, keys, starts), shape=(len(rows), columns)))


def _dense(values: Sequence[float], keys: Sequence[int] | None, columns: int) -> FloatArray:
    """A row with all its numbers, among others that have them all."""
    if keys is None:
        return np.array(values, np.float32)
    if max(keys) >= columns:
        raise DataError(f"a row has the key {max(keys)}, and others have {columns} features; keys are from 0 on")
    row = np.zeros(columns, np.float32)
    row[keys] = values
    return row


def _row(instance: Any, place: int, line: int | None) -> tuple[Sequence[float], Sequence[int] | None, int]:
    """The numbers of a row, their keys where it is sparse, and how many columns it has at least."""
    features = instance
    for member in ("data", "features") if isinstance(instance, Mapping) and "data" in instance else ("features",):
        if not isinstance(features, Mapping) or member not in features:
            raise DataError(f"row {place} has no '{member}'; expected {{\"features\": [1.5, 16.0]}}", line=line)
        features = features[member]
    if not isinstance(features, Mapping):
        return _numbers(features, place, line), None, 0
    values = _numbers(features.get("values"), place, line)
    if not features.get("keys"):
        return values, None, 0
    keys = _numbers(features["keys"], place, line)
    if len(keys) != len(values) or not all(0 <= key < _COLUMNS and key % 1 == 0 for key in keys):
        raise DataError(f"row {place}: expected a key from 0 on for each of its {len(values)} values", line=line)
    columns = _numbers(features.get("shape") or [0], place, line)[-1]
    if not 0 <= columns <= _COLUMNS:
        raise DataError(f"row {place}: its shape has {columns:g} columns; expected at most {_COLUMNS}", line=line)
    return values, [int(key) for key in keys], int(columns)


def _numbers(values: Any, place: int, line: int | None) -> Sequence[float]:
    """A list of numbers, or of lists with one number each."""
    if isinstance(values, list):
        flat = [value[0] if isinstance(value, list) and len(value) == 1 else value for value in values]
        bad = next((at for at, value in enumerate(flat, start=1) if not _is_number(value)), None)
        if bad is None:
            return flat
        shown = json.dumps(flat[bad - 1])[:60]
        raise DataError(f"row {place}: expected a list of finite numbers, but number {bad} is {shown}", line=line)
    raise DataError(f"row {place}: expected a list of numbers, got {json.dumps(values)[:60]}", line=line)


def _is_number(value: Any) -> bool:
    """Whether it is one, and finite as a 32-bit float."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST
