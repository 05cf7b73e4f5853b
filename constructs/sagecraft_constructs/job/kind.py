"""The kinds of jobs that CloudFormation has no type for."""

from enum import StrEnum

from sagecraft_constructs.handlers.name import SUFFIX_LENGTH

_LONGEST_NAME = 63
_LONGEST_TUNING_NAME = 32


class JobKind(StrEnum):
    """A kind of job, as the operations of SageMaker's API are named."""

    TRAINING = "TrainingJob"
    TUNING = "HyperParameterTuningJob"
    TRANSFORM = "TransformJob"
    PROCESSING = "ProcessingJob"

    @property
    def resource_type(self) -> str:
        """The type of the custom resource."""
        return f"Custom::SageMaker{self}"

    @property
    def arn_type(self) -> str:
        """What stands before the name in the ARN of a job."""
        return "".join(f"-{each.lower()}" if each.isupper() else each for each in self).lstrip("-")

    @property
    def name_prefix_length(self) -> int:
        """How long the name of a job can be, less the hash, the attempt and their hyphens."""
        return (_LONGEST_TUNING_NAME if self is JobKind.TUNING else _LONGEST_NAME) - SUFFIX_LENGTH
