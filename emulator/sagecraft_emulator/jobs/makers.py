"""What does the work of each kind of job."""

from collections.abc import Mapping
from typing import Final

from sagecraft_emulator.processing.job import ProcessingJob
from sagecraft_emulator.training.job import TrainingJob
from sagecraft_emulator.transform.job import TransformJob

from .runner import Make

JOB_MAKERS: Final[Mapping[str, Make]] = {
    "TrainingJob": TrainingJob,
    "ProcessingJob": ProcessingJob,
    "TransformJob": TransformJob,
}
