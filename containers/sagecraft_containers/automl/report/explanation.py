"""Why a model answers as it does: the SHAP values of the columns as they are, not of what they are made into.

The numbers have the form of Clarify's `analysis.json` ("Analysis Results" of the SageMaker developer guide).
"""

import json
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.problem import Array

from .page import Page, figure

ANALYSIS: Final = "analysis.json"
PAGE: Final = "report.html"
_EXPLAINED: Final = 30
_BACKGROUND: Final = 20
_MOST_COLUMNS: Final = 30
"""More are explained, but not drawn."""


def explain(dataset: Dataset, model: Model, directory: Path) -> None:
    """Writes `analysis.json` and `report.html`."""
    values, expected = _shap_values(dataset, model)
    labels = list(dataset.target.classes) or [dataset.target.name]
    names = [column.name for column in dataset.schema.used]
    explained = {
        f"label{number}": {
            "global_shap_values": dict(zip(names, np.abs(values[:, :, number]).mean(axis=0).tolist(), strict=True)),
            "expected_value": float(expected[number]),
            "label_headers": label,
        }
        for number, label in enumerate(labels)
    }
    directory.mkdir(parents=True, exist_ok=True)
    analysis = {"version": "1.0", "explanations": {"kernel_shap": explained}}
    (directory / ANALYSIS).write_text(json.dumps(analysis, indent=1), encoding="utf-8")
    (directory / PAGE).write_text(_page(dataset, labels, names, values).text(), encoding="utf-8")


def _shap_values(dataset: Dataset, model: Model) -> tuple[Array, Array]:
    """Shape (rows, columns, labels), and the mean answers that they add up from."""
    # Its loops are short here, and to compile them would take longer than all else of a report.
    os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
    import shap  # noqa: PLC0415 - large, and of an extra

    features = dataset.training.features
    generator = np.random.default_rng(dataset.seed)
    places = generator.permutation(len(features))
    some = features.iloc[places[: _EXPLAINED + _BACKGROUND]]
    # The explainer mixes rows column by column, and knows numbers alone: it mixes the places of the cells.
    cells = np.tile(np.arange(len(some))[:, np.newaxis], len(some.columns))
    background = cells[-min(_BACKGROUND, len(some)) :]

    def answers(mixed: Array) -> Array:
        whole = mixed.astype(int)
        frame = pd.DataFrame({name: some[name].to_numpy()[whole[:, place]] for place, name in enumerate(some)}).astype(
            some.dtypes.to_dict()
        )
        given = model.frame_answers(frame)
        return given.reshape(len(given), -1)

    explainer = shap.PermutationExplainer(
        answers, shap.maskers.Independent(background, max_samples=len(background)), seed=dataset.seed
    )
    # Row by row: of several, shap 0.51 works out the main effects of all but the first, which nobody asks for.
    evaluations = 2 * len(some.columns) + 1
    explained = [
        explainer(row[np.newaxis], max_evals=evaluations, batch_size=evaluations, silent=True)
        for row in cells[:_EXPLAINED]
    ]
    expected = np.concatenate([np.atleast_2d(each.base_values) for each in explained])
    return np.concatenate([each.values for each in explained]), expected.mean(axis=0)


def _page(dataset: Dataset, labels: list[str], names: list[str], values: Array) -> Page:
    page = Page(f"Explanation: {dataset.target.name}")
    page.paragraph(
        "How much each column moves the answers, as the mean of its absolute SHAP values, over "
        f"{len(values):,} rows of the training data."
    )
    shown = 1 if len(labels) == 2 else 0
    overall = np.abs(values).mean(axis=(0, 2)) if len(labels) > 2 else np.abs(values[:, :, shown]).mean(axis=0)
    order = np.argsort(overall)[::-1][:_MOST_COLUMNS]
    page.heading("Columns by what they matter")
    drawn, axes = figure(7, 1 + 0.32 * len(order))
    axes.barh([names[place] for place in order[::-1]], overall[order[::-1]])
    axes.set(xlabel="mean absolute SHAP value")
    page.drawing(drawn, "Columns by their mean absolute SHAP values")
    page.table(["Column", "Mean absolute SHAP value"], [[names[place], float(overall[place])] for place in order])
    page.heading(f"Row by row: the answer '{labels[shown]}'")
    page.paragraph("Each point is a row: to the right where its cell makes the answer more likely, or greater.")
    drawn, axes = figure(7, 1 + 0.32 * len(order))
    generator = np.random.default_rng(0)
    for height, place in enumerate(order[::-1]):
        scatter = height + generator.uniform(-0.25, 0.25, len(values))
        axes.scatter(values[:, place, shown], scatter, s=8, alpha=0.5, color=_BLUE)
    axes.set_yticks(range(len(order)), [names[place] for place in order[::-1]])
    axes.axvline(0, color="#aab7b8")
    axes.set(xlabel="SHAP value")
    page.drawing(drawn, "SHAP values of each row")
    return page


_BLUE: Final[Any] = "#1f77b4"
