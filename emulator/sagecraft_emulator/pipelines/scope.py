"""What the expressions of a step are evaluated in: the parameters, the execution, and the steps before it."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.jobs.instant import MESSAGE
from sagecraft_emulator.state.store import Record

from .definition import reference as references
from .definition.document import Definition
from .definition.reference import PathError, Reference, value_at
from .records import PARAMETERS, PROPERTIES, pipeline_key


class StepScope:
    """That of one step.

    Args:
        definition: The pipeline's.
        execution: Its record.
        steps: The records of the steps that have begun, by name.
        read: Gives the JSON that an object in S3 holds.
        job_name: What the job of the step is called, as far as it is one.
        instant: Whether jobs are complete without having run.
    """

    def __init__(
        self,
        definition: Definition,
        execution: Record,
        steps: Mapping[str, Record],
        read: Callable[[str], Any],
        job_name: str = "",
        *,
        instant: bool = False,
    ) -> None:
        self._definition, self._execution, self._steps = definition, execution, steps
        self._read, self._job_name, self._instant = read, job_name, instant

    def value(self, reference: Reference) -> Any:
        """As `Scope` says."""
        match reference.root:
            case references.PARAMETERS:
                return self._execution.body[PARAMETERS][reference.name]
            case references.EXECUTION:
                return self._variable(reference.name)
            case _:
                try:
                    return value_at(self._properties(reference), reference.path)
                except PathError as error:
                    raise JobFailed(f"ClientError: '{reference.text}' has no value: {error}") from error

    def file(self, reference: Reference) -> str:
        """As `Scope` says."""
        files = self._definition.steps[reference.name].members[references.PROPERTY_FILES]
        file = next(each for each in files if each["PropertyFileName"] == reference.path[1])
        try:
            path = ("ProcessingOutputConfig", "Outputs", file["OutputName"], "S3Output", "S3Uri")
            uri = value_at(self._properties(reference), path)
        except PathError as error:
            raise JobFailed(
                f"ClientError: the property file '{file['PropertyFileName']}' is in the output '{file['OutputName']}', "
                f"which the step '{reference.name}' has not: {error}"
            ) from error
        return f"{uri.rstrip('/')}/{file['FilePath'].lstrip('/')}"

    def content(self, uri: str) -> Any:
        """As `Scope` says."""
        try:
            return self._read(uri)
        except JobFailed as error:
            if self._instant:
                raise JobFailed(f"{error} {MESSAGE}") from error
            raise

    def _properties(self, reference: Reference) -> Any:
        record = self._steps.get(reference.name)
        if record is None or PROPERTIES not in record.body:
            raise JobFailed(f"ClientError: '{reference.text}' has no value: the step '{reference.name}' has not run.")
        return record.body[PROPERTIES]

    def _variable(self, name: str) -> str:
        execution = self._execution
        match name:
            case "StartDateTime":
                return _iso(execution.created)
            case "CurrentDateTime":
                return _iso(time.time())
            case "PipelineName":
                return pipeline_key(execution.key).name
            case "PipelineArn":
                return str(execution.body["PipelineArn"])
            case "PipelineExecutionId":
                return execution.key.name.rpartition("/")[2]
            case "PipelineExecutionArn":
                return execution.arn
            case _:
                return self._job_name


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
