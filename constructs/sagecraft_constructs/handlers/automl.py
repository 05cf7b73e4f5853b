"""AutoML jobs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from . import clients
from .error import JobError
from .kind import Job, JobKind


class AutoMLJob(JobKind):
    """Its result is its best candidate."""

    name: ClassVar[str] = "AutoMLJob"
    spoken: ClassVar[str] = "AutoML job"
    advice: ClassVar[str] = "Train fewer candidates, or give them less time"
    api_version: ClassVar[str] = "V2"

    def attributes(self, job: Job) -> dict[str, str]:
        """The best candidate, what it reached, and where its reports are; empty where SageMaker made none."""
        best = _best(job)
        objective = best["FinalAutoMLJobObjectiveMetric"]
        properties = best.get("CandidateProperties", {})
        reports = properties.get("CandidateArtifactLocations", {})
        notebooks = job.get("AutoMLJobArtifacts", {})
        return {
            "AutoMLJobName": job["AutoMLJobName"],
            "AutoMLJobArn": job["AutoMLJobArn"],
            "BestCandidateName": best["CandidateName"],
            "BestObjectiveMetricName": objective["MetricName"],
            "BestObjectiveValue": str(objective["Value"]),
            "DataExplorationNotebook": notebooks.get("DataExplorationNotebookLocation", ""),
            "CandidateDefinitionNotebook": notebooks.get("CandidateDefinitionNotebookLocation", ""),
            "Explainability": reports.get("Explainability", ""),
            "ModelInsights": reports.get("ModelInsights", ""),
        }

    def has_results(self, job: Job) -> bool:
        """Whether the models of the best candidate are where they were written."""
        containers = job.get("BestCandidate", {}).get("InferenceContainers", [])
        return bool(containers) and all(clients.any_object(each["ModelDataUrl"], exactly=True) for each in containers)

    def why_stopped(self, job: Job) -> str:
        """A job that reaches a limit of its own has completed."""
        del job
        return "was stopped before it completed."


def _best(job: Job) -> Mapping[str, Any]:
    best: Mapping[str, Any] | None = job.get("BestCandidate")
    if not best:
        raise JobError(
            f"AutoML job {job['AutoMLJobName']} completed ({job['AutoMLJobSecondaryStatus']}) without a candidate. "
            "Give it more time or candidates."
        )
    return best
