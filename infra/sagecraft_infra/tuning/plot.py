"""The picture of a tuning job."""

from typing import TYPE_CHECKING, Final

from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from sagecraft_infra.errors import UserError
from sagecraft_infra.jobs.picture import panels

from .progress import TuningProgress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BEST: Final = "#c2410c"
_TRIALS: Final = "#2563eb"
_ONE_DECADE: Final = 10
_MANY_DECADES: Final = 1_000
_MOST_TICKS: Final = 7


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
    figure, axes = panels(1 + len(tuned), f"Tuning job {progress.job.name}")
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
            _scale_by_logarithm(axis)
        elif all(float(each).is_integer() for each, _, _ in points):
            axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.set_xlabel(name)
        axis.set_ylabel(progress.metric)
    return figure


def _scale_by_logarithm(axis: "Axes") -> None:
    """Few ticks, as plain numbers: matplotlib's own powers of ten overlap where a range is narrow."""
    axis.set_xscale("log")
    least, greatest = axis.get_xlim()
    if greatest / least < _ONE_DECADE:
        axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    else:
        between = (1, 2, 5) if greatest / least < _MANY_DECADES else (1,)
        axis.xaxis.set_major_locator(LogLocator(subs=between, numticks=_MOST_TICKS))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
