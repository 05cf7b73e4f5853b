"""What an off switch stops."""

from enum import StrEnum
from typing import Final


class Stoppable(StrEnum):
    """Kinds of what costs money by the hour."""

    ENDPOINT = "endpoint"
    NOTEBOOK_INSTANCE = "notebook-instance"
    STUDIO_APP = "app"
    JOB = "job"
    """Training, processing, transform, tuning and AutoML jobs."""

    @property
    def arn_types(self) -> tuple[str, ...]:
        """What stands in their ARNs before the name."""
        return tuple(dict.fromkeys(arn_type for arn_type, _, _ in self.actions))

    @property
    def actions(self) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
        """For each type of ARN the actions that look at one, and those that stop or start one.

        Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
        """
        return _ACTIONS[self]


_ACTIONS: Final[dict[Stoppable, tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]]] = {
    Stoppable.ENDPOINT: (("endpoint", ("DescribeEndpoint", "ListTags"), ("DeleteEndpoint",)),),
    Stoppable.NOTEBOOK_INSTANCE: (
        ("notebook-instance", ("DescribeNotebookInstance",), ("StartNotebookInstance", "StopNotebookInstance")),
    ),
    Stoppable.STUDIO_APP: (("app", ("DescribeApp",), ("DeleteApp",)),),
    Stoppable.JOB: (
        ("automl-job", ("DescribeAutoMLJobV2",), ("StopAutoMLJob",)),
        ("hyper-parameter-tuning-job", ("DescribeHyperParameterTuningJob",), ("StopHyperParameterTuningJob",)),
        ("training-job", ("DescribeTrainingJob",), ("StopTrainingJob",)),
        ("processing-job", ("DescribeProcessingJob",), ("StopProcessingJob",)),
        ("transform-job", ("DescribeTransformJob",), ("StopTransformJob",)),
    ),
}
