"""Why a model answers as it does, as numbers and as a page.

The numbers have the form of Clarify's `analysis.json` ("Analysis Results" of the SageMaker developer guide).
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np

from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.model import Model

from .page import Page, figure
from .shapley import Shapley, shapley

ANALYSIS: Final = "analysis.json"
PAGE: Final = "report.html"
_MOST_SHOWN: Final = 30
"""More are explained, but not drawn."""
_TEXTS_SHOWN: Final = 5


def explain(dataset: Dataset, model: Model, directory: Path) -> None:
    """Writes `analysis.json` and `report.html`."""
    found = shapley(dataset, model)
    labels = list(dataset.target.classes) or [dataset.target.name]
    explained = {
        f"label{number}": {
            "global_shap_values": dict(zip(found.names, np.abs(found.values[:, :, number]).mean(axis=0), strict=True)),
            "expected_value": float(found.expected[number]),
            "label_headers": label,
        }
        for number, label in enumerate(labels)
    }
    directory.mkdir(parents=True, exist_ok=True)
    analysis = {"version": "1.0", "explanations": {"kernel_shap": explained}}
    (directory / ANALYSIS).write_text(json.dumps(analysis, indent=1), encoding="utf-8")
    (directory / PAGE).write_text(_page(dataset, labels, found).text(), encoding="utf-8")


def _page(dataset: Dataset, labels: list[str], found: Shapley) -> Page:
    names, values = found.names, found.values
    page = Page(f"Explanation: {dataset.target.name}")
    page.paragraph(
        f"How much each of the {found.what} moves the answers, as the mean of its absolute SHAP values, over "
        f"{len(values):,} rows of the training data."
    )
    shown = 1 if len(labels) == 2 else 0
    overall = np.abs(values).mean(axis=(0, 2)) if len(labels) > 2 else np.abs(values[:, :, shown]).mean(axis=0)
    order = np.argsort(overall)[::-1][:_MOST_SHOWN]
    page.heading(f"{found.what.capitalize()} by what they matter")
    drawn, axes = figure(7, 1 + 0.32 * len(order))
    axes.barh([names[place] for place in order[::-1]], overall[order[::-1]])
    axes.set(xlabel="mean absolute SHAP value")
    page.drawing(drawn, f"{found.what.capitalize()} by their mean absolute SHAP values")
    page.table(
        [found.what[:-1].capitalize(), "Mean absolute SHAP value"],
        [[names[place], float(overall[place])] for place in order],
    )
    page.heading(f"Row by row: the answer '{labels[shown]}'")
    page.paragraph("Each point is a row: to the right where it makes the answer more likely, or greater.")
    drawn, axes = figure(7, 1 + 0.32 * len(order))
    generator = np.random.default_rng(0)
    for height, place in enumerate(order[::-1]):
        moved = values[:, place, shown]
        moved = moved[moved != 0] if found.texts else moved  # else most texts have not the word
        scatter = height + generator.uniform(-0.25, 0.25, len(moved))
        axes.scatter(moved, scatter, s=8, alpha=0.5, color=_BLUE)
    axes.set_yticks(range(len(order)), [names[place] for place in order[::-1]])
    axes.axvline(0, color="#aab7b8")
    axes.set(xlabel="SHAP value")
    page.drawing(drawn, "SHAP values of each row")
    if found.texts:
        page.heading("Some of the texts")
        page.paragraph(f"Green words speak for the answer '{labels[shown]}', red ones against it.")
    for text in found.texts[:_TEXTS_SHOWN]:
        page.marked(text.parts, text.values[:, shown].tolist())
    return page


_BLUE: Final[Any] = "#1f77b4"
