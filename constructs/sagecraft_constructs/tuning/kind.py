"""What sets tuning jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind
from sagecraft_constructs.training.kind import TRAINING

TUNING: Final = JobKind(
    name="HyperParameterTuningJob",
    # A tuning job has no log but those of its training jobs.
    log_group=TRAINING.log_group,
    longest_name=32,
    step="Tuning",
    leaves_model=True,
)
