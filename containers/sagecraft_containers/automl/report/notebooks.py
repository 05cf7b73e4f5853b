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
from sagecraft_containers.automl.models.algorithms import ALGORITHMS, space_of

EXPLORATION: Final = "SageMakerAutopilotDataExplorationNotebook.ipynb"
CANDIDATES: Final = "SageMakerAutopilotCandidateDefinitionNotebook.ipynb"


def write_notebooks(analysis: Analysis, directory: Path, prepared: str) -> None:
    """Writes both.

    Args:
        analysis: What was found out.
        directory: Where to.
        prepared: The folder of the prepared data, beside `directory`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for name, cells in {EXPLORATION: _exploration(analysis), CANDIDATES: _candidates(analysis, prepared)}.items():
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


def _candidates(analysis: Analysis, prepared: str) -> list[dict[str, Any]]:
    dataset = analysis.dataset
    names = dataset.algorithms or tuple(ALGORITHMS)
    cells = [
        _told(
            "# Candidate definitions\nEach candidate is a scikit-learn pipeline: it prepares the columns, and then "
            "fits an algorithm. Run the cells from top to bottom; change what you like."
        ),
        _code(
            "from pathlib import Path",
            "",
            "from sagecraft_containers.automl.data.dataset import Dataset",
            "from sagecraft_containers.automl.models.candidate import Candidate",
            "from sagecraft_containers.automl.training.ensemble import combine",
            "from sagecraft_containers.automl.training.evaluation import evaluate",
            "",
            f'PREPARED = Path("../{prepared}")',
            "dataset = Dataset.load(PREPARED)",
            "evaluations = {}",
        ),
    ]
    for name in names:
        algorithm = ALGORITHMS[name]
        space = space_of(algorithm, dataset.problem)
        defaults = {key: algorithm.defaults[key] for key in space}
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
            "## The best candidate of the job\nIts hyperparameters stand in `leaderboard.json` of the training job's "
            "output. Put the file beside this notebook, and the next cell fits it anew, and compares the scores."
        ),
        _code(
            "import json",
            "",
            'leaderboard = Path("leaderboard.json")',
            "if leaderboard.exists():",
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
