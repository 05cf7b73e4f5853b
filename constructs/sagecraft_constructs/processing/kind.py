"""What sets processing jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind

PROCESSING: Final = JobKind(name="ProcessingJob", log_group="/aws/sagemaker/ProcessingJobs", step="Processing")
