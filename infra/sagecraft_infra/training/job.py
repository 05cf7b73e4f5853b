"""Training jobs as jobs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_infra.noun.job import Job, JobKind, reached

from .api import API

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sagecraft_infra.target import Target


def _instances(description: Mapping[str, Any]) -> int:
    resources = description["ResourceConfig"]
    groups = resources.get("InstanceGroups", [])
    return int(resources.get("InstanceCount", 0) or sum(group["InstanceCount"] for group in groups))


def _objective(description: Mapping[str, Any]) -> float | None:
    return reached(description) if "TuningJobArn" in description else None


def _plot(target: "Target", region: str, job: Job) -> "Figure":
    from .metrics import take_metric_curves  # noqa: PLC0415 - loads what asks AWS, and below Matplotlib
    from .plot import plot_training  # noqa: PLC0415

    return plot_training(job.name, take_metric_curves(target, region, job))


TRAINING_JOB: Final = JobKind(
    name="training",
    api=API,
    times=("TrainingStartTime", "TrainingEndTime"),
    log_group="/aws/sagemaker/TrainingJobs",
    instances=_instances,
    objective=_objective,
    plot=_plot,
)
