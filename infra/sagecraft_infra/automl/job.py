"""AutoML jobs as jobs."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.job import JobKind


def _objective(description: Mapping[str, Any]) -> float | None:
    reached = description.get("BestCandidate", {}).get("FinalAutoMLJobObjectiveMetric")
    return None if reached is None else float(reached["Value"])


AUTOML_JOB: Final = JobKind(
    name="automl",
    api=Api("AutoMLJob", "auto_ml_job", "AutoMLJobSummaries", version="_v2", spoken="AutoML job"),
    times=("CreationTime", "EndTime"),
    log_group="/aws/sagemaker/TrainingJobs",
    instances=lambda _: 1,
    objective=_objective,
    starts_jobs=True,
)
