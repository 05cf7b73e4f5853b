"""The picture of a tuning job."""

from itertools import pairwise
from types import SimpleNamespace
from typing import cast

import pytest
from sagecraft_infra.tuning.progress import TuningProgress


def progress(least: float, greatest: float) -> TuningProgress:
    """A tuning job of ten trials, whose one hyperparameter goes through a range by its logarithm."""
    trials = [
        SimpleNamespace(
            number=number, status="Completed", hyperparameters={"eta": repr(least * (greatest / least) ** (number / 9))}
        )
        for number in range(10)
    ]
    made = SimpleNamespace(
        job=SimpleNamespace(name="tuning", status="Completed"),
        metric="validation:auc",
        ranges={"eta": "Logarithmic"},
        trials=trials,
        valued=[(trial, trial.number / 10) for trial in trials],
        best=trials[-1],
        best_so_far=lambda: [trial.number / 10 for trial in trials],
    )
    return cast("TuningProgress", made)


@pytest.mark.parametrize(
    ("least", "greatest"),
    [(0.1, 0.5), (0.1, 0.11), (0.3, 3), (0.01, 0.9), (0.002, 5), (1e-6, 1000), (1e-12, 1), (2, 2.5e5)],
)
def test_the_labels_of_a_logarithmic_range_stand_apart(least: float, greatest: float) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from sagecraft_infra.tuning.plot import plot_tuning

    figure = plot_tuning(progress(least, greatest))
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]  # matplotlib has no type for it
    axis = figure.axes[1].xaxis
    low, high = sorted(figure.axes[1].get_xlim())
    shown = [
        tick.label1
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        if tick.label1.get_text() and low <= tick.get_loc() <= high
    ]
    boxes = sorted((label.get_window_extent() for label in shown), key=lambda box: box.x0)
    assert len(boxes) >= 2
    gaps = [right.x0 - left.x1 for left, right in pairwise(boxes)]
    assert min(gaps) > 3, [label.get_text() for label in shown]
