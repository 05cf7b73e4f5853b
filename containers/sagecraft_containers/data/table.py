"""What the readers hand over."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FloatArray = npt.NDArray[np.float32]


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
