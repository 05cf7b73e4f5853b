"""The rows of a job, ready to learn from: made once by its analysis, and read by everything after it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.problem import Array, Metric, ProblemType, objective
from sagecraft_containers.errors import UserError

from .columns import Schema
from .target import Target

_META: Final = "dataset.json"
_ROWS: Final = "rows.npz"
_FEATURES: Final = "features.arrow"


@dataclass(frozen=True)
class Rows:
    """Some rows.

    Attributes:
        features: The used columns, each as what it is.
        target: Numbers of classes, or values.
        weights: Of the rows; None where all count alike.
    """

    features: pd.DataFrame
    target: Array
    weights: Array | None = None

    def __len__(self) -> int:
        return len(self.target)

    def take(self, places: Array) -> "Rows":
        """Those at some places."""
        weights = None if self.weights is None else self.weights[places]
        return Rows(self.features.iloc[places], self.target[places], weights)


@dataclass(frozen=True)
class Dataset:
    """All rows, and how they are split.

    Attributes:
        schema: What the columns are.
        target: What is to be predicted.
        metric: What candidates are compared by.
        training: The rows to learn from.
        folds: Shape (repeats, rows of training): in which fold each row validates. Of no repeats where there is a
            validation set instead.
        validation: The rows to validate with, or None where folds do.
        seed: Of everything that is drawn.
        algorithms: Those to try, or None for all.
    """

    schema: Schema
    target: Target
    metric: Metric
    training: Rows
    folds: Array
    validation: Rows | None
    seed: int = 0
    algorithms: tuple[str, ...] | None = None

    @property
    def problem(self) -> ProblemType:
        """What kind of prediction it is."""
        return self.target.problem

    def validated(self) -> Rows:
        """The rows that candidates answer to be compared."""
        return self.training if self.validation is None else self.validation

    def splits(self) -> Iterator[tuple[Array, Array]]:
        """The places to learn from and to validate at, fold after fold."""
        for repeat in self.folds:
            for fold in np.unique(repeat):
                yield np.flatnonzero(repeat != fold), np.flatnonzero(repeat == fold)

    def save(self, directory: Path) -> None:
        """Writes it into a directory, for `load`."""
        directory.mkdir(parents=True, exist_ok=True)
        for name, rows in {"training": self.training, "validation": self.validation}.items():
            if rows is not None:
                folder = directory / name
                folder.mkdir(exist_ok=True)
                _write(rows.features, folder / _FEATURES)
                weights = np.empty(0) if rows.weights is None else rows.weights
                folds = self.folds if name == "training" else np.empty(0)
                np.savez(folder / _ROWS, target=rows.target, weights=weights, folds=folds)
        meta = {
            "schema": self.schema.to_json(),
            "target": self.target.name,
            "problem": self.problem,
            "classes": self.target.classes,
            "metric": self.metric.name,
            "seed": self.seed,
            "algorithms": self.algorithms,
        }
        (directory / _META).write_text(json.dumps(meta, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> "Dataset":
        """What `save` wrote.

        Raises:
            UserError: The directory holds no such thing.
        """
        try:
            meta = json.loads((directory / _META).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"The channel '{directory.name}' holds no data that an analysis has prepared.") from error
        problem = ProblemType(meta["problem"])
        schema = Schema.from_json(meta["schema"])
        training, folds = _read(directory / "training")
        validation = directory / "validation"
        return cls(
            schema,
            Target(meta["target"], problem, tuple(meta["classes"])),
            objective(meta["metric"], problem),
            training,
            folds,
            _read(validation)[0] if validation.is_dir() else None,
            meta["seed"],
            None if meta["algorithms"] is None else tuple(meta["algorithms"]),
        )


def _read(folder: Path) -> tuple[Rows, Array]:
    with np.load(folder / _ROWS) as arrays:
        target, weights, folds = (arrays[name] for name in ("target", "weights", "folds"))
    return Rows(_mapped(folder / _FEATURES), target, weights if len(weights) else None), folds


def _write(features: pd.DataFrame, file: Path) -> None:
    """Columns behind each other, as they are in memory, so that they can be mapped."""
    import pyarrow as pa  # noqa: PLC0415 - half a second

    # Of numbers NaN is a value as others: nulls would have to be copied to be read.
    columns = {str(name): pa.array(cells, from_pandas=cells.dtype.kind != "f") for name, cells in features.items()}
    table = pa.table(columns).combine_chunks()
    with pa.OSFile(str(file), "wb") as opened, pa.ipc.new_file(opened, table.schema) as writer:
        writer.write_table(table)


def _mapped(file: Path) -> pd.DataFrame:
    """What `_write` wrote; all processes that read it share one copy in memory."""
    import pyarrow as pa  # noqa: PLC0415

    table = pa.ipc.open_file(pa.memory_map(str(file))).read_all()
    frame: pd.DataFrame = table.to_pandas(
        split_blocks=True, types_mapper=lambda kind: pd.ArrowDtype(kind) if pa.types.is_large_string(kind) else None
    )
    return frame
