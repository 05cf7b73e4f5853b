"""The random cut forest container's `train`: each tree samples all rows, by AWS's own library.

Source: "How RCF Works" and "Tune an RCF Model" in the SageMaker developer guide.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from krcf import RandomCutForest

from sagecraft_containers.algorithm.channel import Channel, Reading
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.algorithm.quality import f_beta, found_of
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.training.run import StopRequest

from .model import Forest, rows_of

_READING: Final = Reading()
DEFINITION: Final = Definition(
    "randomcutforest", "RandomCutForest", reading=replace(_READING, labels=False), readings={"test": _READING}
)
_BATCH_ROWS: Final = 1000
_ANOMALOUS_DEVIATIONS: Final = 3
"""A score so many standard deviations above the mean counts as an anomaly when a forest is tested."""
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
        UserError: The data are wrong.
    """
    values: Mapping[str, Any] = job.hyperparameters
    channel, begin, seen = job.channels[TRAIN_CHANNEL], time.time(), 0
    options: Any = {
        "dimensions": channel.columns,
        "shingle_size": 1,
        "num_trees": values["num_trees"],
        "sample_size": values["num_samples_per_tree"],
        "output_after": 1,
        "random_seed": _SEED,
        "lambda": 0.0,  # an early row is as likely in a tree as a late one
    }
    forest = RandomCutForest(options)
    for batch in channel.batches(_BATCH_ROWS):
        for row in rows_of(batch):
            forest.update(row)
        seen += batch.rows
    job.log.progress(1, 1)
    job.log.throughput(seen, begin)
    model = Forest(forest)
    if "test" in job.channels:
        _test(job, job.channels["test"], model)
    model.save(job.model_directory)


def _test(job: Job, channel: Channel, model: Forest) -> None:
    """Tells the metrics of the channel `test` that are asked for."""
    asked: Any = job.hyperparameters["eval_metrics"]
    parts = [(np.asarray(block.labels), model.scores(block)) for block in channel.batches(_BATCH_ROWS)]
    labels, scores = (np.concatenate(part) for part in zip(*parts, strict=True))
    found = found_of(scores > scores.mean() + _ANOMALOUS_DEVIATIONS * scores.std(), labels > 0)
    if "accuracy" in asked:
        job.log.quality("test", "accuracy", found.accuracy)
    if "precision_recall_fscore" in asked:
        score = float(f_beta(found.precision, found.recall, 1.0))
        for name, value in (("precision", found.precision), ("recall", found.recall), ("f1", score)):
            job.log.quality("test", name, value)
