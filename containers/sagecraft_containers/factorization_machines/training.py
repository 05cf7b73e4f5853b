"""The factorization machines container's `train`.

Source of the behaviour: "Factorization machines algorithm", "How factorization machines work" and "Factorization
machines hyperparameters" in the SageMaker developer guide. Which optimizer AWS's container has is not told; here it is
Adam, whose steps `eps` keeps finite.
"""

import time
from collections.abc import Iterator
from typing import Any, Final

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax

from sagecraft_containers.algorithm.batches import Batch, as_batch, project, squared
from sagecraft_containers.algorithm.channel import RECORDIO_PROTOBUF, Channel, Reading
from sagecraft_containers.algorithm.descent import Descent, Objective, Parameters
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.algorithm.labels import check_classes
from sagecraft_containers.algorithm.quality import Quality, Scored, factorization_qualities, regression_qualities
from sagecraft_containers.contract import TRAIN_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.training.run import StopRequest

from .model import THRESHOLD, FactorizationMachine, scores

# Source of its tensors: https://docs.aws.amazon.com/sagemaker/latest/dg/factorization-machines.html
DEFINITION: Final = Definition(
    "factorization-machines",
    "factorization-machines",
    reading=Reading(content_types=(RECORDIO_PROTOBUF,), tensors=("float32_tensor",)),
)
_GROUPS: Final = ("bias", "linear", "factors")
_UNIFORM_SCALE: Final = 0.07
"""MXNet's, where the job gives none."""
_EPSILON: Final = 1e-8


def main(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains on the first of the job's hosts.

    Raises:
        CustomerError: The job's hyperparameters, channels or data are wrong.
    """
    run_job(DEFINITION, train, paths, stop)


def train(job: Job) -> None:
    """Trains, tests where there is a channel `test`, and saves the model.

    Raises:
        UserError: The data is wrong.
    """
    job.stop.deferred = True
    training = Training(job)
    training.run()
    model = training.model()
    model.save(job.model_directory)
    for name in job.channels:
        training.tell(name, training.scored(name, model))


class Training:
    """The training of one job."""

    def __init__(self, job: Job) -> None:
        self._job, self._channel = job, job.channels[TRAIN_CHANNEL]
        self._values = dict[str, Any](job.hyperparameters)
        self._classifies = self._values["predictor_type"] == "binary_classifier"
        self._rows = self._channel.head(self._values["mini_batch_size"]).rows
        clip = self._values.get("clip_gradient")
        optimizer = optax.scale_by_adam(eps=self._values.get("eps", _EPSILON))
        clipped = optimizer if clip is None else optax.chain(optax.clip(clip), optimizer)
        self._descent = Descent(self._objective(), clipped, self._initial())

    def run(self) -> None:
        """Trains for the epochs of the job, or until it is told to stop."""
        epochs, rates = self._values["epochs"], {name: np.float32(self._values[f"{name}_lr"]) for name in _GROUPS}
        for epoch in range(epochs):
            begin, seen = time.time(), list[tuple[npt.NDArray[Any], npt.NDArray[Any]]]()
            for table in self._batches(self._channel):
                outputs = np.asarray(self._descent.step(self._batch(table), rates))[: table.rows]
                seen.append((scores(outputs, classifies=self._classifies), np.asarray(table.labels)))
                if self._job.stop.received:
                    return
            self.tell(TRAIN_CHANNEL, seen, epoch)
            self._job.log.progress(epoch + 1, epochs)
            self._job.log.throughput(sum(len(labels) for _, labels in seen), begin)

    def model(self) -> FactorizationMachine:
        """What has been trained."""
        parameters = {name: np.asarray(self._descent.parameters[name]) for name in _GROUPS}
        return FactorizationMachine(**parameters, classifies=self._classifies)

    def scored(self, name: str, model: FactorizationMachine) -> Scored:
        """The scores and labels of a channel."""
        for table in self._batches(self._job.channels[name]):
            yield model.scores(table), np.asarray(table.labels)

    def tell(self, name: str, scored: Scored, epoch: int | None = None) -> None:
        """Writes the metrics of a channel."""
        for each in self._qualities(scored):
            self._job.log.quality(name, each.name, each.value, each.kind, epoch)

    def _qualities(self, scored: Scored) -> Iterator[Quality]:
        return factorization_qualities(scored, THRESHOLD) if self._classifies else regression_qualities(scored)

    def _batches(self, channel: Channel) -> Iterator[Table]:
        for table in channel.batches(self._rows):
            if self._classifies:
                check_classes(channel.name, table, 2, why="predictor_type 'binary_classifier'")
            yield table

    def _batch(self, table: Table) -> Batch:
        return {**as_batch(table, self._rows), "rows": np.float32(table.rows)}

    def _objective(self) -> Objective:
        """The mean loss of a batch, or its sum times `rescale_grad`, with what large parameters cost."""
        rescale, decays = self._values.get("rescale_grad"), {name: self._values[f"{name}_wd"] for name in _GROUPS}
        loss = optax.losses.sigmoid_binary_cross_entropy if self._classifies else optax.losses.squared_error

        def objective(parameters: Parameters, batch: Batch) -> tuple[jax.Array, jax.Array]:
            outputs = _outputs(parameters, batch)
            total = (loss(outputs, batch["y"]) * batch["weight"]).sum()
            decay = sum(decays[name] / 2 * jnp.square(parameters[name]).sum() for name in _GROUPS)
            return (total / batch["rows"] if rescale is None else total * rescale) + decay, outputs

        return objective

    def _initial(self) -> Parameters:
        random = np.random.default_rng(0)
        features = self._channel.columns
        shapes = {"bias": (1,), "linear": (features, 1), "factors": (features, self._values["num_factors"])}
        return {name: jnp.asarray(self._drawn(random, name, shape), jnp.float32) for name, shape in shapes.items()}

    def _drawn(self, random: np.random.Generator, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
        match self._values[f"{name}_init_method"]:
            case "normal":
                return random.normal(0, self._values[f"{name}_init_sigma"], shape)
            case "uniform":
                scale = self._values.get(f"{name}_init_scale", _UNIFORM_SCALE)
                return random.uniform(-scale, scale, shape)
            case "constant":
                return np.full(shape, self._values.get(f"{name}_init_value", 0.0))
            case unknown:
                raise AssertionError(f"the catalog lets a method pass that is unknown here: '{unknown}'")


def _outputs(parameters: Parameters, batch: Batch) -> jax.Array:
    factors = parameters["factors"]
    pairs = (project(batch, factors) ** 2 - project(squared(batch), factors**2)).sum(axis=1) / 2
    return project(batch, parameters["linear"])[:, 0] + parameters["bias"] + pairs
