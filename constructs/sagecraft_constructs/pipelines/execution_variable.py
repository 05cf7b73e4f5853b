"""What a run of a pipeline knows of itself."""

from enum import StrEnum
from functools import cache
from typing import Any

from sagecraft_constructs.job.reference import NameOf, Reference


class ExecutionVariable(StrEnum):
    """What a run of a pipeline knows of itself; `text` is what stands for it in a prop or a text.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/build-and-manage-parameters.html
    """

    START_DATETIME = "StartDateTime"
    CURRENT_DATETIME = "CurrentDateTime"
    PIPELINE_NAME = "PipelineName"
    PIPELINE_ARN = "PipelineArn"
    PIPELINE_EXECUTION_ID = "PipelineExecutionId"
    PIPELINE_EXECUTION_ARN = "PipelineExecutionArn"
    TRAINING_JOB_NAME = "TrainingJobName"
    PROCESSING_JOB_NAME = "ProcessingJobName"

    @property
    def reference(self) -> Reference:
        """The variable, for a `Condition`."""
        return _variable(self)

    @property
    def text(self) -> str:
        """What stands for it as a text, or in one."""
        return self.reference.text


class _Variable(Reference):
    def __init__(self, variable: ExecutionVariable) -> None:
        self._variable = variable

    def expression(self, name_of: NameOf) -> dict[str, Any]:
        """What the run knows."""
        del name_of
        return {"Get": f"Execution.{self._variable.value}"}

    @property
    def told(self) -> str:
        """Its name."""
        return f"The execution variable {self._variable.value}"


@cache
def _variable(variable: ExecutionVariable) -> Reference:
    return _Variable(variable)
