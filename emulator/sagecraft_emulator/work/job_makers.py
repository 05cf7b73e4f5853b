"""What does the work of each kind of job."""

from collections.abc import Mapping
from typing import Final

from .job_runner import Make
from .processing_job import ProcessingJob
from .training_job import TrainingJob
from .transform_job import TransformJob

JOB_MAKERS: Final[Mapping[str, Make]] = {
    "TrainingJob": TrainingJob,
    "ProcessingJob": ProcessingJob,
    "TransformJob": TransformJob,
}
