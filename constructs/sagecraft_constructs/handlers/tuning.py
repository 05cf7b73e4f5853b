"""Hyperparameter tuning jobs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from . import clients
from .error import JobError
from .kind import Job, JobKind
from .name import hyperparameter_attribute


class HyperParameterTuningJob(JobKind):
    """Its result is that of its best training job."""

    name: ClassVar[str] = "HyperParameterTuningJob"
    spoken: ClassVar[str] = "Tuning job"
    advice: ClassVar[str] = "Run fewer training jobs, or more of them in parallel"

    def attributes(self, job: Job) -> dict[str, str]:
        """The best training job, what it reached, its artefact and its hyperparameters."""
        best = job.get("BestTrainingJob")
        if not best:
            raise JobError(
                f"Tuning job {job['HyperParameterTuningJobName']} completed, but none of its training jobs reported "
                "the objective metric. Look into the log of one of them for the metric's name."
            )
        objective = best["FinalHyperParameterTuningJobObjectiveMetric"]
        training = _training_job(best)
        tuned = best.get("TunedHyperParameters", {})
        return {
            "HyperParameterTuningJobName": job["HyperParameterTuningJobName"],
            "HyperParameterTuningJobArn": job["HyperParameterTuningJobArn"],
            "BestTrainingJobName": best["TrainingJobName"],
            "BestTrainingJobDefinitionName": best.get("TrainingJobDefinitionName", ""),
            "BestObjectiveMetricName": objective["MetricName"],
            "BestObjectiveValue": str(objective["Value"]),
            "S3ModelArtifacts": training["ModelArtifacts"]["S3ModelArtifacts"],
            **{hyperparameter_attribute(name): value for name, value in tuned.items()},
        }

    def has_results(self, job: Job) -> bool:
        """Whether the best training job's artefact is where it was written."""
        best = job.get("BestTrainingJob")
        if not best:
            return False
        return clients.any_object(_training_job(best)["ModelArtifacts"]["S3ModelArtifacts"], exactly=True)

    def why_stopped(self, job: Job) -> str:
        """SageMaker gives no reason, but the times tell whether it was the limit."""
        config = job["HyperParameterTuningJobConfig"]
        limit = config["ResourceLimits"].get("MaxRuntimeInSeconds")
        ended = job.get("HyperParameterTuningEndTime")
        if limit is not None and ended is not None and (ended - job["CreationTime"]).total_seconds() >= limit:
            return f"was stopped, because it ran longer than its max_runtime of {limit} seconds."
        return "was stopped before it completed."


def _training_job(best: Mapping[str, Any]) -> Mapping[str, Any]:
    return clients.sagemaker().describe_training_job(TrainingJobName=best["TrainingJobName"])
