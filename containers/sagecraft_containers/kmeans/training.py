"""The k-means container's `train`.

As AWS's, it goes through the data in mini-batches with more centers than are wanted, and then makes the wanted number
of those by Lloyd's algorithm ("How K-Means Clustering Works" in the developer guide). Both are scikit-learn's.
"""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sklearn.cluster import KMeans, MiniBatchKMeans

from sagecraft_containers.algorithm.channel import Channel, Reading
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.run import StopRequest

from .model import Centers

DEFINITION: Final = Definition("kmeans", "AWS/KMeansWebscale", reading=Reading(labels=False))
_LEAST_FACTOR: Final = 4
_MOST_FACTOR: Final = 20
_MOST_EXTRA_CENTERS: Final = 1000
"""`extra_center_factor` where it is `auto`: the more, the better the wanted centers; the least is AWS's for tuning."""
_SKLEARN_INIT: Final = {"random": "random", "kmeans++": "k-means++"}
_MOST_HALF_LIVES: Final = 500
"""After so many, what older rows count for is nothing to a float."""
_SEED: Final = 0


def main(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains on the first of the job's hosts.

    Raises:
        CustomerError: The job's hyperparameters, channels or data are wrong.
    """
    run_job(DEFINITION, train, paths, stop)


def train(job: Job) -> None:
    """Trains, tests where there is a channel `test`, and saves the model.

    Raises:
        UserError: The data are wrong, or fewer than clusters.
    """
    centers, counts = _many_centers(job)
    model = Centers(_wanted_centers(centers, counts, job.hyperparameters))
    if "test" in job.channels:
        _test(job, model)
    model.save(job.model_directory)


def _many_centers(job: Job) -> tuple[npt.NDArray[Any], npt.NDArray[np.float64]]:
    """More centers than are wanted, and how many rows each stands for."""
    values: Mapping[str, Any] = job.hyperparameters
    k, epochs, half_life = (values[name] for name in ("k", "epochs", "half_life_time_size"))
    factor = values["extra_center_factor"]
    if factor == "auto":
        factor = max(_LEAST_FACTOR, min(_MOST_FACTOR, _MOST_EXTRA_CENTERS // k))
    wanted = k * factor
    batch_rows = max(values["mini_batch_size"], wanted)
    clustering, counts, seen = None, np.zeros(wanted), 0
    for epoch in range(epochs):
        begin, before = time.time(), seen
        for batch in _batches(job.channels[TRAIN_CHANNEL], batch_rows):
            if clustering is None:
                clustering, counts = _begun(k, min(wanted, batch.rows), values), np.zeros(min(wanted, batch.rows))
            # Older rows count for half after a half-life: the same as newer ones counting for twice.
            weight = 2.0 ** min(seen / half_life, _MOST_HALF_LIVES) if half_life else 1.0
            clustering.partial_fit(batch.features, sample_weight=np.full(batch.rows, weight))
            counts += weight * np.bincount(clustering.labels_, minlength=len(counts))
            seen += batch.rows
        job.log.progress(epoch + 1, epochs)
        job.log.throughput(seen - before, begin)
    if clustering is None:
        raise AssertionError("a channel without rows is refused when it is read")
    return clustering.cluster_centers_, counts


def _batches(channel: Channel, rows: int) -> Iterator[Table]:
    """Batches in double precision, in which the weights of rows are."""
    for batch in channel.batches(rows):
        yield Table(features=batch.features.astype(np.float64))


def _begun(k: int, centers: int, values: Mapping[str, Any]) -> MiniBatchKMeans:
    if centers < k:
        raise UserError(f"k: got '{k}', but the channel 'train' has {centers} rows; use no more clusters than rows.")
    init = _SKLEARN_INIT[values["init_method"]]
    return MiniBatchKMeans(centers, init=init, n_init=1, reassignment_ratio=0, random_state=_SEED)


def _wanted_centers(
    centers: npt.NDArray[Any], counts: npt.NDArray[np.float64], values: Mapping[str, Any]
) -> npt.NDArray[np.float32]:
    k = values["k"]
    used = counts > 0 if (counts > 0).sum() >= k else np.full(len(counts), fill_value=True)
    lloyd = KMeans(
        k,
        init=_SKLEARN_INIT[values["local_lloyd_init_method"]],
        n_init=values["local_lloyd_num_trials"],
        max_iter=values["local_lloyd_max_iter"],
        tol=values["local_lloyd_tol"],
        random_state=_SEED,
    )
    lloyd.fit(centers[used], sample_weight=np.maximum(counts[used] / counts.max(), np.finfo(np.float64).tiny))
    return np.asarray(lloyd.cluster_centers_, np.float32)


def _test(job: Job, model: Centers) -> None:
    """Tells the metrics of the channel `test` that are asked for."""
    total, rows = 0.0, 0
    for block in job.channels["test"].blocks():
        total += float((model.closest(block)[1].astype(np.float64) ** 2).sum())
        rows += block.rows
    measures = {"msd": total / rows, "ssd": total}
    asked: Any = job.hyperparameters["eval_metrics"]
    for name in asked:
        job.log.quality("test", name, measures[name], "loss")
