"""What sets training jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind

TRAINING: Final = JobKind(
    name="TrainingJob", log_group="/aws/sagemaker/TrainingJobs", leaves_model=True, step="Training"
)
