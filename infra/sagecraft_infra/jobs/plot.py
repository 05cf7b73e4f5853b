"""Pictures of training jobs and tuning jobs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sagecraft_infra.errors import UserError

from .metrics import MetricCurve
from .tuning import TuningProgress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS: Final = (".png", ".svg")
_COLUMNS: Final = 3
_PANEL_INCHES: Final = (4.2, 3.1)
_FEW: Final = 30
_BEST, _TRIALS = "#c2410c", "#2563eb"


def plot_training(name: str, curves: Sequence[MetricCurve]) -> Figure:
    """The metrics of a training job over time: a panel for each metric, with the datasets that it is told of.

    Args:
        name: The job's.
        curves: Of its metrics; `train:auc` and `validation:auc` share a panel.
    """
    panels: dict[str, list[MetricCurve]] = {}
    for curve in curves:
        panels.setdefault(curve.name.partition(" ")[0].rpartition(":")[2], []).append(curve)
    figure, axes = _panels(len(panels), f"Training job {name}")
    for axis, (metric, shown) in zip(axes, panels.items(), strict=True):
        # Lines that were written in one go share their times: then the order is all that there is to see.
        timed = all(len(set(curve.seconds)) == len(curve.values) for curve in shown)
        for curve in shown:
            at = curve.seconds if timed else range(1, len(curve.values) + 1)
            axis.plot(at, curve.values, label=curve.name, marker="o" if len(curve.values) <= _FEW else None, ms=3.5)
        axis.set_xlabel("seconds" if timed else "value")
        axis.set_ylabel(metric)
        axis.legend(frameon=False, fontsize="small")
    return figure


def plot_tuning(progress: TuningProgress) -> Figure:
    """A tuning job: the objective by trial with the best so far, and the objective by each hyperparameter.

    Raises:
        UserError: No trial has a value yet; the message says what became of them.
    """
    if not progress.valued:
        counts = ", ".join(sorted({trial.status for trial in progress.trials})) or "none has been started"
        raise UserError(
            f"No training job of the tuning job '{progress.job.name}' has a value of {progress.metric} yet ({counts}); "
            f"the tuning job is {progress.job.status}."
        )
    tuned = progress.ranges
    figure, axes = _panels(1 + len(tuned), f"Tuning job {progress.job.name}")
    numbers = [trial.number for trial, _ in progress.valued]
    values = [value for _, value in progress.valued]
    best = progress.best
    first, *others = axes
    first.plot(numbers, values, "o", color=_TRIALS, alpha=0.75, label="trial")
    first.plot(numbers, progress.best_so_far(), color=_BEST, drawstyle="steps-post", label="best so far")
    first.set_xlabel("trial")
    first.set_ylabel(progress.metric)
    first.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    first.margins(x=0.06)
    # Above, where it hides no trial.
    first.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, fontsize="small")
    for axis, (name, scale) in zip(others, tuned.items(), strict=True):
        points = [
            (trial.hyperparameters[name], value, trial)
            for trial, value in progress.valued
            if name in trial.hyperparameters
        ]
        categorical = scale == "Categorical" or not all(_is_number(each) for each, _, _ in points)
        places = sorted({each for each, _, _ in points}) if categorical else []
        for each, value, trial in points:
            at = places.index(each) if categorical else float(each)
            axis.plot(
                at,
                value,
                "*" if trial is best else "o",
                color=_BEST if trial is best else _TRIALS,
                ms=13 if trial is best else 6,
                alpha=1 if trial is best else 0.75,
                zorder=3 if trial is best else 2,
            )
        if categorical:
            axis.set_xticks(range(len(places)), places)
            axis.set_xlim(-0.5, max(len(places) - 0.5, 0.5))
        elif scale == "Logarithmic" and all(float(each) > 0 for each, _, _ in points):
            axis.set_xscale("log")
        elif all(float(each).is_integer() for each, _, _ in points):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.set_xlabel(name)
        axis.set_ylabel(progress.metric)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Writes a picture, as PNG or SVG by the file's name.

    Raises:
        UserError: The name ends otherwise, or the file cannot be written.
    """
    check_format(path)
    try:
        figure.savefig(path, dpi=130)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}. Give another file with --output.") from error


def check_format(path: Path) -> None:
    """Makes sure that there is a format for the file's name.

    Raises:
        UserError: There is none.
    """
    if path.suffix.lower() not in FORMATS:
        raise UserError(f"--output: '{path}' must end in {' or '.join(FORMATS)}.")


def _panels(count: int, title: str) -> tuple[Figure, list["Axes"]]:
    # Four are a square rather than three and one.
    columns = 2 if count == 4 else min(count, _COLUMNS)
    rows = -(-count // columns)
    width, height = _PANEL_INCHES
    figure = Figure(figsize=(max(columns, 1.5) * width, rows * height + 0.4), layout="constrained")
    figure.suptitle(title)
    axes = [figure.add_subplot(rows, columns, place) for place in range(1, count + 1)]
    for axis in axes:
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
