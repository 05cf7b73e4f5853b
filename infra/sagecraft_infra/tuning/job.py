"""Tuning jobs as jobs."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.job import Job, JobKind, reached

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sagecraft_infra.target import Target


def _objective(description: Mapping[str, Any]) -> float | None:
    return reached(description.get("BestTrainingJob", {}))


def _plot(target: "Target", region: str, job: Job) -> "Figure":
    from .plot import plot_tuning  # noqa: PLC0415 - loads Matplotlib, and below what asks AWS
    from .progress import take_tuning_progress  # noqa: PLC0415

    return plot_tuning(take_tuning_progress(target, region, job.kind, job.name))


def _watch(target: "Target", region: str, name: str) -> Job:
    from .view import watch_tuning  # noqa: PLC0415 - loads Rich

    return watch_tuning(target, region, TUNING_JOB, name)


TUNING_JOB: Final = JobKind(
    name="tuning",
    api=Api("HyperParameterTuningJob", "hyper_parameter_tuning_job", "HyperParameterTuningJobSummaries"),
    times=("CreationTime", "HyperParameterTuningEndTime"),
    log_group="/aws/sagemaker/TrainingJobs",
    instances=lambda _: 1,
    objective=_objective,
    starts_jobs=True,
    plot=_plot,
    watch=_watch,
)
