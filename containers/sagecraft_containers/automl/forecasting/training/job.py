"""`train` of a job that forecasts: it compares all algorithms and combines them."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.model import Forecaster
from sagecraft_containers.automl.forecasting.models.algorithms import ALGORITHMS
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.training.run import StopRequest

from .candidates import Limits, Outcome, try_all
from .ensemble import Ensemble, combine

PREPARED_CHANNEL: Final = "prepared"
LEADERBOARD: Final = "leaderboard.json"
ANSWERS: Final = "validation.npz"
"""What was forecast of the windows of the past; for reports."""
LATENCY: Final = "InferenceLatency"
_SECONDS: Final = "max_runtime_seconds"
_CANDIDATE_SECONDS: Final = "max_candidate_runtime_seconds"
_MOST_SECONDS: Final = 3600.0


def train(hyperparameters: Mapping[str, str], paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains as the job's hyperparameters say.

    Raises:
        UserError: The channel is not what an analysis has prepared, or no candidate was done.
    """
    prepared = paths.channel_directory(PREPARED_CHANNEL)
    panel = Panel.load(prepared)
    stop.deferred = True
    one = hyperparameters.get(_CANDIDATE_SECONDS)
    limits = Limits(float(hyperparameters.get(_SECONDS, _MOST_SECONDS)), None if one is None else float(one))
    names = panel.definition.algorithms or ALGORITHMS
    with tempfile.TemporaryDirectory(prefix="automl-") as scratch:
        outcomes = try_all(prepared, names, Path(scratch), limits, lambda: stop.received, _print)
        ensemble = combine(panel, [outcome.backtest for outcome in outcomes if outcome.backtest is not None])
        members = [joblib.load(member.fitted) for member in ensemble.members]
    if stop.received:
        print("Told to stop: the best of the candidates that are done is kept.", flush=True)
    for name, value in ensemble.measured.items():
        print(f"validation:{name}={value};", flush=True)
    print(f"{LATENCY}={ensemble.latency_seconds};", flush=True)
    algorithms = tuple(member.algorithm for member in ensemble.members)
    model = Forecaster(panel.definition, panel.first, panel.columns, algorithms, tuple(members), ensemble.weights)
    model.save(paths.model_directory)
    paths.output_data_directory.mkdir(parents=True, exist_ok=True)
    board = json.dumps({"objective": panel.definition.objective, "candidates": _board(panel, outcomes, ensemble)})
    (paths.output_data_directory / LEADERBOARD).write_text(board, encoding="utf-8")
    np.savez_compressed(paths.output_data_directory / ANSWERS, forecasts=ensemble.forecasts)


def _board(panel: Panel, outcomes: list[Outcome], ensemble: Ensemble) -> list[dict[str, Any]]:
    """The ensemble, the candidates with the best first, and those that failed."""
    weights = {member.algorithm: weight for member, weight in zip(ensemble.members, ensemble.weights, strict=True)}
    objective = panel.definition.objective
    whole = {"name": "ensemble", "validation": ensemble.measured, LATENCY: ensemble.latency_seconds}
    done = [outcome.backtest for outcome in outcomes if outcome.backtest is not None]
    rows = [
        {
            "name": each.candidate,
            "algorithm": each.algorithm,
            "validation": each.measured,
            LATENCY: each.latency_seconds,
            "seconds": each.seconds,
            "weight": weights.get(each.algorithm, 0.0),
        }
        for each in sorted(done, key=lambda each: each.measured[objective])
    ]
    failed = [
        {"name": f"ts{each.algorithm}", "algorithm": each.algorithm, "failure": each.failure}
        for each in outcomes
        if each.backtest is None
    ]
    return [whole, *rows, *failed]


def _print(outcome: Outcome) -> None:
    done = outcome.backtest
    if done is None:
        print(f"{outcome.algorithm}: {outcome.failure}", flush=True)
        return
    told = "; ".join(f"validation:{name}={value:.6f}" for name, value in done.measured.items())
    print(f"{outcome.algorithm}: {told}; {LATENCY}={done.latency_seconds:.6f}; {done.seconds:.1f} s", flush=True)
