"""`train` of linear-learner.

Source of the behaviour: "Linear learner algorithm", "How linear learner works" and "Linear learner hyperparameters" in
the SageMaker developer guide.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.algorithm.channel import Channel, Reading
from sagecraft_containers.algorithm.descent import Parameters
from sagecraft_containers.algorithm.job import Definition, Job, run_job
from sagecraft_containers.algorithm.labels import check_classes
from sagecraft_containers.algorithm.quality import (
    Quality,
    Scored,
    binary_qualities,
    multiclass_qualities,
    regression_qualities,
)
from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import FloatArray, Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.linear_learner.model import Decision
from sagecraft_containers.training.run import StopRequest

from .losses import OBJECTIVES
from .models import Models
from .scaling import Scaling, class_weights
from .selection import CRITERION, best_of, chooses_threshold, judge
from .settings import Settings

# Source of its tensors: https://docs.aws.amazon.com/sagemaker/latest/dg/linear-learner.html
DEFINITION: Final = Definition(
    "linear-learner",
    "Linear Learner",
    channels=(TRAIN_CHANNEL, VALIDATION_CHANNEL, "test"),
    reading=Reading(tensors=("float32_tensor",)),
)
_CALIBRATION_ROWS: Final = 100_000
_CALIBRATION_NUMBERS: Final = 1 << 25
"""How many outputs of all models together are kept to judge them by."""
_NO_BATCH: Final = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that "
    "training data contains non-empty files and the mini-batch size is less than the number of records per training "
    "host."
)
"""How AWS's container tells it; as many records as a mini-batch has are enough to it."""


def main(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains the models of a job, and saves the best one.

    Raises:
        CustomerError: The job's hyperparameters, channels or data are wrong.
    """
    run_job(DEFINITION, train, paths, stop)


def train(job: Job) -> None:
    """Trains the models of a job, and saves the best one.

    Raises:
        UserError: The data is wrong.
    """
    training = Training(job)
    job.stop.deferred = True
    best = training.best()
    decision = training.decision(best)
    training.scaling.model(*best.arrays, decision).save(job.model_directory)
    for name in DEFINITION.channels:
        if name in job.channels:
            training.evaluate(name, best, decision)
        else:
            job.log.tell(f"{name.capitalize()} data is not provided.")
    job.log.tell(f"Best model found for hyperparameters: {training.settings.told(best.model)}".replace("'", '"'))


@dataclass(frozen=True)
class Best:
    """The best model so far.

    Attributes:
        model: Which one.
        parameters: Its parameters.
        cost: By the criterion; less is better.
        loss: The model's, which tells it from others of the same cost.
        progress: Of its epoch, by which early stopping goes; less is better.
    """

    model: int
    parameters: Parameters
    cost: float
    loss: float
    progress: float

    @property
    def arrays(self) -> tuple[FloatArray, FloatArray]:
        """Its weights and its bias."""
        return np.asarray(self.parameters["weights"])[:, 0], np.asarray(self.parameters["bias"])[0]


class Training:
    """The training of one job.

    Args:
        job: What it has.

    Raises:
        UserError: The data is wrong.
    """

    def __init__(self, job: Job) -> None:
        self._job, self._channel = job, job.channels[TRAIN_CHANNEL]
        self.settings = Settings.of(job.hyperparameters, self._channel.columns)
        first = self._head(self._channel, int(self.settings.number("num_point_for_scaler")))
        self._batch_rows = int(self.settings.number("mini_batch_size"))
        if not self._channel.has(self._batch_rows * job.shares):
            raise UserError(_NO_BATCH)
        self.scaling = Scaling.of(first, self.settings)
        weights = class_weights(first, self.settings)
        self._models = Models(self.settings, self.scaling, weights, self._channel.columns, self._batch_rows)
        self._objective = f"{OBJECTIVES.get(self.settings.loss, self.settings.loss)}_objective"
        self._chooses = chooses_threshold(self.settings)
        self._validates = VALIDATION_CHANNEL in job.channels
        judged = job.channels[VALIDATION_CHANNEL if self._validates else TRAIN_CHANNEL]
        self._judged = self._head(judged, self._calibration_rows())

    def best(self) -> Best:
        """Trains until it is no longer worth it, the job is told to stop, or its epochs are over."""
        settings, log = self.settings, self._job.log
        epochs, patience = int(settings.number("epochs")), int(settings.number("early_stopping_patience"))
        best, least, waited = None, np.inf, 0
        for epoch in range(epochs):
            begin = time.time()
            losses, rows = self._epoch()
            found = self._best_after(epoch, losses, begin)
            log.progress(epoch + 1, epochs)
            log.throughput(rows, begin)
            tolerated = abs(least) * settings.number("early_stopping_tolerance") if np.isfinite(least) else 0.0
            waited = 0 if least - found.progress > tolerated else waited + 1
            least = min(least, found.progress)
            best = found if best is None or (found.cost, found.loss) < (best.cost, best.loss) else best
            if waited >= patience or self._job.stop.received:
                break
        if best is None:
            raise AssertionError("there is an epoch at least")
        return best

    def decision(self, best: Best) -> Decision:
        """What is made of the outputs of the model that is chosen."""
        decision = Decision(self.settings.predictor_type, self.settings.loss == "logistic", threshold=0.0)
        if not self._chooses:
            return replace(decision, threshold=0.5 if decision.is_probability else 0.0)
        outputs, _ = self._judged_outputs(best.parameters)
        scores = decision.scores(outputs[:, 0])
        return replace(decision, threshold=judge(scores, np.asarray(self._judged.labels), self.settings).threshold)

    def evaluate(self, name: str, best: Best, decision: Decision) -> None:
        """Writes the metrics of the model that is chosen, on a channel."""
        total = np.zeros(2)
        log = self._job.log
        qualities = list(self._qualities(self._scored(self._job.channels[name], best, decision, total), decision))
        for each in [Quality(self._objective, float(total[0] / total[1]), "loss"), *qualities]:
            log.quality(name, each.name, each.value, each.kind)

    def _epoch(self) -> tuple[FloatArray, int]:
        """Trains with each row once; returns the mean loss of each model, and how many rows there are."""
        total, rows = np.zeros(len(self.settings.models["wd"])), 0
        for table in self._channel.batches(self._batch_rows):
            self._check_labels(self._channel, table)
            total += self._models.train(table) * table.rows
            rows += table.rows
            if self._job.stop.received:
                break
        return np.asarray(total / rows, np.float32), rows

    def _best_after(self, epoch: int, losses: FloatArray, begin: float) -> Best:
        """Finds the best model after an epoch, and writes down how the models are."""
        log, shown, judged, costs = self._job.log, {"train": losses}, losses, losses
        if self._validates:
            outputs, judged = self._judged_outputs()
            shown["validation"], costs = judged, self._costs(outputs, judged)
        for model in range(len(losses)):
            values = {f"{name}_{self._objective}": float(each[model]) for name, each in shown.items()}
            log.metrics(values, begin, epoch=epoch, model=model)
        if not np.isfinite(costs).any():
            raise UserError(
                "The loss of every model is not a finite number; set a smaller learning_rate, or normalize_data."
            )
        best = best_of(costs, judged)
        for name, each in shown.items():
            log.quality(name, self._objective, float(each[best]), "loss", epoch)
        # By the criterion only where the job gives it; else by the loss ("early_stopping_patience" of the guide).
        progress = costs[best] if CRITERION in self._job.chosen else np.nanmin(judged)
        return Best(best, self._models.one(best), float(costs[best]), float(judged[best]), float(progress))

    def _costs(self, outputs: FloatArray, losses: FloatArray) -> FloatArray:
        """What is thought of each model by the rows that it is judged by; less is better."""
        if not self._chooses:
            return losses
        decision, labels = Decision("binary_classifier", self.settings.loss == "logistic"), self._judged.labels
        costs = [
            judge(decision.scores(each), np.asarray(labels), self.settings).cost for each in outputs.swapaxes(0, 1)
        ]
        return np.where(np.isfinite(losses), np.asarray(costs, np.float32), np.float32(np.inf))

    def _judged_outputs(self, parameters: Parameters | None = None) -> tuple[FloatArray, FloatArray]:
        """What models make of the rows that they are judged by: all of them, where none is given."""
        outputs, losses = [], []
        for begin in range(0, self._judged.rows, self._batch_rows):
            table = self._judged.rows_between(begin, begin + self._batch_rows)
            evaluation = self._models.evaluate(table, parameters)
            outputs.append(evaluation.outputs)
            losses.append(evaluation.losses * table.rows)
        return np.concatenate(outputs), np.asarray(np.sum(losses, axis=0) / self._judged.rows, np.float32)

    def _scored(self, channel: Channel, best: Best, decision: Decision, total: npt.NDArray[np.float64]) -> Scored:
        """The scores and labels of a channel; adds its loss and its rows to a total."""
        for table in channel.batches(self._batch_rows):
            self._check_labels(channel, table)
            evaluation = self._models.evaluate(table, best.parameters)
            total += [float(evaluation.losses[0]) * table.rows, table.rows]
            outputs = evaluation.outputs[:, 0] * self.scaling.label_deviation + self.scaling.label_mean
            yield decision.scores(outputs), np.asarray(table.labels)

    def _qualities(self, scored: Scored, decision: Decision) -> Iterator[Quality]:
        beta = self.settings.number("f_beta")
        match self.settings.predictor_type:
            case "binary_classifier":
                return binary_qualities(scored, decision.threshold, beta)
            case "multiclass_classifier":
                top_k = int(self.settings.number("accuracy_top_k"))
                return multiclass_qualities(scored, self.settings.outputs, top_k, beta)
            case "regressor":
                return regression_qualities(scored)

    def _calibration_rows(self) -> int:
        given = self.settings.values["num_calibration_samples"]
        fitting = _CALIBRATION_NUMBERS // (len(self.settings.models["wd"]) * self.settings.outputs)
        return max(1, min(_CALIBRATION_ROWS if given == "auto" else int(given), fitting))

    def _head(self, channel: Channel, rows: int) -> Table:
        head = channel.head(rows)
        self._check_labels(channel, head)
        return head

    def _check_labels(self, channel: Channel, table: Table) -> None:
        match self.settings.predictor_type:
            case "binary_classifier":
                check_classes(channel.name, table, 2, why="predictor_type 'binary_classifier'")
            case "multiclass_classifier":
                check_classes(channel.name, table, self.settings.outputs, why=f"num_classes '{self.settings.outputs}'")
            case "regressor":
                pass
