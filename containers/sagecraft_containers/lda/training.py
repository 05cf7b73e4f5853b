"""The LDA container's `train`: scikit-learn's variational inference, where AWS's decomposes a tensor.

So `max_restarts` and `tol`, which are that method's, have no use; `max_iterations` bounds the passes through the
documents.
"""

import time
from collections.abc import Mapping
from itertools import chain
from typing import Any, Final

import numpy as np
from sklearn.decomposition import LatentDirichletAllocation

from sagecraft_containers.algorithm.channel import Reading
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.run import StopRequest

from .model import Topics, has_negative

DEFINITION: Final = Definition("lda", "AWS/LDA", reading=Reading(labels=False))
_AT_ONCE: Final = 10_000
"""As many documents are learnt from together; where there are more, they are learnt from batch by batch."""
_MOST_PASSES: Final = 100
_MOST_ONLINE_PASSES: Final = 10
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
    begin = time.time()
    documents, allocation = _learnt(job)
    job.log.progress(1, 1)
    job.log.throughput(documents, begin)
    model = Topics(allocation)
    if "test" in job.channels:
        test = _counted(job.channels["test"].table(), "test")
        job.log.quality("test", "pwll", model.log_likelihood_per_word(test))
    model.save(job.model_directory)


def _learnt(job: Job) -> tuple[int, LatentDirichletAllocation]:
    """How many documents there are, and what was learnt from them."""
    values: Mapping[str, Any] = job.hyperparameters
    channel, topics, passes = job.channels[TRAIN_CHANNEL], values["num_topics"], values["max_iterations"]
    allocation = LatentDirichletAllocation(
        topics,
        doc_topic_prior=values["alpha0"] / topics,
        max_iter=min(passes, _MOST_PASSES),
        evaluate_every=5,
        total_samples=values["mini_batch_size"],  # of this algorithm it is the number of all documents
        random_state=_SEED,
    )
    batches = channel.batches(_AT_ONCE)
    first, second = next(batches), next(batches, None)
    if second is None:
        return first.rows, allocation.fit(_counted(first, TRAIN_CHANNEL).features)
    documents = 0
    for done in range(min(passes, _MOST_ONLINE_PASSES)):
        begun = chain((first, second), batches) if done == 0 else channel.batches(_AT_ONCE)
        for batch in begun:
            allocation.partial_fit(_counted(batch, TRAIN_CHANNEL).features)
            documents += batch.rows if done == 0 else 0
    return documents, allocation


def _counted(table: Table, channel: str) -> Table:
    """Documents whose numbers are counts of words.

    Raises:
        UserError: One is negative.
    """
    features: Any = table.features
    if has_negative(table):
        raise UserError(f"The channel '{channel}' has a negative number; each must be how often a word occurs.")
    return Table(features=np.asarray(features) if table.is_dense else features)
