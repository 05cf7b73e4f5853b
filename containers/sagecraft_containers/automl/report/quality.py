"""How well a model answers, by rows that it had not seen: numbers for programs, and a page to look at.

The numbers have the form of a model-quality report of Model Monitor, which model packages refer to.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from sklearn import calibration, metrics

from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.problem import Array, ProblemType, measure

from .page import Page, figure

STATISTICS: Final = "statistics.json"
PAGE: Final = "report.html"
_MOST_POINTS: Final = 200
_NAMES: Final = {
    "Accuracy": "accuracy",
    "AUC": "auc",
    "BalancedAccuracy": "balanced_accuracy",
    "F1": "f1",
    "F1macro": "f1_macro",
    "LogLoss": "log_loss",
    "MAE": "mae",
    "MSE": "mse",
    "Precision": "precision",
    "PrecisionMacro": "precision_macro",
    "R2": "r2",
    "Recall": "recall",
    "RecallMacro": "recall_macro",
    "RMSE": "rmse",
}
_SECTIONS: Final = {
    ProblemType.BINARY: "binary_classification_metrics",
    ProblemType.MULTICLASS: "multiclass_classification_metrics",
    ProblemType.REGRESSION: "regression_metrics",
}


def write_quality(dataset: Dataset, answers: Array, directory: Path) -> None:
    """Writes `statistics.json` and `report.html`.

    Args:
        dataset: With the rows that validate.
        answers: To them, by models that had not seen them.
        directory: Where to.
    """
    rows = dataset.validated()
    measured = measure(dataset.problem, rows.target, answers, rows.weights)
    page = Page(f"Model quality: {dataset.target.name}")
    page.paragraph(
        f"{dataset.problem}, {len(rows):,} rows, each answered by a model that had not seen it. "
        f"Candidates were compared by {dataset.metric.name}."
    )
    page.values(measured)
    values: dict[str, Any] = {_NAMES[name]: {"value": value} for name, value in measured.items()}
    match dataset.problem:
        case ProblemType.REGRESSION:
            _regression(page, rows.target, answers)
        case _:
            values["confusion_matrix"] = _confusion(page, dataset, rows.target, answers)
    if dataset.problem is ProblemType.BINARY:
        values |= _curves(page, rows.target, answers[:, 1])
    directory.mkdir(parents=True, exist_ok=True)
    statistics = {"dataset": {"item_count": len(rows)}, _SECTIONS[dataset.problem]: values}
    (directory / STATISTICS).write_text(json.dumps(statistics, indent=1), encoding="utf-8")
    (directory / PAGE).write_text(page.text(), encoding="utf-8")


def _confusion(page: Page, dataset: Dataset, truth: Array, answers: Array) -> dict[str, dict[str, int]]:
    classes = dataset.target.classes
    matrix = metrics.confusion_matrix(truth, answers.argmax(axis=1), labels=range(len(classes)))
    page.heading("Confusion matrix")
    page.paragraph("Rows are the classes of the data, columns those that the model answered.")
    size = min(10.0, 2.5 + 0.5 * len(classes))
    drawn, axes = figure(size, size)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(classes)), classes, rotation=45, ha="right")
    axes.set_yticks(range(len(classes)), classes)
    axes.set(xlabel="answered", ylabel="in the data")
    if len(classes) <= 20:
        for row, column in np.ndindex(*matrix.shape):
            color = "white" if shares[row, column] > 0.5 else "black"
            axes.text(column, row, f"{matrix[row, column]:,}", ha="center", va="center", color=color)
    page.drawing(drawn, "Confusion matrix")
    return {
        name: {other: int(matrix[row, column]) for column, other in enumerate(classes)}
        for row, name in enumerate(classes)
    }


def _curves(page: Page, truth: Array, scores: Array) -> dict[str, Any]:
    false, true, _ = _thinned(metrics.roc_curve(truth, scores))
    precision, recall, _ = metrics.precision_recall_curve(truth, scores)
    precision, recall = _thinned((precision, recall))
    page.heading("ROC curve")
    drawn, axes = figure(5, 4)
    axes.plot(false, true)
    axes.plot([0, 1], [0, 1], color="#aab7b8", linestyle="--")
    axes.set(xlabel="false positive rate", ylabel="true positive rate")
    page.drawing(drawn, "ROC curve")
    page.heading("Precision and recall")
    drawn, axes = figure(5, 4)
    axes.plot(recall, precision)
    axes.set(xlabel="recall", ylabel="precision", ylim=(0, 1.02))
    page.drawing(drawn, "Precision by recall")
    page.heading("Calibration")
    page.paragraph(
        "How often a row is positive, by the probability that the model gives it; on the line where it is right."
    )
    shares, means = calibration.calibration_curve(truth, scores, n_bins=10, strategy="quantile")
    drawn, axes = figure(5, 4)
    axes.plot(means, shares, marker="o")
    axes.plot([0, 1], [0, 1], color="#aab7b8", linestyle="--")
    axes.set(xlabel="probability answered", ylabel="share that is positive")
    page.drawing(drawn, "Calibration curve")
    return {
        "receiver_operating_characteristic_curve": {
            "false_positive_rates": false.tolist(),
            "true_positive_rates": true.tolist(),
        },
        "precision_recall_curve": {"precisions": precision.tolist(), "recalls": recall.tolist()},
    }


def _regression(page: Page, truth: Array, answers: Array) -> None:
    page.heading("Answers and residuals")
    drawn, axes = figure(5, 5)
    axes.scatter(truth, answers, s=6, alpha=0.4)
    ends = [float(min(truth.min(), answers.min())), float(max(truth.max(), answers.max()))]
    axes.plot(ends, ends, color="#aab7b8", linestyle="--")
    axes.set(xlabel="in the data", ylabel="answered")
    page.drawing(drawn, "Answers by the values of the data")
    residuals = truth - answers
    drawn, axes = figure(5, 4)
    axes.scatter(answers, residuals, s=6, alpha=0.4)
    axes.axhline(0, color="#aab7b8", linestyle="--")
    axes.set(xlabel="answered", ylabel="residual")
    page.drawing(drawn, "Residuals by answers")
    drawn, axes = figure(5, 3)
    axes.hist(residuals, bins=40)
    axes.set(xlabel="residual", ylabel="rows")
    page.drawing(drawn, "How often residuals are how large")


def _thinned(curves: tuple[Array, ...]) -> tuple[Array, ...]:
    """The same curve by few points."""
    places = np.unique(np.linspace(0, len(curves[0]) - 1, _MOST_POINTS).astype(int))
    return tuple(curve[places] for curve in curves)
