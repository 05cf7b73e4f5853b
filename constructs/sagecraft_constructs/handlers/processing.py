"""Processing jobs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from . import clients
from .kind import Job, JobKind
from .name import output_attribute


class ProcessingJob(JobKind):
    """Its result is what its program left for each output."""

    name: ClassVar[str] = "ProcessingJob"
    spoken: ClassVar[str] = "Processing job"
    advice: ClassVar[str] = "Process less data, or use more or larger instances"

    def named(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Each output goes below the name of the job, so that no job writes over another's."""
        named = super().named(name, request)
        if config := request.get("ProcessingOutputConfig"):
            outputs = [
                {**each, "S3Output": {**each["S3Output"], "S3Uri": f"{each['S3Output']['S3Uri']}/{name}"}}
                for each in config["Outputs"]
            ]
            named["ProcessingOutputConfig"] = {**config, "Outputs": outputs}
        return named

    def attributes(self, job: Job) -> dict[str, str]:
        """Its name, where its outputs are, and what its program left in `/opt/ml/output/message`."""
        return {
            "ProcessingJobName": job["ProcessingJobName"],
            "ProcessingJobArn": job["ProcessingJobArn"],
            "ExitMessage": job.get("ExitMessage", ""),
            **{output_attribute(name): uri for name, uri in _outputs(job).items()},
        }

    def has_results(self, job: Job) -> bool:
        """Whether something is left of every output; a job without outputs has nothing that could be gone."""
        return all(clients.any_object(f"{uri}/") for uri in _outputs(job).values())

    def why_stopped(self, job: Job) -> str:
        """SageMaker gives no reason, but the times tell whether it was the limit."""
        limit = job.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
        began, ended = job.get("ProcessingStartTime"), job.get("ProcessingEndTime")
        if limit is not None and began is not None and ended is not None and (ended - began).total_seconds() >= limit:
            return f"was stopped, because it ran longer than its max_runtime of {limit} seconds."
        return "was stopped before it completed."


def _outputs(job: Job) -> dict[str, str]:
    outputs = job.get("ProcessingOutputConfig", {}).get("Outputs", [])
    return {each["OutputName"]: each["S3Output"]["S3Uri"] for each in outputs}
