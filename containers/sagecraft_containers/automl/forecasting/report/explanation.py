"""What the forecasts are made of: how much the past, the calendar and each related column move them."""

import json
from pathlib import Path
from typing import Final

from sagecraft_containers.automl.forecasting.data.panel import Panel
from sagecraft_containers.automl.forecasting.model import Forecaster
from sagecraft_containers.automl.forecasting.models.calendar import HOLIDAY, calendar_names
from sagecraft_containers.automl.forecasting.models.trees import FittedTrees
from sagecraft_containers.automl.report.page import Page, figure

_ANALYSIS: Final = "analysis.json"
_PAGE: Final = "report.html"
_PAST: Final = "past values"
_CALENDAR: Final = "calendar"


def write_explanation(panel: Panel, model: Forecaster, directory: Path) -> None:
    """Writes `analysis.json` and `report.html`."""
    impacts = _impacts(panel, model)
    page = Page(f"Explanation of the forecasts of {panel.definition.target}")
    members = [f"{name} ({weight:.0%})" for name, weight in zip(model.algorithms, model.weights, strict=True)]
    page.paragraph(f"Members of the ensemble, with their weights: {', '.join(members)}.")
    if impacts:
        page.paragraph(
            "By how much each part moves the mean forecast of gradient boosting, in the unit of the target: the mean "
            "of the absolute SHAP values, which XGBoost computes. The other members see the past of a series and its "
            "calendar; Prophet sees related columns of numbers and holidays, too."
        )
        ordered = sorted(impacts.items(), key=lambda each: each[1])
        drawn, axes = figure(7, 0.6 + 0.35 * len(ordered))
        axes.barh([name for name, _ in ordered], [value for _, value in ordered], color="#0073bb")
        axes.set(xlabel="mean absolute SHAP value")
        page.drawing(drawn, "Impact of each part on the forecast")
        page.table(["Part", "Impact"], [[name, value] for name, value in reversed(ordered)])
    else:
        page.paragraph(
            "Gradient boosting, by which the impact of columns is told, is no member; the past of a series is."
        )
    directory.mkdir(parents=True, exist_ok=True)
    told = {"members": dict(zip(model.algorithms, model.weights, strict=True)), "impact_scores": impacts}
    (directory / _ANALYSIS).write_text(json.dumps(told, indent=1), encoding="utf-8")
    (directory / _PAGE).write_text(page.text(), encoding="utf-8")


def _impacts(panel: Panel, model: Forecaster) -> dict[str, float]:
    trees = next((member for member in model.members if isinstance(member, FittedTrees)), None)
    if trees is None:
        return {}
    own = {column.name for column in panel.columns} | {*panel.definition.keys, HOLIDAY}
    times = set(calendar_names(panel)) - {HOLIDAY}
    impacts: dict[str, float] = {}
    for name, value in trees.contributions(panel, panel.steps).items():
        part = name if name in own else _CALENDAR if name in times else _PAST
        impacts[part] = impacts.get(part, 0.0) + value
    return impacts
