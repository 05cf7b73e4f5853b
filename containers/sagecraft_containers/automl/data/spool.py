"""Tables that may be larger than the memory: they stand in a file, and are mapped from there."""

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.problem import Array
from sagecraft_containers.data.memory import memory_bytes

LARGEST_BYTES: Final = 5 << 30
"""From here on AWS advises to have a table read by a cluster.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AutoMLComputeConfig.html"""
_MEMORY_SHARE: Final = 8
"""Of the memory: workers prepare the rows beside each other, and a model is several times as large as its rows."""
_MOST_CLASSES: Final = 1000
_LEAST_OF_CLASS: Final = 10


def spooled(schema: Any, batches: Iterable[Any]) -> Any:
    """A table of record batches, of which one is in memory at a time.

    Its file has no name, and is gone with the table.
    """
    import pyarrow as pa  # noqa: PLC0415 - half a second

    descriptor, name = tempfile.mkstemp(prefix="automl-", suffix=".arrow")
    os.close(descriptor)
    try:
        with pa.OSFile(name, "wb") as file, pa.ipc.new_file(file, schema) as writer:
            for batch in batches:
                writer.write_batch(batch)
        return pa.ipc.open_file(pa.memory_map(name)).read_all()
    finally:
        Path(name).unlink()


def filtered(table: Any, kept: Array) -> Any:
    """The rows of a table for which `kept` is true."""
    if kept.all():
        return table

    def batches() -> Iterable[Any]:
        begun = 0
        for batch in table.to_batches():
            yield batch.filter(kept[begun : begun + len(batch)])
            begun += len(batch)

    return spooled(table.schema, batches())


def largest_bytes() -> int:
    """How large a table may be that is learnt from as a whole."""
    return min(LARGEST_BYTES, memory_bytes() // _MEMORY_SHARE)


def bounded(table: Any, target: str, seed: int) -> Any:
    """The table, or a sample of it where it is too large: of each class the same share, and ten rows at least.

    A target of many values is none of classes, and its rows are drawn alike.
    """
    share = largest_bytes() / max(1, table.nbytes)
    return table if share >= 1 else filtered(table, _drawn(table[target], share, seed))


def _drawn(column: Any, share: float, seed: int) -> Array:
    generator = np.random.default_rng(seed)
    values = column.combine_chunks().dictionary_encode()
    if len(values.dictionary) > _MOST_CLASSES:
        return generator.random(len(values)) < share
    codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    kept = np.zeros(len(codes), bool)
    for code in np.unique(codes):
        places = np.flatnonzero(codes == code)
        count = min(len(places), max(_LEAST_OF_CLASS, round(share * len(places))))
        kept[generator.choice(places, count, replace=False)] = True
    return kept
