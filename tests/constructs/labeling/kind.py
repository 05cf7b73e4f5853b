"""What sets labeling jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind

LABELING: Final = JobKind(name="LabelingJob", log_group="/aws/sagemaker/LabelingJobs", longest_name=63)
