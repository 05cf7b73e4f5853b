"""What sets transform jobs apart from the other kinds."""

from typing import Final

from sagecraft_constructs.job.kind import JobKind

TRANSFORM: Final = JobKind(name="TransformJob", log_group="/aws/sagemaker/TransformJobs", step="Transform")
