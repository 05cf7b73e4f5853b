"""The steps of a job that are processing jobs: they read and leave files under `/opt/ml/processing`."""

import json
import shutil
import tarfile
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.contract import ContainerPaths

from .data.analysis import analyze as analyze_channels
from .data.dataset import Dataset
from .definition import Definition
from .model import Model
from .models.algorithms import ALGORITHMS, space_of
from .models.candidate import find_algorithm
from .models.space import Range
from .report.explanation import explain
from .report.notebooks import write_notebooks
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
    given, output = _input(paths), _output(paths)
    definition = Definition.read(given / "definition" / DEFINITION)
    for name in definition.algorithms or ():
        find_algorithm(name)
    validation = given / "validation"
    analysis = analyze_channels(definition, given / "training", validation if validation.is_dir() else None)
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
    `output/explainability`, `output/model-insights` and `output/leaderboard`.

    Raises:
        UserError: They are not what the steps before have left.
    """
    given, output = _input(paths), _output(paths)
    dataset = Dataset.load(given / PREPARED_CHANNEL)
    model = Model.load(_unpacked(given / "model"))
    left = _unpacked(given / "output")
    with np.load(left / ANSWERS) as arrays:
        answers = arrays["answers"]
    (output / "leaderboard").mkdir(parents=True, exist_ok=True)
    shutil.copy(left / LEADERBOARD, output / "leaderboard")
    write_quality(dataset, answers, output / "model-insights")
    explain(dataset, model, output / "explainability")


def _candidates(dataset: Dataset) -> list[dict[str, Any]]:
    names = dataset.algorithms or tuple(ALGORITHMS)
    found = []
    for name in names:
        algorithm = ALGORITHMS[name]
        space = space_of(algorithm, dataset.problem)
        ranges = {
            key: {"low": one.low, "high": one.high, "log": one.log} if isinstance(one, Range) else list(one.values)
            for key, one in space.items()
        }
        found.append({"algorithm": name, "ranges": ranges, "defaults": {key: algorithm.defaults[key] for key in space}})
    return found


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _input(paths: ContainerPaths) -> Path:
    return paths.base / "processing" / "input"


def _output(paths: ContainerPaths) -> Path:
    return paths.base / "processing" / "output"


def _unpacked(directory: Path) -> Path:
    """A directory whose archive, where it holds one, is unpacked in it."""
    for archive in directory.glob("*.tar.gz"):
        with tarfile.open(archive) as opened:
            opened.extractall(directory, filter="data")
    return directory
