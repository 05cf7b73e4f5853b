"""What the readers hand over."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.errors import UserError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.float32]
LARGEST: Final = float(np.finfo(np.float32).max)
"""A greater number is infinite as a 32-bit float, which is what is kept."""


@dataclass(frozen=True)
class Table:
    """Rows of features, with what the format says about each row.

    Attributes:
        features: Shape (rows, columns); dense with NaN for a missing value, or sparse with absent entries missing.
        labels: Shape (rows,), or None where the data has none.
        weights: Shape (rows,), or None where the data has none.
        query_ids: Shape (rows,), the group of each row for ranking, or None where the data has none.
    """

    features: "FloatArray | csr_matrix[Any]"
    labels: FloatArray | None = None
    weights: FloatArray | None = None
    query_ids: npt.NDArray[np.int64] | None = None

    @property
    def rows(self) -> int:
        """Number of rows."""
        return int(self.features.shape[0])

    @property
    def columns(self) -> int:
        """Number of feature columns."""
        return int(self.features.shape[1])

    @property
    def is_dense(self) -> bool:
        """Whether every feature of every row is there."""
        return isinstance(self.features, np.ndarray)

    @property
    def missing(self) -> int | None:
        """The first row, from 0, with a number that is missing or not finite; None where all are there."""
        features: Any = self.features
        finite = np.isfinite(features if self.is_dense else features.data)
        if finite.all():
            return None
        places = (~finite).nonzero()[0]
        return int(places[0] if self.is_dense else np.searchsorted(features.indptr, places[0], side="right") - 1)

    @property
    def nbytes(self) -> int:
        """How much memory the features take."""
        features: Any = self.features
        parts = [features] if self.is_dense else [features.data, features.indices, features.indptr]
        return sum(part.nbytes for part in parts)

    def rows_between(self, begin: int, end: int) -> "Table":
        """The rows from one to before another."""
        rows = slice(begin, end)
        return Table(
            features=self.features[rows],
            labels=None if self.labels is None else self.labels[rows],
            weights=None if self.weights is None else self.weights[rows],
            query_ids=None if self.query_ids is None else self.query_ids[rows],
        )

    def widened(self, columns: int) -> "Table":
        """The same sparse rows with more columns; rows just may not use the last features."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415 - slow to import, and only sparse data needs it

        features: Any = self.features
        wide = csr_matrix((features.data, features.indices, features.indptr), shape=(self.rows, columns))
        return replace(self, features=wide)


def concatenated(tables: Sequence[Table]) -> Table:
    """All rows of several tables.

    Raises:
        UserError: Some have what others lack.
    """
    if len(tables) == 1:
        return tables[0]
    return Table(
        features=_stack_features(tables),
        labels=_stack("label", [table.labels for table in tables]),
        weights=_stack("weight", [table.weights for table in tables]),
        query_ids=_stack("qid", [table.query_ids for table in tables]),
    )


def _stack_features(tables: Sequence[Table]) -> Any:
    dense = sum(table.is_dense for table in tables)
    if dense == len(tables):
        return np.concatenate([table.features for table in tables])
    from scipy.sparse import vstack  # noqa: PLC0415 - slow to import, and only sparse data needs it

    if dense:
        raise UserError("Some files of a channel have sparse rows and some dense ones; write all alike.")
    columns = max(table.columns for table in tables)
    parts: list[Any] = [table.widened(columns).features for table in tables]
    return vstack(parts, format="csr")


def _stack(what: str, parts: list[Any]) -> Any:
    present = [part for part in parts if part is not None]
    if len(present) not in {0, len(parts)}:
        raise UserError(f"Some files of a channel have a {what} in every row and some have none.")
    return np.concatenate(present) if present else None
