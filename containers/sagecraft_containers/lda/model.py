"""Trained topics, and what they answer.

Source of the answers: "LDA Response Formats" in the SageMaker developer guide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import psi
from sklearn.decomposition import LatentDirichletAllocation

from sagecraft_containers.algorithm.answer import Columns
from sagecraft_containers.algorithm.archive import load_arrays, save_arrays
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import DataError

_ALGORITHM: Final = "lda"


@dataclass(frozen=True)
class Topics:
    """A trained model.

    Attributes:
        allocation: Of scikit-learn.
    """

    allocation: LatentDirichletAllocation

    @property
    def columns(self) -> int:
        """How many words the vocabulary has."""
        return int(self.allocation.n_features_in_)

    def answer(self, table: Table, parameters: Mapping[str, str]) -> Columns:  # noqa: ARG002 - as all models
        """What is answered of each row.

        Raises:
            DataError: A number is negative.
        """
        if has_negative(table):
            raise DataError("a number is negative; each must be how often a word occurs")
        return {"topic_mixture": self.mixtures(table)}

    def mixtures(self, table: Table) -> npt.NDArray[np.float32]:
        """How much of each topic is in each document, shape (rows, topics)."""
        return np.asarray(self.allocation.transform(table.features), np.float32)

    def log_likelihood_per_word(self, table: Table) -> float:
        """A lower bound of the logarithm of the likelihood of a word."""
        return -float(np.log(self.allocation.perplexity(table.features)))

    def save(self, directory: Path) -> None:
        """Saves it as the model of a job."""
        about = {"doc_topic_prior": float(self.allocation.doc_topic_prior_)}
        save_arrays(directory, _ALGORITHM, about, {"components": self.allocation.components_})

    @classmethod
    def load(cls, directory: Path) -> "Topics":
        """What was saved.

        Raises:
            UserError: There is no model, or it is not one of ours of this algorithm.
        """
        about, arrays = load_arrays(directory, _ALGORITHM)
        components = arrays["components"]
        allocation = LatentDirichletAllocation(len(components), doc_topic_prior=about["doc_topic_prior"])
        allocation.components_ = components
        allocation.exp_dirichlet_component_ = np.exp(psi(components) - psi(components.sum(axis=1, keepdims=True)))
        allocation.doc_topic_prior_ = about["doc_topic_prior"]
        allocation.n_features_in_ = components.shape[1]
        return cls(allocation)


def has_negative(table: Table) -> bool:
    """Whether a number of rows is less than 0, as no count of words is."""
    features: Any = table.features
    return bool(((features if table.is_dense else features.data) < 0).any())
