"""`train`: one candidate of given hyperparameters, or a search that ends in an ensemble."""

import json
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.models.candidate import Candidate
from sagecraft_containers.automl.problem import Array
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.configuration import read_hyperparameters
from sagecraft_containers.training.run import StopRequest

from .ensemble import combine
from .evaluation import LATENCY, Evaluation, evaluate, latency_of
from .search import Limits, Outcome, Search

PREPARED_CHANNEL: Final = "prepared"
LEADERBOARD: Final = "leaderboard.json"
ANSWERS: Final = "validation.npz"
"""What the model answered to the rows that it was validated by; for reports."""
MODE: Final = "mode"
ENSEMBLING: Final = "ensembling"
CANDIDATE: Final = "candidate"
_CANDIDATES: Final = "max_candidates"
_SECONDS: Final = "max_runtime_seconds"
_CANDIDATE_SECONDS: Final = "max_candidate_runtime_seconds"
_MOST_CANDIDATES: Final = 100
_SEARCHED_SHARE: Final = 0.9
"""Of the time; in the rest candidates are combined, which of many rows takes some seconds."""
_MOST_SECONDS: Final = 3600.0


def train(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains as the job's hyperparameters say.

    Raises:
        UserError: They are wrong, the channel is not what an analysis has prepared, or no candidate could be fitted.
    """
    given = {name: value for name, value in read_hyperparameters(paths).items() if not name.startswith("_")}
    mode = given.pop(MODE, ENSEMBLING)
    prepared = paths.channel_directory(PREPARED_CHANNEL)
    dataset = Dataset.load(prepared)
    match mode:
        case "ensembling":
            limits = _limits(given)
            stop.deferred = True
            _ensemble(dataset, prepared, paths, limits, stop)
        case "candidate":
            _candidate(dataset, Candidate.parse(given, dataset.problem), paths)
        case _:
            raise UserError(f"The hyperparameter '{MODE}' must be {ENSEMBLING} or {CANDIDATE}, got '{mode}'.")


def _candidate(dataset: Dataset, candidate: Candidate, paths: ContainerPaths) -> None:
    print(candidate.told(), flush=True)
    try:
        evaluation = evaluate(dataset, candidate, lambda line: print(line, flush=True))
    except (ValueError, ArithmeticError) as error:
        raise UserError(f"The candidate could not be fitted: {type(error).__name__}: {error}") from error
    _tell("train", evaluation.train)
    _tell("validation", evaluation.validation)
    print(f"{LATENCY}={evaluation.latency_seconds};", flush=True)
    board = [_told(Outcome(1, candidate, evaluation))]
    model = Model(dataset.schema, dataset.target, evaluation.model, of_search=True)
    _write(dataset, model, evaluation.answers, board, paths)


def _ensemble(dataset: Dataset, prepared: Path, paths: ContainerPaths, limits: Limits, stop: StopRequest) -> None:
    deadline = time.monotonic() + limits.seconds
    with tempfile.TemporaryDirectory(prefix="automl-") as scratch:
        searching = replace(limits, seconds=limits.seconds * _SEARCHED_SHARE)
        search = Search(dataset, prepared, Path(scratch), searching, lambda: stop.received, _print)
        outcomes = search.run()
        done = [outcome.evaluation for outcome in outcomes if outcome.evaluation is not None]
        ensemble = combine(dataset, done, deadline)
        model = Model(dataset.schema, dataset.target, ensemble.estimator())
        latency = latency_of(dataset, model.estimator)
    if stop.received:
        print("Told to stop: the best of the candidates that are done is kept.", flush=True)
    weights = {id(member): weight for member, weight in zip(ensemble.members, ensemble.weights, strict=True)}
    board = [_told(outcome, weights.get(id(outcome.evaluation), 0)) for outcome in outcomes]
    _tell("validation", ensemble.validation)
    print(f"{LATENCY}={latency};", flush=True)
    whole = {
        "name": "ensemble",
        "validation": ensemble.validation,
        LATENCY: latency,
        "members": len(ensemble.members),
    }
    _write(dataset, model, ensemble.answers, [whole, *sorted(board, key=lambda row: _rank(dataset, row))], paths)


def _rank(dataset: Dataset, row: Mapping[str, Any]) -> float:
    """The best first, what failed last."""
    measured = row.get("validation")
    return np.inf if measured is None else -dataset.metric.better(measured[dataset.metric.name])


def _write(dataset: Dataset, model: Model, answers: Array, board: list[dict[str, Any]], paths: ContainerPaths) -> None:
    model.save(paths.model_directory)
    paths.output_data_directory.mkdir(parents=True, exist_ok=True)
    told = {"objective": dataset.metric.name, "problem": dataset.problem, "candidates": board}
    text = json.dumps(told, indent=1)
    (paths.output_data_directory / LEADERBOARD).write_text(text, encoding="utf-8")
    rows = dataset.validated()
    np.savez(paths.output_data_directory / ANSWERS, answers=answers, target=rows.target)


def _told(outcome: Outcome, weight: int = 1) -> dict[str, Any]:
    """A row of the leaderboard."""
    row: dict[str, Any] = {
        "name": f"candidate-{outcome.number}",
        "algorithm": outcome.candidate.algorithm,
        "hyperparameters": dict(outcome.candidate.hyperparameters),
    }
    evaluation = outcome.evaluation
    if evaluation is None:
        return {**row, "failure": outcome.failure}
    return {
        **row,
        "validation": evaluation.validation,
        "train": evaluation.train,
        LATENCY: evaluation.latency_seconds,
        "seconds": evaluation.seconds,
        "weight": weight,
    }


def _print(outcome: Outcome) -> None:
    result = outcome.failure if outcome.evaluation is None else _scores(outcome.evaluation)
    print(f"candidate {outcome.number}: {outcome.candidate.told()}: {result}", flush=True)


def _scores(evaluation: Evaluation) -> str:
    told = "; ".join(f"validation:{name}={value:.6f}" for name, value in evaluation.validation.items())
    return f"{told}; {LATENCY}={evaluation.latency_seconds:.6f}; {evaluation.seconds:.1f} s"


def _tell(which: str, measured: Mapping[str, float]) -> None:
    for name, value in measured.items():
        print(f"{which}:{name}={value};", flush=True)


def _limits(given: dict[str, str]) -> Limits:
    unknown = sorted(set(given) - {_CANDIDATES, _SECONDS, _CANDIDATE_SECONDS})
    if unknown:
        raise UserError(
            f"There is no hyperparameter '{unknown[0]}'; there are {MODE}, {_CANDIDATES}, {_SECONDS} and "
            f"{_CANDIDATE_SECONDS}."
        )
    one = given.get(_CANDIDATE_SECONDS)
    return Limits(
        int(_number(_CANDIDATES, given.get(_CANDIDATES, str(_MOST_CANDIDATES)))),
        _number(_SECONDS, given.get(_SECONDS, str(_MOST_SECONDS))),
        None if one is None else _number(_CANDIDATE_SECONDS, one),
    )


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value < np.inf:
        raise UserError(f"The hyperparameter '{name}' must be a number of at least 1, got '{text}'.")
    return value
