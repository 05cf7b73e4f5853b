"""Searches for good candidates: Optuna chooses what is tried next, and each is fitted in a process of its own.

A process can be ended at any time; so a limit is kept whatever a library does, and a stop keeps the best so far.
"""

import time
import warnings
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import joblib
import optuna
from joblib.externals.loky.process_executor import ProcessPoolExecutor, TerminatedWorkerError

from sagecraft_containers.automl.data.analysis import MANY_CLASSES
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.models.algorithms import Algorithm, chosen, space_of
from sagecraft_containers.automl.models.candidate import ALGORITHM, Candidate
from sagecraft_containers.automl.models.estimators import threads
from sagecraft_containers.errors import UserError

from .evaluation import Evaluation, evaluate, worth
from .processes import pool_of

_LOOKS_SECONDS: Final = 0.5
"""How long a stop may go unnoticed."""
_RANDOM_TRIALS: Final = 8
_LOST_WORKERS: Final = 3
"""So often may the processes end by themselves, which is for want of memory mostly."""


@dataclass(frozen=True)
class Limits:
    """When a search ends.

    Attributes:
        candidates: How many are tried.
        seconds: How long it takes in all.
        candidate_seconds: How long one candidate may take; None for the whole time.
    """

    candidates: int
    seconds: float
    candidate_seconds: float | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a candidate.

    Attributes:
        number: From 1, in the order of their beginning.
        candidate: Which.
        evaluation: How good it is, or None where it failed.
        failure: Why it failed, or None.
    """

    number: int
    candidate: Candidate
    evaluation: Evaluation | None = None
    failure: str | None = None


@dataclass
class _Trial:
    number: int
    asked: Any
    candidate: Candidate
    begun: float = field(default_factory=time.monotonic)


class Search:
    """One search.

    Args:
        dataset: What to learn from.
        prepared: Where it is saved.
        scratch: Where fitted models are put.
        limits: When to end.
        stopped: Whether to end now.
        tell: Told of each candidate that is done.
    """

    def __init__(
        self,
        dataset: Dataset,
        prepared: Path,
        scratch: Path,
        limits: Limits,
        stopped: Callable[[], bool] = lambda: False,
        tell: Callable[[Outcome], None] = lambda _outcome: None,
    ) -> None:
        self._dataset, self._prepared, self._scratch = dataset, prepared, scratch
        self._limits, self._stopped, self._tell = limits, stopped, tell
        self._algorithms = chosen(dataset.algorithms)
        self._study = _study(dataset, list(self._algorithms.values()))
        self._running: dict[Future[Evaluation], _Trial] = {}
        self._asked = 0
        self._lost = 0
        self._outcomes: list[Outcome] = []

    def run(self) -> list[Outcome]:
        """All candidates that were done in time.

        Raises:
            UserError: None was, or all have failed; the message has each reason.
        """
        deadline = time.monotonic() + self._limits.seconds
        workers = min(threads(), self._limits.candidates)
        executor = pool_of(workers)
        try:
            while not self._stopped() and (left := deadline - time.monotonic()) > 0:
                while len(self._running) < workers and self._asked < self._limits.candidates:
                    self._submit(executor, self._ask())
                if not self._running:
                    break
                done, _ = wait(self._running, min(left, _LOOKS_SECONDS), FIRST_COMPLETED)
                broken = [self._take(future) for future in done]
                late = self._late()
                if any(broken) or late:
                    executor.shutdown(kill_workers=True)
                    executor = pool_of(workers)
                    self._restart(executor, late)
                if self._lost >= _LOST_WORKERS:
                    break
        finally:
            executor.shutdown(kill_workers=True)
        return self._checked()

    def _ask(self) -> _Trial:
        self._asked += 1
        asked = self._study.ask()
        algorithm = self._algorithms[asked.suggest_categorical(ALGORITHM, list(self._algorithms))]
        space = space_of(algorithm, self._dataset.problem)
        values = {name: one.suggested(asked, f"{algorithm.name}.{name}") for name, one in space.items()}
        return _Trial(self._asked, asked, Candidate(algorithm.name, values))

    def _submit(self, executor: ProcessPoolExecutor, trial: _Trial) -> None:
        trial.begun = time.monotonic()
        file = self._scratch / f"candidate-{trial.number}.joblib"
        self._running[executor.submit(_evaluate, self._prepared, trial.candidate, file)] = trial

    def _take(self, future: "Future[Evaluation]") -> bool:
        """Notes what became of a candidate; returns whether its process was lost with it."""
        trial = self._running.pop(future)
        error = future.exception()
        if error is None:
            evaluation = future.result()
            self._study.tell(trial.asked, worth(self._dataset, evaluation.validation))
            self._done(Outcome(trial.number, trial.candidate, evaluation))
            return False
        lost = isinstance(error, TerminatedWorkerError)
        self._lost += lost
        told = "its process ended, as one does that has no memory left" if lost else _told(error)
        self._failed(trial, told)
        return lost

    def _late(self) -> list[_Trial]:
        """Those that took longer than a candidate may."""
        limit = self._limits.candidate_seconds
        if limit is None:
            return []
        late = [future for future, trial in self._running.items() if time.monotonic() - trial.begun > limit]
        return [self._running.pop(future) for future in late]

    def _restart(self, executor: ProcessPoolExecutor, late: list[_Trial]) -> None:
        for trial in late:
            self._failed(trial, f"it took longer than the {self._limits.candidate_seconds} seconds that one may")
        others, self._running = list(self._running.values()), {}
        for trial in others:
            self._submit(executor, trial)

    def _failed(self, trial: _Trial, reason: str) -> None:
        self._study.tell(trial.asked, state=optuna.trial.TrialState.FAIL)
        self._done(Outcome(trial.number, trial.candidate, failure=reason))

    def _done(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._tell(outcome)

    def _checked(self) -> list[Outcome]:
        if any(outcome.evaluation is not None for outcome in self._outcomes):
            return self._outcomes
        if not self._outcomes:
            raise UserError(
                f"No candidate was done within the {self._limits.seconds:g} seconds that the job may take; give it "
                "more time, or fewer rows."
            )
        reasons = dict.fromkeys(f"{outcome.candidate.algorithm}: {outcome.failure}" for outcome in self._outcomes)
        raise UserError(f"All {len(self._outcomes)} candidates failed. {'; '.join(reasons)}")


def _study(dataset: Dataset, algorithms: list[Algorithm]) -> optuna.Study:
    """A study that tries each algorithm's defaults first; of many classes those that are slow by their number last."""
    if len(dataset.target.classes) > MANY_CLASSES:
        algorithms = sorted(algorithms, key=lambda each: each.by_class)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    with warnings.catch_warnings():
        # Joint sampling of each algorithm's own hyperparameters counts as experimental.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(
            multivariate=True, group=True, constant_liar=True, n_startup_trials=_RANDOM_TRIALS, seed=dataset.seed
        )
    study = optuna.create_study(sampler=sampler, direction="maximize")
    for algorithm in algorithms:
        candidate = Candidate.default(algorithm, dataset.problem, len(dataset.training))
        named = {f"{algorithm.name}.{name}": value for name, value in candidate.hyperparameters.items()}
        study.enqueue_trial({ALGORITHM: algorithm.name, **named})
    return study


def _evaluate(prepared: Path, candidate: Candidate, file: Path) -> Evaluation:
    """In a process of its own: the model stays in a file."""
    evaluation = evaluate(_loaded(prepared), candidate)
    joblib.dump(evaluation.model, file)
    return replace(evaluation, model=file)


@cache
def _loaded(prepared: Path) -> Dataset:
    return Dataset.load(prepared)


def _told(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
