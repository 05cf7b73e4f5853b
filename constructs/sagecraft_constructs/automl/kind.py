"""What sets AutoML jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind

AUTOML: Final = JobKind(
    name="AutoMLJob",
    log_group="/aws/sagemaker/TrainingJobs",
    longest_name=32,
    step="AutoML",
    api_version="V2",
    arn_resource="automl-job",
)
LOG_GROUPS: Final = (AUTOML.log_group, "/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TransformJobs")
"""Of the jobs that an AutoML job begins."""
