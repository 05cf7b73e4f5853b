"""What this room is told of processing jobs."""

from typing import Final

from sagecraft_catalog.charge import work as charged

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.job import JobKind
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

PROCESSING_JOB: Final = JobKind(
    name="processing",
    api=Api("ProcessingJob", "processing_job", "ProcessingJobSummaries"),
    times=("ProcessingStartTime", "ProcessingEndTime"),
    log_group="/aws/sagemaker/ProcessingJobs",
    instances=lambda description: int(description["ProcessingResources"]["ClusterConfig"]["InstanceCount"]),
)

PROCESSING: Final = Noun(
    look=Look(
        shown={
            "Custom::SageMakerProcessingJob": (Kind.JOB, "Processing job"),
            "AWS::SageMaker::ProcessingJob": (Kind.JOB, "Processing job"),
        },
        by_hand={"ProcessingJob": "Processing job"},
    ),
    job=PROCESSING_JOB,
    components=(Component("ProcessingJob"),),
    costs=charged.PROCESSING,
)
