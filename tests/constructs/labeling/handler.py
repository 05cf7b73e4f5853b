"""Labeling jobs, as the module beside the handlers' others would have them."""

from typing import ClassVar

from sagecraft_constructs.handlers import clients
from sagecraft_constructs.handlers.kind import Job, JobKind


class LabelingJob(JobKind):
    """Its result is a manifest of labels."""

    name: ClassVar[str] = "LabelingJob"
    spoken: ClassVar[str] = "Labeling job"
    advice: ClassVar[str] = "Label less"

    def attributes(self, job: Job) -> dict[str, str]:
        return {"OutputDatasetS3Uri": job["LabelingJobOutput"]["OutputDatasetS3Uri"]}

    def has_results(self, job: Job) -> bool:
        return clients.any_object(job["LabelingJobOutput"]["OutputDatasetS3Uri"], exactly=True)

    def why_stopped(self, job: Job) -> str:
        return "was stopped before it completed."
