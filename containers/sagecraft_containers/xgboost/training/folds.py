"""Cross-validation: `_kfold` folds, `_num_cv_round` times over, with a model of each fold.

Source: `train_job` of `algorithm_mode/train.py`, and `prediction_utils.py`, of `aws/sagemaker-xgboost-container`. Its
rounds are scored on the whole channels, not on what a fold leaves out; what a fold leaves out is in `predictions.csv`.
All images that have it do the same; the one difference is how they write models.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL
from sagecraft_containers.data.table import Table, concatenated
from sagecraft_containers.errors import UserError

from .callbacks import newest_checkpoint

PREDICTIONS_FILE: Final = "predictions.csv"
_HALF: Final = 0.5

Scores = dict[str, dict[str, list[float]]]
TrainFold = Callable[[Any, int], tuple[Any, Scores]]
"""Trains on the rows of a fold, given its number; returns the model, and its scores by channel and metric."""


def all_rows(tables: Mapping[str, Table]) -> Table:
    """The rows that are folded: those of both channels."""
    train, validation = tables[TRAIN_CHANNEL], tables.get(VALIDATION_CHANNEL)
    return train if validation is None else concatenated([train, validation])


def fold_checkpoints(directory: Path | None, fold: int) -> Path | None:
    """Where the checkpoints of a fold go.

    Raises:
        UserError: There is one of an earlier job. AWS's container looks for it under a name that it does not write.
    """
    if directory is None:
        return None
    own = directory / f"model-{fold}"
    found = newest_checkpoint(own)
    if found is not None:
        raise UserError(
            f"Cross-validation does not go on from checkpoints, and {own.name}/{found[0].name} is there; AWS's "
            "container fails in that case. Give CheckpointConfig another S3Uri."
        )
    return own


def cross_validate(
    rows: Any, train: TrainFold, *, folds: int, repeats: int, classifies: bool, num_round: int, output: Path
) -> list[Any]:
    """Trains a model of each fold, and tells the means of their scores after each time over all folds.

    Args:
        rows: A `DMatrix` of all rows, with labels.
        train: Trains a model.
        folds: How many parts the rows are cut into.
        repeats: How many times they are cut.
        classifies: Whether labels are classes, of which each part gets its share.
        num_round: What the line of the means begins with.
        output: Where the predictions of what each fold left out go.
    """
    predictions = _Predictions(rows.get_label(), repeats, classifies=classifies)
    models: list[Any] = []
    scores: list[Scores] = []
    for kept, left_out in _cuts(rows, folds, repeats, classifies=classifies):
        print(f"Train cross validation fold {len(models) % folds + 1}", flush=True)
        model, scored = train(rows.slice(kept), len(models))
        models.append(model)
        scores.append(scored)
        predictions.add(left_out, model.predict(rows.slice(left_out)))
        if len(models) % folds == 0:
            print(f"The metrics of round {len(models) // folds} cross validation", flush=True)
            _print_means(num_round, scores[-folds:])
    if repeats > 1:
        print(f"The overall metrics of {repeats}-round cross validation", flush=True)
        _print_means(num_round, scores)
    predictions.save(output)
    return models


def _cuts(rows: Any, folds: int, repeats: int, *, classifies: bool) -> Iterator[tuple[Any, Any]]:
    from sklearn.model_selection import RepeatedKFold, RepeatedStratifiedKFold  # noqa: PLC0415 - slow to import

    cut = (RepeatedStratifiedKFold if classifies else RepeatedKFold)(n_splits=folds, n_repeats=repeats)
    try:
        cuts = list(cut.split(np.zeros(rows.num_row()), rows.get_label() if classifies else None))
    except ValueError as error:  # too few rows, or of a class
        raise UserError(f"_kfold: {error}") from error
    yield from cuts


def _print_means(num_round: int, scores: list[Scores]) -> None:
    means = "".join(
        f"\t{channel}-{metric}:{np.mean([each[channel][metric][-1] for each in scores]):.5f}"
        for metric in scores[0][TRAIN_CHANNEL]
        for channel in scores[0]
    )
    print(f"[{num_round}]{means}", flush=True)


class _Predictions:
    """What the models predict of the rows that they have not seen, of each row once a repeat."""

    def __init__(self, labels: npt.NDArray[Any], repeats: int, *, classifies: bool) -> None:
        self._labels, self._classifies = labels, classifies
        self._predicted = np.zeros((len(labels), repeats))
        self._probable = np.zeros((len(labels), repeats))
        self._seen = np.zeros(len(labels), int)

    def add(self, rows: Any, predicted: npt.NDArray[Any]) -> None:
        """Takes what a model predicts of rows."""
        repeat = self._seen[rows]
        if not self._classifies:
            classes = probabilities = predicted
        elif predicted.ndim > 1:
            classes, probabilities = predicted.argmax(axis=-1), predicted.max(axis=-1)
        else:
            classes, probabilities = predicted > _HALF, predicted
        self._predicted[rows, repeat] = classes
        self._probable[rows, repeat] = probabilities
        self._seen[rows] += 1

    def save(self, directory: Path) -> None:
        """Writes a line a row: its label and its mean prediction; of a class its mean probability, and the class."""
        columns = [self._labels, self._probable.mean(axis=-1)]
        if self._classifies:
            from scipy import stats  # noqa: PLC0415 - slow to import

            columns.append(stats.mode(self._predicted, axis=1).mode)
        directory.mkdir(parents=True, exist_ok=True)
        np.savetxt(directory / PREDICTIONS_FILE, np.column_stack(columns), delimiter=",", fmt="%f")
