"""Tries all algorithms, each in a process of its own, until the time is over."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from joblib.externals.loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.models.estimators import threads
from sagecraft_containers.automl.training.processes import pool_of
from sagecraft_containers.errors import UserError

from .backtest import Backtest, backtest

_LOOKS_SECONDS: Final = 0.5
"""How long a stop may go unnoticed."""


@dataclass(frozen=True)
class Limits:
    """When to end.

    Attributes:
        seconds: How long all of it takes.
        candidate_seconds: How long one candidate may take; None for the whole time.
    """

    seconds: float
    candidate_seconds: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an algorithm.

    Attributes:
        algorithm: Its name.
        backtest: How good it is, or None where it failed.
        failure: Why it failed, or None.
    """

    algorithm: str
    backtest: Backtest | None = None
    failure: str | None = None


@dataclass
class _Run:
    """An algorithm that is being tried, in a pool of its own, so that none is lost with another."""

    name: str
    pool: ProcessPoolExecutor
    begun: float = field(default_factory=time.monotonic)

    def is_late(self, limits: Limits) -> bool:
        return limits.candidate_seconds is not None and time.monotonic() - self.begun > limits.candidate_seconds

    def outcome(self, future: "Future[Backtest]", limits: Limits) -> Outcome:
        if not future.done():
            return Outcome(
                self.name, failure=f"it took longer than the {limits.candidate_seconds} seconds that one may"
            )
        error = future.exception()
        return Outcome(self.name, future.result()) if error is None else Outcome(self.name, failure=_told(error))


def try_all(
    prepared: Path,
    names: Sequence[str],
    scratch: Path,
    limits: Limits,
    stopped: Callable[[], bool],
    tell: Callable[[Outcome], None],
) -> list[Outcome]:
    """What became of each algorithm.

    Args:
        prepared: Where the series are saved.
        names: Which algorithms.
        scratch: Where what they have learnt is put.
        limits: When to end.
        stopped: Whether to end now.
        tell: Told of each that is done.

    Raises:
        UserError: None was done in time, or all have failed; the message has each reason.
    """
    deadline = time.monotonic() + limits.seconds
    workers, waiting = min(threads(), len(names)), list(names)
    running: dict[Future[Backtest], _Run] = {}
    outcomes: list[Outcome] = []
    try:
        while not stopped() and (left := deadline - time.monotonic()) > 0:
            while waiting and len(running) < workers:
                run = _Run(waiting.pop(0), pool_of(1))
                running[run.pool.submit(_backtest, prepared, run.name, scratch / f"{run.name}.joblib")] = run
            if not running:
                break
            wait(running, min(left, _LOOKS_SECONDS), FIRST_COMPLETED)
            for future in [future for future, run in running.items() if future.done() or run.is_late(limits)]:
                run = running.pop(future)
                outcomes.append(run.outcome(future, limits))
                run.pool.shutdown(kill_workers=True)
                tell(outcomes[-1])
    finally:
        for run in running.values():
            run.pool.shutdown(kill_workers=True)
    if not any(outcome.backtest for outcome in outcomes):
        raise UserError(_all_failed(outcomes, limits))
    return outcomes


def _all_failed(outcomes: Sequence[Outcome], limits: Limits) -> str:
    if not outcomes:
        return (
            f"No candidate was done within the {limits.seconds:g} seconds that the job may take; give it more time, or "
            "fewer series."
        )
    reasons = "; ".join(f"{outcome.algorithm}: {outcome.failure}" for outcome in outcomes)
    return f"All {len(outcomes)} candidates failed. {reasons}"


def _backtest(prepared: Path, name: str, file: Path) -> Backtest:
    """In a process of its own: what was learnt stays in a file."""
    return backtest(_loaded(prepared), name, file)


@cache
def _loaded(prepared: Path) -> Panel:
    return Panel.load(prepared)


def _told(error: BaseException) -> str:
    if isinstance(error, TerminatedWorkerError):
        return "its process ended, as one does that has no memory left"
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
