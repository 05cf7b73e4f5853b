"""The steps of a job that are processing jobs: they read and leave files under `/opt/ml/processing`."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.contract import ContainerPaths

from .data.analysis import analyze as analyze_channels
from .data.dataset import Dataset
from .definition import Definition
from .folders import step_input, step_output, unpacked
from .model import Model
from .models.algorithms import chosen, lacking, space_of
from .models.space import Range
from .report.explanation import explain
from .report.notebooks import write_notebooks
from .report.parts import make_parts
from .report.quality import write_quality
from .training.job import ANSWERS, LEADERBOARD, PREPARED_CHANNEL

DEFINITION: Final = "definition.json"
CANDIDATES: Final = "candidates.json"
"""The algorithms to tune, with their ranges and what to begin with: candidate definitions."""
NOTES: Final = "analysis.json"
ANALYSIS: Final = "analysis"


def analyze(paths: ContainerPaths) -> None:
    """Prepares the data of the channels, and says what is to be tried.

    Reads `input/definition/definition.json`, `input/training` and, where there is one, `input/validation`. Leaves
    `output/prepared` (the channel of training jobs), `output/analysis` (`analysis.json` and
    `candidates.json`) and `output/notebooks`.

    Raises:
        UserError: The data cannot be learnt from.
    """
    given, output = step_input(paths), step_output(paths)
    definition = Definition.read(given / "definition" / DEFINITION)
    chosen(definition.algorithms)
    validation = given / "validation"
    analysis = analyze_channels(definition, given / "training", validation if validation.is_dir() else None)
    told = lacking() if definition.algorithms is None else None
    if told is not None:
        analysis = replace(analysis, notes=(*analysis.notes, told))
    dataset = analysis.dataset
    dataset.save(output / PREPARED_CHANNEL)
    _write(
        output / ANALYSIS / NOTES,
        {
            "problem": dataset.problem,
            "objective": dataset.metric.name,
            "rows": analysis.rows,
            "columns": dataset.schema.to_json(),
            "classes": dataset.target.classes,
            "notes": analysis.notes,
        },
    )
    _write(output / ANALYSIS / CANDIDATES, _candidates(dataset))
    write_notebooks(analysis, output / "notebooks", definition.prepared, definition.leaderboard)
    for note in analysis.notes:
        print(note, flush=True)


def report(paths: ContainerPaths) -> None:
    """Tells why a model answers as it does, and how well.

    Reads `input/prepared`, `input/model` and `input/output` (of the training job, also as its archives). Leaves
    `output/explainability`, `output/model-insights` and `output/leaderboard`. Where one of the first two cannot be
    made, the others are, and the job's exit message says why.

    Raises:
        UserError: They are not what the steps before have left.
    """
    given, output = step_input(paths), step_output(paths)
    dataset = Dataset.load(given / PREPARED_CHANNEL)
    model = Model.load(unpacked(given / "model"))
    left = unpacked(given / "output")
    with np.load(left / ANSWERS) as arrays:
        answers = arrays["answers"]
    (output / "leaderboard").mkdir(parents=True, exist_ok=True)
    shutil.copy(left / LEADERBOARD, output / "leaderboard")
    make_parts(
        paths,
        {
            "model quality": lambda: write_quality(dataset, answers, output / "model-insights"),
            "explanations": lambda: explain(dataset, model, output / "explainability"),
        },
    )


def _candidates(dataset: Dataset) -> list[dict[str, Any]]:
    found = []
    rows = len(dataset.training)
    for name, algorithm in chosen(dataset.algorithms).items():
        space, defaults = space_of(algorithm, dataset.problem), algorithm.beginning(rows)
        ranges = {
            key: {"low": one.low, "high": one.high, "log": one.log} if isinstance(one, Range) else list(one.values)
            for key, one in space.items()
        }
        found.append({"algorithm": name, "ranges": ranges, "defaults": {key: defaults[key] for key in space}})
    return found


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
