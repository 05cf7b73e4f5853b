"""Checkpoints for scripts, as AWS's container offers them: `train`, `load_checkpoint`, `save_checkpoint`."""

from pathlib import Path
from typing import Any

import xgboost
from sagecraft_containers.xgboost.training.callbacks import CheckpointWriter, RoundLog, newest_checkpoint

_DEFAULT_ROUNDS = 10


def train(train_args: dict[str, Any], checkpoint_dir: str) -> xgboost.Booster:
    """Calls `xgboost.train` from the newest checkpoint on, and saves one after each round.

    Args:
        train_args: The arguments of `xgboost.train` by name; `num_boost_round` counts the rounds behind the checkpoint.
        checkpoint_dir: Where checkpoints are.
    """
    model, first_round = load_checkpoint(checkpoint_dir)
    callbacks = [
        *train_args.get("callbacks", []),
        RoundLog(first_round),
        save_checkpoint(checkpoint_dir, start_iteration=first_round),
    ]
    rounds = train_args.get("num_boost_round", _DEFAULT_ROUNDS) - first_round
    resumed = {"num_boost_round": rounds, "verbose_eval": False, "xgb_model": model, "callbacks": callbacks}
    return xgboost.train(**{**train_args, **resumed})


def load_checkpoint(checkpoint_dir: str | None, max_try: int = 5) -> tuple[str | None, int]:  # noqa: ARG001 - AWS's
    """The file of the newest checkpoint, and the rounds behind it; None and 0 where there is none."""
    found = newest_checkpoint(Path(checkpoint_dir)) if checkpoint_dir else None
    return (None, 0) if found is None else (str(found[0]), found[1] + 1)


def save_checkpoint(
    checkpoint_dir: str,
    start_iteration: int = 0,
    max_to_keep: int = 5,
    num_round: int | None = None,  # noqa: ARG001 - AWS's container does not look at it either
    rank: int = 0,  # noqa: ARG001
    iteration: int = 0,  # noqa: ARG001
    end_iteration: int | None = None,  # noqa: ARG001
) -> CheckpointWriter:
    """A callback that saves a checkpoint after each round.

    Args:
        checkpoint_dir: Where checkpoints go.
        start_iteration: How many rounds came before.
        max_to_keep: How many of them stay.
        num_round: Not looked at, as the three that follow.
        rank: Of the host.
        iteration: The first round.
        end_iteration: The last round.
    """
    return CheckpointWriter(Path(checkpoint_dir), start_iteration, max_to_keep)
