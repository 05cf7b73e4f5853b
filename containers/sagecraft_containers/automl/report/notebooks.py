"""Two notebooks: what the data is like, and how candidates are made; the second one makes them when it is run.

Source: "Autopilot data exploration report" and "candidate definition notebook" of the SageMaker developer guide.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.data.analysis import Analysis
from sagecraft_containers.automl.data.columns import Kind
from sagecraft_containers.automl.models.algorithms import chosen, space_of
from sagecraft_containers.automl.models.candidate import Candidate

EXPLORATION: Final = "SageMakerAutopilotDataExplorationNotebook.ipynb"
CANDIDATES: Final = "SageMakerAutopilotCandidateDefinitionNotebook.ipynb"
_INSTALLATION: Final = 'pip install "sagecraft[automl]"'
_NEEDED: Final = {"boto3", "numpy", "pandas", "pyarrow", "sagecraft_containers", "sklearn"}
_NEEDS: Final = f"""\
import platform
from importlib.util import find_spec

lacking = [name for name in needed if find_spec(name) is None]
if lacking:
    raise ImportError(
        f"This kernel of Python {{platform.python_version()}} lacks {{', '.join(lacking)}}. "
        'It needs Python 3.11 or newer, and {_INSTALLATION}; restart it then.'
    )"""
"""Says at once what the kernel lacks, in place of an import that fails further down."""
_FETCHES: Final = '''\
import json
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.models.candidate import Candidate
from sagecraft_containers.automl.training.ensemble import combine
from sagecraft_containers.automl.training.evaluation import evaluate


def fetched(place):
    """A folder with all that is below an S3 URI; of another place, itself."""
    uri = urlsplit(place)
    if uri.scheme != "s3":
        return Path(place)
    folder, prefix = Path(tempfile.mkdtemp()), uri.path.strip("/") + "/"
    for each in boto3.resource("s3").Bucket(uri.netloc).objects.filter(Prefix=prefix):
        file = folder / each.key.removeprefix(prefix)
        file.parent.mkdir(parents=True, exist_ok=True)
        each.Object().download_file(str(file))
    return folder


dataset = Dataset.load(fetched(PREPARED))
evaluations = {}'''


def write_notebooks(analysis: Analysis, directory: Path, prepared: str, leaderboard: str) -> None:
    """Writes both.

    Args:
        analysis: What was found out.
        directory: Where to.
        prepared: Where the prepared rows will be: an S3 URI, or a folder seen from `directory`.
        leaderboard: Likewise, where the leaderboard will be.
    """
    directory.mkdir(parents=True, exist_ok=True)
    notebooks = {EXPLORATION: _exploration(analysis), CANDIDATES: _candidates(analysis, prepared, leaderboard)}
    for name, cells in notebooks.items():
        (directory / name).write_text(json.dumps(_notebook(cells), indent=1), encoding="utf-8")


def _exploration(analysis: Analysis) -> list[dict[str, Any]]:
    dataset = analysis.dataset
    columns = dataset.schema.columns
    kinds = [(kind.value, sum(column.kind is kind for column in columns)) for kind in Kind]
    cells = [
        _told(
            "# Data exploration\n"
            f"The target is **{dataset.target.name}**: {dataset.problem}, compared by {dataset.metric.name}."
        ),
        _told(
            "## Dataset summary\n"
            + _table(["", ""], [["rows", f"{analysis.rows:,}"], ["columns to learn from", len(dataset.schema.used)]])
            + "\n\n"
            + _table(["kind", "columns"], [[name, count] for name, count in kinds if count])
        ),
        _told("## What to look at\n" + ("\n".join(f"- {note}" for note in analysis.notes) or "Nothing was found.")),
        _told("## Target analysis\n" + _target(analysis)),
        _told(
            "## Data sample\n" + _table(list(analysis.sample.columns), analysis.sample.fillna("").to_numpy().tolist())
        ),
        _told(
            "## Missing values and cardinality\nThe columns with most missing values come first.\n\n"
            + _table(
                ["column", "kind", "missing", "values", "skew"],
                [
                    [each.name, each.kind.value, f"{each.missing:.1%}", f"{each.distinct:,}", f"{each.skew:.2f}"]
                    for each in sorted(columns, key=lambda column: -column.missing)
                ],
            )
        ),
    ]
    numbers = [column.name for column in dataset.schema.used if column.kind is Kind.NUMERIC]
    if numbers:
        described = dataset.training.features[numbers].describe().T
        rows = [
            [name, *(f"{value:.4g}" for value in row)] for name, row in zip(numbers, described.to_numpy(), strict=True)
        ]
        cells.append(_told("## Numbers\n" + _table(["column", *described.columns], rows)))
    return cells


def _target(analysis: Analysis) -> str:
    target = analysis.dataset.training.target
    classes = analysis.dataset.target.classes
    if not classes:
        quarters = np.quantile(target, [0, 0.25, 0.5, 0.75, 1])
        names = ["least", "lower quarter", "median", "upper quarter", "greatest"]
        return _table(["", "value"], [[name, f"{value:.6g}"] for name, value in zip(names, quarters, strict=True)])
    counts = np.bincount(target, minlength=len(classes))
    return _table(
        ["class", "rows", "share"],
        [[name, f"{count:,}", f"{count / len(target):.1%}"] for name, count in zip(classes, counts, strict=True)],
    )


def _candidates(analysis: Analysis, prepared: str, leaderboard: str) -> list[dict[str, Any]]:
    dataset = analysis.dataset
    algorithms = chosen(dataset.algorithms)
    needed = sorted(_NEEDED.union(each.library for each in algorithms.values()))
    cells = [
        _told(
            "# Candidate definitions\nEach candidate is a scikit-learn pipeline: it prepares the columns, and then "
            "fits an algorithm. Run the cells from top to bottom; change what you like.\n\n"
            f"The kernel needs Python 3.11 or newer, and `{_INSTALLATION}`."
        ),
        _code(
            "# Where the job leaves its prepared rows and its leaderboard.",
            f"PREPARED = {prepared!r}",
            f"LEADERBOARD = {leaderboard!r}",
        ),
        _code(f"needed = {needed!r}", _NEEDS),
        _code(_FETCHES),
    ]
    for name, algorithm in algorithms.items():
        space = space_of(algorithm, dataset.problem)
        defaults = Candidate.default(algorithm, dataset.problem, len(dataset.training)).hyperparameters
        cells += [
            _told(f"## {name}\nIts columns are prepared for {algorithm.style}; tuned are {', '.join(space)}."),
            _code(
                f"candidate = Candidate({name!r}, {defaults!r})",
                f"evaluations[{name!r}] = evaluate(dataset, candidate)",
                f"print(candidate.told(), evaluations[{name!r}].validation)",
            ),
        ]
    return [
        *cells,
        _told(
            "## The best candidate of the job\nIts hyperparameters stand in the job's leaderboard. The next cell fits "
            "it anew, and compares the scores."
        ),
        _code(
            'leaderboard = fetched(LEADERBOARD) / "leaderboard.json"',
            "if not leaderboard.exists():",
            '    print("The job has left no leaderboard in", LEADERBOARD)',
            "else:",
            '    rows = json.loads(leaderboard.read_text())["candidates"]',
            '    best = next(row for row in rows if "algorithm" in row and "validation" in row)',
            '    again = evaluate(dataset, Candidate(best["algorithm"], best["hyperparameters"]))',
            "    name = dataset.metric.name",
            '    print(best["name"], name, "of the job:", best["validation"][name], "- here:", again.validation[name])',
        ),
        _told("## All together\nCandidates vote with the weights that validate best."),
        _code(
            "ensemble = combine(dataset, list(evaluations.values()))",
            "print(ensemble.weights, ensemble.validation)",
        ),
    ]


def _table(header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(value: Any) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _told(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(*lines: str) -> dict[str, Any]:
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": "\n".join(lines)}


def _notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    numbered = [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": numbered, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
