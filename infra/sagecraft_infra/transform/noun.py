"""What this room is told of transform jobs."""

from typing import Final

from sagecraft_catalog.charge import work as charged

from sagecraft_infra.noun.api import Api
from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.job import JobKind
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

TRANSFORM_JOB: Final = JobKind(
    name="transform",
    api=Api("TransformJob", "transform_job", "TransformJobSummaries"),
    times=("TransformStartTime", "TransformEndTime"),
    log_group="/aws/sagemaker/TransformJobs",
    instances=lambda description: int(description["TransformResources"]["InstanceCount"]),
)

TRANSFORM: Final = Noun(
    look=Look(
        shown={"Custom::SageMakerTransformJob": (Kind.JOB, "Transform job")},
        by_hand={"TransformJob": "Transform job"},
    ),
    job=TRANSFORM_JOB,
    components=(Component("TransformJob"),),
    costs=charged.TRANSFORM,
)
