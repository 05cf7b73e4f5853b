"""A trained index of neighbors, and what it answers.

Source of the answers: "k-NN Request and Response Formats" in the SageMaker developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import mode
from sklearn.neighbors import NearestNeighbors

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import FloatArray, Table

PredictorType = Literal["classifier", "regressor"]
IndexMetric = Literal["L2", "COSINE", "INNER_PRODUCT"]

_ALGORITHM: Final = "knn"


@dataclass(frozen=True)
class Neighbors:
    """A trained model.

    Attributes:
        rows: Shape (rows, dimensions of the index), what neighbors are looked for in.
        labels: Shape (rows,).
        directions: Shape (features, dimensions of the index), what reduces the features; None where nothing does.
        k: How many neighbors a row has.
        predictor_type: Whether the neighbors vote, or their labels are averaged.
        index_metric: What is near: by Euclidean distance, by the angle, or by the inner product.
    """

    rows: FloatArray
    labels: FloatArray
    directions: FloatArray | None
    k: int
    predictor_type: PredictorType
    index_metric: IndexMetric

    @property
    def columns(self) -> int:
        """How many features a row has."""
        return int((self.rows.T if self.directions is None else self.directions).shape[0])

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:
        """What is answered of each row; with `verbose` also its neighbors, the nearest first."""
        distances, labels = self.nearest(table)
        predicted = {"predicted_label": self.predict(labels)}
        if parameters.get("verbose", "").lower() != "true":
            return predicted
        return {**predicted, "distances": distances, "labels": labels}

    def nearest(self, table: Table) -> tuple[FloatArray, FloatArray]:
        """The distances and the labels of the nearest neighbors, each of shape (rows, k).

        The distance of the inner product is its negative, so that less is nearer there, too.
        """
        points = reduced(table, self.directions)
        if self._index is None:
            products = -(points @ self.rows.T)
            places = np.argpartition(products, self.k - 1, axis=1)[:, : self.k]
            order = np.take_along_axis(products, places, axis=1).argsort(axis=1)
            places = np.take_along_axis(places, order, axis=1)
            distances = np.take_along_axis(products, places, axis=1)
        else:
            distances, places = self._index.kneighbors(points)
        return np.asarray(distances, np.float32), self.labels[places]

    def predict(self, labels: FloatArray) -> FloatArray:
        """What labels of neighbors come to; the smaller label where as many have another."""
        if self.predictor_type == "regressor":
            return np.asarray(labels.mean(axis=1), np.float32)
        return np.asarray(mode(labels, axis=1).mode, np.float32)

    @cached_property
    def _index(self) -> NearestNeighbors | None:
        if self.index_metric == "INNER_PRODUCT":
            return None
        metric = "cosine" if self.index_metric == "COSINE" else "euclidean"
        return NearestNeighbors(n_neighbors=self.k, metric=metric).fit(self.rows)

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        about = {"k": self.k, "predictor_type": self.predictor_type, "index_metric": self.index_metric}
        directions = {} if self.directions is None else {"directions": self.directions}
        save_arrays(directory, _ALGORITHM, about, {"rows": self.rows, "labels": self.labels, **directions})

    @classmethod
    def load(cls, directory: Path) -> "Neighbors":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        about, arrays = load_arrays(directory, _ALGORITHM)
        return cls(arrays["rows"], arrays["labels"], arrays.get("directions"), **about)


def reduced(table: Table, directions: FloatArray | None) -> npt.NDArray[np.float32]:
    """Rows as the index has them: dense, and in its dimensions."""
    features: Any = table.features
    if directions is not None:
        return np.asarray(features @ directions, np.float32)
    return np.asarray(features if table.is_dense else features.toarray(), np.float32)
