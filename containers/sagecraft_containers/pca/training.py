"""The PCA container's `train`.

Its two modes are those of AWS's ("How PCA Works" in the developer guide). `regular` adds up the covariance of all rows
and decomposes it, which needs memory for the features squared; `randomized` approximates, here by scikit-learn's
incremental PCA, in memory for the features times the components. Neither keeps the rows.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.linalg
from sklearn.decomposition import IncrementalPCA

from sagecraft_containers.algorithm.channel import Reading
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.run import StopRequest

from .model import Projection

DEFINITION: Final = Definition("pca", "PCA", reading=Reading(labels=False))
_LEAST_EXTRA: Final = 10
"""As many components more at least are computed in the randomized mode, where AWS's default decides."""


def main(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains on the first of the job's hosts.

    Raises:
        CustomerError: The job's hyperparameters, channels or data are wrong.
    """
    run_job(DEFINITION, train, paths, stop)


def train(job: Job) -> None:
    """Trains and saves the model.

    Raises:
        UserError: The data are wrong, or fewer than components.
    """
    begin = time.time()
    rows, model = (_regular if job.hyperparameters["algorithm_mode"] == "regular" else _randomized)(job)
    job.log.progress(1, 1)
    job.log.throughput(rows, begin)
    model.save(job.model_directory)


def _regular(job: Job) -> tuple[int, Projection]:
    """The eigenvectors of the scatter matrix."""
    values: Mapping[str, Any] = job.hyperparameters
    columns, components = job.channels[TRAIN_CHANNEL].columns, values["num_components"]
    shift: npt.NDArray[np.float64] | None = None
    rows, total, products = 0, np.zeros(columns), np.zeros((columns, columns))
    for batch in _batches(job):
        if shift is None:  # what is far from zero would lose its digits in the squares
            shift = np.asarray(batch.mean(axis=0)) if values["subtract_mean"] else np.zeros(columns)
        moved = batch - shift
        rows, total = rows + len(moved), total + moved.sum(axis=0)
        products += moved.T @ moved
    _require(rows, components)
    if shift is None:
        raise AssertionError("a channel without rows is refused when it is read")
    mean = np.zeros(columns)
    if values["subtract_mean"]:
        products -= np.outer(total, total) / rows
        mean = shift + total / rows
    squares, vectors = scipy.linalg.eigh(products, subset_by_index=[columns - components, columns - 1])
    singular = np.sqrt(np.maximum(squares, 0))
    return rows, Projection(mean.astype(np.float32), vectors.astype(np.float32), singular.astype(np.float32))


def _randomized(job: Job) -> tuple[int, Projection]:
    """The leading components of the incremental decomposition."""
    values: Mapping[str, Any] = job.hyperparameters
    components, extra = values["num_components"], values["extra_components"]
    wanted = components + (max(_LEAST_EXTRA, components) if extra < 0 else extra)
    rows, incremental = 0, None
    for batch in _batches(job, wanted):
        if incremental is None:
            _require(len(batch), components)
            incremental = IncrementalPCA(min(wanted, *batch.shape))
        rows += len(batch)
        # With each row's opposite the mean is zero, and the components are those of the rows as they are.
        incremental.partial_fit(batch if values["subtract_mean"] else np.concatenate([batch, -batch]))
    if incremental is None:
        raise AssertionError("a channel without rows is refused when it is read")
    singular = incremental.singular_values_ / (1 if values["subtract_mean"] else np.sqrt(2))
    leading = slice(components - 1, None, -1) if components > 1 else slice(0, 1)
    arrays = (incremental.mean_, incremental.components_[leading].T, singular[leading])
    return rows, Projection(*(np.asarray(array, np.float32) for array in arrays))


def _batches(job: Job, least_rows: int = 1) -> Iterator[npt.NDArray[np.float64]]:
    size: Any = job.hyperparameters["mini_batch_size"]
    rows = max(size, least_rows)
    for batch in job.channels[TRAIN_CHANNEL].batches(rows):
        yield _dense(batch)


def _dense(table: Table) -> npt.NDArray[np.float64]:
    features: Any = table.features
    return np.asarray(features if table.is_dense else features.toarray(), np.float64)


def _require(rows: int, components: int) -> None:
    if rows < components:
        raise UserError(
            f"num_components: got '{components}', but the channel 'train' has {rows} rows; use no more components than "
            "rows."
        )
