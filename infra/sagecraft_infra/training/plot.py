"""The picture of a training job."""

from collections.abc import Sequence
from typing import Final

from matplotlib.figure import Figure

from sagecraft_infra.jobs.picture import panels

from .metrics import MetricCurve

_FEW: Final = 30


def plot_training(name: str, curves: Sequence[MetricCurve]) -> Figure:
    """The metrics of a training job over time: a panel for each metric, with the datasets that it is told of.

    Args:
        name: The job's.
        curves: Of its metrics; `train:auc` and `validation:auc` share a panel.
    """
    metrics: dict[str, list[MetricCurve]] = {}
    for curve in curves:
        metrics.setdefault(curve.name.partition(" ")[0].rpartition(":")[2], []).append(curve)
    figure, axes = panels(len(metrics), f"Training job {name}")
    for axis, (metric, shown) in zip(axes, metrics.items(), strict=True):
        # Lines that were written in one go share their times: then the order is all that there is to see.
        timed = all(len(set(curve.seconds)) == len(curve.values) for curve in shown)
        for curve in shown:
            at = curve.seconds if timed else range(1, len(curve.values) + 1)
            axis.plot(at, curve.values, label=curve.name, marker="o" if len(curve.values) <= _FEW else None, ms=3.5)
        axis.set_xlabel("seconds" if timed else "value")
        axis.set_ylabel(metric)
        axis.legend(frameon=False, fontsize="small")
    return figure
