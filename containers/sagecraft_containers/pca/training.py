"""The PCA container's `train`.

Its two modes are those of AWS's ("How PCA Works" in the developer guide). `regular` adds up the covariance of all rows
and decomposes it, which needs memory for the features squared; `randomized` approximates, here by scikit-learn's
randomized decomposition. Where the rows are more than memory has room for, it does as `regular` as long as the features
squared have, and else by the incremental decomposition, which needs memory for the features times the components and
takes six times as long.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import scipy.linalg
from sklearn.decomposition import PCA, IncrementalPCA, TruncatedSVD

from sagecraft_containers.algorithm.channel import Reading, most_kept_bytes
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.run import StopRequest

from .model import Projection

DEFINITION: Final = Definition("pca", "PCA", reading=Reading(labels=False))
_LEAST_EXTRA: Final = 10
"""As many components more at least are computed in the randomized mode, where AWS's default decides."""
_FLOAT_BYTES: Final = 8
_SEED: Final = 0


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
    """The leading components: of a sketch of all rows at once, else of rows that are sparse or many."""
    values: Mapping[str, Any] = job.hyperparameters
    channel, components, extra = job.channels[TRAIN_CHANNEL], values["num_components"], values["extra_components"]
    extra = max(_LEAST_EXTRA, components) if extra < 0 else extra
    every = channel.kept()
    if every is not None:
        _require(every.rows, components)
        if every.is_dense:
            return every.rows, _of_all(every.features, components, extra, subtract_mean=values["subtract_mean"])
    if _FLOAT_BYTES * channel.columns**2 <= most_kept_bytes():
        return _regular(job)
    batches = channel.batches(max(values["mini_batch_size"], components + extra))
    return _step_by_step(batches, components, extra, subtract_mean=values["subtract_mean"])


def _of_all(rows: Any, components: int, extra: int, *, subtract_mean: bool) -> Projection:
    if subtract_mean:
        found: Any = PCA(components, svd_solver="randomized", n_oversamples=max(extra, 1), random_state=_SEED)
    else:
        found = TruncatedSVD(components, n_oversamples=max(extra, 1), random_state=_SEED)
    found.fit(rows)
    mean = found.mean_ if subtract_mean else np.zeros(rows.shape[1])
    return _projection(mean, found.components_, found.singular_values_)


def _step_by_step(
    tables: Iterator[Table], components: int, extra: int, *, subtract_mean: bool
) -> tuple[int, Projection]:
    """By the incremental decomposition, with the rows in batches."""
    seen, incremental = 0, None
    for table in tables:
        batch = _dense(table)
        if incremental is None:
            incremental = IncrementalPCA(min(components + extra, *batch.shape))
        seen += len(batch)
        # With each row's opposite the mean is zero, and the components are those of the rows as they are.
        incremental.partial_fit(batch if subtract_mean else np.concatenate([batch, -batch]))
    if incremental is None:
        raise AssertionError("a channel without rows is refused when it is read")
    _require(seen, components)
    singular = incremental.singular_values_ / (1 if subtract_mean else np.sqrt(2))
    return seen, _projection(incremental.mean_, incremental.components_[:components], singular[:components])


def _projection(mean: Any, vectors: Any, singular: Any) -> Projection:
    """Of components with the largest first, as rows."""
    return Projection(*(np.asarray(array, np.float32) for array in (mean, vectors[::-1].T, singular[::-1])))


def _batches(job: Job) -> Iterator[npt.NDArray[np.float64]]:
    size: Any = job.hyperparameters["mini_batch_size"]
    for batch in job.channels[TRAIN_CHANNEL].batches(size):
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
