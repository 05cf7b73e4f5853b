# ruff: noqa: ARG002 - the library fixes which arguments a callback takes
"""What happens after each round of boosting: a line in the log, a checkpoint, and a look whether to stop."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from sagecraft_containers.training.run import StopRequest
from sagecraft_containers.xgboost.library import xgboost

_CHECKPOINT_NAME: Final = "xgboost-checkpoint"
_UNFINISHED_SUFFIX: Final = ".sagemaker-ignore"
CHECKPOINTS_KEPT: Final = 5
_CHECKPOINT_PATTERN: Final = re.compile(rf"{_CHECKPOINT_NAME}\.(\d+)")

Scores = dict[str, dict[str, Any]]


class RoundLog(xgboost.callback.TrainingCallback):
    """Writes `[round]<tab>train-rmse:0.1<tab>validation-rmse:0.2`, the line that AWS's metric expressions match."""

    def __init__(self, first_round: int) -> None:
        super().__init__()
        self._first_round = first_round

    def after_iteration(self, model: Any, epoch: int, evals_log: Scores) -> bool:
        """Writes the line; never asks to stop."""
        scores = "".join(
            f"\t{channel}-{metric}:{history[-1]:.5f}"
            for channel, metrics in evals_log.items()
            for metric, history in metrics.items()
        )
        print(f"[{self._first_round + epoch}]{scores}", flush=True)
        return False


class CheckpointWriter(xgboost.callback.TrainingCallback):
    """Saves the model after every round, and keeps the last few, under the names of AWS's container."""

    def __init__(self, directory: Path, first_round: int, kept: int = CHECKPOINTS_KEPT) -> None:
        super().__init__()
        directory.mkdir(parents=True, exist_ok=True)
        self._directory, self._first_round, self._kept = directory, first_round, kept

    def after_iteration(self, model: Any, epoch: int, evals_log: Scores) -> bool:
        """Saves; never asks to stop."""
        number = self._first_round + epoch
        # Written aside and renamed, so that the upload to S3 never sees half a model.
        unfinished = self._directory / f"{_CHECKPOINT_NAME}{_UNFINISHED_SUFFIX}"
        unfinished.write_bytes(model.save_raw("ubj"))
        unfinished.replace(self._directory / f"{_CHECKPOINT_NAME}.{number}")
        (self._directory / f"{_CHECKPOINT_NAME}.{number - self._kept}").unlink(missing_ok=True)
        return False


class StopWhenAsked(xgboost.callback.TrainingCallback):
    """Ends boosting after the round in which SIGTERM came, to any of the job's hosts.

    Args:
        stop: Tells of the signal on this host.
        on_any_host: Tells whether it is so on any of several hosts, which must end after the same round.
    """

    def __init__(self, stop: StopRequest, on_any_host: Callable[[bool], bool] | None) -> None:
        super().__init__()
        self._stop = stop
        self._on_any_host = on_any_host

    def after_iteration(self, model: Any, epoch: int, evals_log: Scores) -> bool:
        """Asks to stop once the signal has come."""
        if self._on_any_host is None:
            return self._stop.received
        # All hosts go by this one answer: the signal may come between it and another look.
        if stop := self._on_any_host(self._stop.received):
            self._stop.received = True
        return stop


def load_newest_checkpoint(directory: Path) -> tuple[Any, int]:
    """The newest checkpoint that can be read.

    Returns:
        The model and the number of rounds that it has behind it; None and 0 where there is no checkpoint.
    """
    numbered = _checkpoints(directory)
    for number in sorted(numbered, reverse=True):
        model = xgboost.Booster()
        try:
            model.load_model(bytearray(numbered[number].read_bytes()))
        except (xgboost.core.XGBoostError, ValueError):
            print(f"Checkpoint {numbered[number].name} cannot be read; trying the one before.", flush=True)
            continue
        print(f"Resuming from checkpoint {numbered[number].name}.", flush=True)
        return model, number + 1
    return None, 0


def newest_checkpoint(directory: Path) -> tuple[Path, int] | None:
    """The file of the newest checkpoint, readable or not, and its number; None where there is none."""
    numbered = _checkpoints(directory)
    return (numbered[max(numbered)], max(numbered)) if numbered else None


def _checkpoints(directory: Path) -> dict[int, Path]:
    """The files of a directory that are checkpoints, by their number."""
    files = directory.iterdir() if directory.is_dir() else ()
    return {int(match[1]): file for file in files if (match := _CHECKPOINT_PATTERN.fullmatch(file.name))}
