"""Batches of rows for JAX, dense or sparse, each of one shape so that what computes them is compiled once."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sagecraft_containers.data.table import Table

Batch = Mapping[str, Any]
"""`x` for dense rows, or `row`, `key` and `value` of each number of sparse ones; `y`, and `weight` of each row."""


def as_batch(table: Table, rows: int, weights: Any = 1.0) -> Batch:
    """Rows as a batch of so many; those that are too few weigh nothing.

    Args:
        table: At most as many rows.
        rows: How many the batch has.
        weights: Of the table's rows, one for all or one each.
    """
    missing = rows - table.rows
    weight = np.pad(np.broadcast_to(np.asarray(weights, np.float32), table.rows), (0, missing))
    labels = np.zeros(rows, np.float32) if table.labels is None else np.pad(table.labels, (0, missing))
    return {**_features(table, missing), "y": labels, "weight": weight}


def project(batch: Batch, weights: jax.Array) -> jax.Array:
    """The rows times weights of shape (features, outputs): shape (rows, outputs)."""
    if "x" in batch:
        return jnp.asarray(batch["x"]) @ weights
    parts = batch["value"][:, None] * weights[batch["key"]]
    return jnp.zeros((batch["weight"].shape[0], weights.shape[1])).at[batch["row"]].add(parts)


def squared(batch: Batch) -> Batch:
    """The same rows with the square of each number."""
    name = "x" if "x" in batch else "value"
    return {**batch, name: batch[name] ** 2}


def _features(table: Table, missing: int) -> dict[str, Any]:
    if isinstance(table.features, np.ndarray):
        return {"x": np.pad(table.features, ((0, missing), (0, 0))) if missing else table.features}
    numbers = table.features.tocoo()
    room = (1 << max(10, int(numbers.nnz - 1).bit_length())) - numbers.nnz
    return {
        "row": np.pad(numbers.row.astype(np.int32), (0, room)),
        "key": np.pad(numbers.col.astype(np.int32), (0, room)),
        "value": np.pad(numbers.data.astype(np.float32), (0, room)),
    }
