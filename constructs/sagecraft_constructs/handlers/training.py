"""Training jobs."""

from typing import ClassVar

from . import clients
from .kind import Job, JobKind
from .name import metric_attribute


class TrainingJob(JobKind):
    """Its result is `model.tar.gz`, and the final values of its metrics."""

    name: ClassVar[str] = "TrainingJob"
    spoken: ClassVar[str] = "Training job"
    advice: ClassVar[str] = "Train on less data or on a larger instance"

    def attributes(self, job: Job) -> dict[str, str]:
        """Its name, its artefact and its final metrics."""
        final = job.get("FinalMetricDataList", [])
        return {
            "TrainingJobName": job["TrainingJobName"],
            "TrainingJobArn": job["TrainingJobArn"],
            "S3ModelArtifacts": job["ModelArtifacts"]["S3ModelArtifacts"],
            **{metric_attribute(each["MetricName"]): str(each["Value"]) for each in final},
        }

    def has_results(self, job: Job) -> bool:
        """Whether the artefact is where it was written."""
        return clients.any_object(job["ModelArtifacts"]["S3ModelArtifacts"], exactly=True)

    def why_stopped(self, job: Job) -> str:
        """SageMaker says so in `SecondaryStatus`."""
        match job["SecondaryStatus"]:
            case "MaxRuntimeExceeded":
                seconds = job["StoppingCondition"].get("MaxRuntimeInSeconds")
                return f"was stopped, because it ran longer than its max_runtime of {seconds} seconds."
            case "MaxWaitTimeExceeded":
                return "was stopped, because no spot capacity came within its max_wait."
            case _:
                return "was stopped before it completed."
