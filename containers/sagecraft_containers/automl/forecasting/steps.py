"""The steps of a job that are processing jobs: they read and leave files under `/opt/ml/processing`."""

import json
import shutil

import numpy as np

from sagecraft_containers.automl.folders import step_input, step_output, unpacked
from sagecraft_containers.automl.report.parts import make_parts
from sagecraft_containers.contract import ContainerPaths

from .data.analysis import analyze as analyze_channel
from .data.panel import Panel
from .definition import PROBLEM, ForecastDefinition
from .model import Forecaster
from .models.algorithms import check_algorithms
from .report.backtest import write_backtest
from .report.explanation import write_explanation
from .report.quality import write_quality
from .training.job import ANSWERS, LEADERBOARD, PREPARED_CHANNEL


def analyze(paths: ContainerPaths) -> None:
    """Prepares the series of the channel.

    Reads `input/definition/definition.json` and `input/training`; leaves `output/prepared` (the channel of the training
    job) and `output/analysis`.
    """
    given, output = step_input(paths), step_output(paths)
    definition = ForecastDefinition.read(given / "definition" / "definition.json")
    check_algorithms(definition.algorithms or ())
    analysis = analyze_channel(definition, given / "training")
    panel = analysis.panel
    panel.save(output / PREPARED_CHANNEL)
    told = {
        "problem": PROBLEM,
        "objective": definition.objective,
        "rows": analysis.rows,
        "series": len(panel),
        "steps": panel.steps,
        "columns": [column.name for column in panel.columns],
        "notes": analysis.notes,
    }
    (output / "analysis").mkdir(parents=True, exist_ok=True)
    (output / "analysis" / "analysis.json").write_text(json.dumps(told, indent=1), encoding="utf-8")
    for note in analysis.notes:
        print(note, flush=True)


def report(paths: ContainerPaths) -> None:
    """Tells how good the forecasts of the past were, and what they are made of.

    Reads `input/prepared`, `input/model` and `input/output` (of the training job, also as its archives). Leaves
    `output/backtest`, `output/model-insights`, `output/explainability` and `output/leaderboard`. Where one of the first
    three cannot be made, the others are, and the job's exit message says why.
    """
    given, output = step_input(paths), step_output(paths)
    panel = Panel.load(given / PREPARED_CHANNEL)
    model = Forecaster.load(unpacked(given / "model"))
    left = unpacked(given / "output")
    with np.load(left / ANSWERS) as arrays:
        forecasts = arrays["forecasts"]
    (output / "leaderboard").mkdir(parents=True, exist_ok=True)
    shutil.copy(left / LEADERBOARD, output / "leaderboard")
    board = json.loads((left / LEADERBOARD).read_text(encoding="utf-8"))["candidates"]
    make_parts(
        paths,
        {
            "backtests": lambda: write_backtest(panel, forecasts, output / "backtest"),
            "model quality": lambda: write_quality(panel, model, forecasts, board, output / "model-insights"),
            "explanations": lambda: write_explanation(panel, model, output / "explainability"),
        },
    )
