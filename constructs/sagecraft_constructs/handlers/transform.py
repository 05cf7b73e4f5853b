"""Batch transform jobs."""

from collections.abc import Mapping
from typing import Any, ClassVar

from . import clients
from .kind import Job, JobKind


class TransformJob(JobKind):
    """Its result is an object for each object that it read."""

    name: ClassVar[str] = "TransformJob"
    spoken: ClassVar[str] = "Transform job"
    advice: ClassVar[str] = "Transform less data, or use more or larger instances"

    def named(self, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """The output goes below the name of the job, so that no job writes over another's."""
        output = request["TransformOutput"]
        output = {**output, "S3OutputPath": f"{output['S3OutputPath']}/{name}"}
        return {**super().named(name, request), "TransformOutput": output}

    def attributes(self, job: Job) -> dict[str, str]:
        """Its name and where its output is."""
        return {
            "TransformJobName": job["TransformJobName"],
            "TransformJobArn": job["TransformJobArn"],
            "S3OutputPath": job["TransformOutput"]["S3OutputPath"],
        }

    def has_results(self, job: Job) -> bool:
        """Whether any output is left."""
        return clients.any_object(f"{job['TransformOutput']['S3OutputPath']}/")

    def why_stopped(self, job: Job) -> str:
        """A transform job has no limit of its own that could stop it."""
        del job
        return "was stopped before it completed."
