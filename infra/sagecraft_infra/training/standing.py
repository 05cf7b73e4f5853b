"""The training jobs that stand somewhere."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sagecraft_infra.noun.section import Remark, Section

from .api import API


@dataclass(frozen=True)
class TrainingJobState:
    """A training job, with its final metrics."""

    name: str
    region: str
    status: str
    failure_reason: str | None
    seconds: float | None
    metrics: dict[str, float]
    model_artifacts: str | None


def _state(name: str, region: str, job: Mapping[str, Any]) -> TrainingJobState:
    return TrainingJobState(
        name=name,
        region=region,
        status=job["TrainingJobStatus"],
        failure_reason=job.get("FailureReason"),
        seconds=_seconds(job.get("TrainingStartTime"), job.get("TrainingEndTime")),
        metrics={each["MetricName"]: each["Value"] for each in job.get("FinalMetricDataList", [])},
        model_artifacts=job.get("ModelArtifacts", {}).get("S3ModelArtifacts"),
    )


def _row(job: TrainingJobState) -> tuple[str, ...]:
    return job.name, job.status, "" if job.seconds is None else f"{job.seconds:.1f}"


def _outcome(job: TrainingJobState) -> Remark | None:
    """Why a job failed, else its final metrics; they are too wide for a column of their own."""
    if job.failure_reason is not None:
        return Remark("", job.name, f"\n  {job.failure_reason}")
    if not job.metrics:
        return None
    metrics = "   ".join(f"{name}={value:.4g}" for name, value in job.metrics.items())
    return Remark("Final metrics of ", job.name, f"\n{metrics}")


def _seconds(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()


TRAINING_JOBS: Final = Section(
    key="training_jobs",
    resource_type="Custom::SageMakerTrainingJob",
    api=API,
    state=_state,
    is_part=lambda description: "TuningJobArn" in description,
    columns=("Training job", "Status", "Seconds"),
    row=_row,
    remark=_outcome,
)
