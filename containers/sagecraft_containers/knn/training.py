"""The k-nearest-neighbors container's `train`: it samples, reduces dimensions and keeps the rest as the index.

Source: "How the k-NN Algorithm Works" in the SageMaker developer guide. An index looks at every row, whatever its
`index_type`: the others are quicker on AWS and may miss a neighbor.
"""

import time
from collections.abc import Mapping
from typing import Any, Final, cast

import numpy as np
from sklearn.metrics import accuracy_score, f1_score, mean_squared_error
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from sagecraft_containers.algorithm.channel import Channel
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import FloatArray
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.run import StopRequest

from .model import Neighbors, reduced

DEFINITION: Final = Definition("knn", "AWS/KNN")
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
        UserError: The data are wrong, or fewer than neighbors.
    """
    values: Mapping[str, Any] = job.hyperparameters
    channel, begin = job.channels[TRAIN_CHANNEL], time.time()
    directions = _directions(values, channel.columns)
    sample = _Sample(values["sample_size"])
    for batch in channel.batches(values["mini_batch_size"]):
        sample.add(reduced(batch, directions), np.asarray(batch.labels))
    k = values["k"]
    if k > len(sample.labels):
        raise UserError(
            f"k: got '{k}', but only {len(sample.labels)} rows of the channel 'train' are sampled; use fewer "
            "neighbors, or more rows and a larger sample_size."
        )
    job.log.progress(1, 1)
    job.log.throughput(sample.seen, begin)
    model = Neighbors(sample.rows, sample.labels, directions, k, values["predictor_type"], values["index_metric"])
    if "test" in job.channels:
        _test(job, job.channels["test"], model)
    model.save(job.model_directory)


class _Sample:
    """So many rows of all, each as probable as any other.

    Args:
        size: How many at most.
    """

    def __init__(self, size: int) -> None:
        self._size, self._random = size, np.random.default_rng(_SEED)
        self._rows: list[FloatArray] = []
        self._labels: list[FloatArray] = []
        self.seen = 0

    @property
    def rows(self) -> FloatArray:
        """Shape (rows, dimensions)."""
        return self._joined(self._rows)

    @property
    def labels(self) -> FloatArray:
        """Shape (rows,)."""
        return self._joined(self._labels)

    def add(self, rows: FloatArray, labels: FloatArray) -> None:
        """Takes rows in, in place of others where there are enough."""
        kept = min(self.seen, self._size)
        room = min(self._size - kept, len(rows))
        if room:
            self._rows.append(rows[:room])
            self._labels.append(labels[:room])
        later = np.arange(self.seen + room, self.seen + len(rows))
        places = (self._random.random(len(later)) * (later + 1)).astype(np.int64)
        chosen = places < self._size
        if chosen.any():
            for mine, theirs in ((self._rows, rows), (self._labels, labels)):
                self._joined(mine)[places[chosen]] = theirs[room:][chosen]
        self.seen += len(rows)

    @staticmethod
    def _joined(parts: list[FloatArray]) -> FloatArray:
        """The parts as one array, which is no part of what the channel keeps."""
        if len(parts) > 1 or not parts[0].flags.owndata:
            parts[:] = [np.concatenate(parts)]
        return parts[0]


def _directions(values: Mapping[str, Any], columns: int) -> FloatArray | None:
    """What features are projected on: signs, or for `fjlt` normal numbers, which keep distances as well."""
    kind = values.get("dimension_reduction_type")
    if kind is None:
        return None
    target = values["dimension_reduction_target"]
    if kind == "sign":
        projection: Any = SparseRandomProjection(target, density=1.0, random_state=_SEED)
    else:
        projection = GaussianRandomProjection(target, random_state=_SEED)
    return np.asarray(projection.fit(np.zeros((1, columns), np.float32)).components_, np.float32).T


def _test(job: Job, channel: Channel, model: Neighbors) -> None:
    """Tells the metrics of the channel `test`."""
    truth, predicted, rows = [], [], cast("int", job.hyperparameters["mini_batch_size"])
    for batch in channel.batches(rows):
        truth.append(np.asarray(batch.labels))
        predicted.append(model.predict(model.nearest(batch)[1]))
    true, given = np.concatenate(truth), np.concatenate(predicted)
    if model.predictor_type == "regressor":
        job.log.quality("test", "mse", float(mean_squared_error(true, given)), "loss")
        return
    job.log.quality("test", "accuracy", float(accuracy_score(true, given)))
    job.log.quality("test", "macro_f_1.000", float(f1_score(true, given, average="macro")))
