"""The records of executions and of their steps."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .definition.document import Definition

PIPELINE: Final = "Pipeline"
EXECUTION: Final = "PipelineExecution"
"""Of the records of executions, named `pipeline/execution/id`."""
STEP: Final = "PipelineExecutionStep"
"""Of the records of steps that have begun, named `pipeline/execution/id/step`."""
VERSION: Final = "PipelineVersion"
"""Of the records of versions, named `pipeline/version/number`."""
CALLBACK: Final = "PipelineCallback"
"""Of the records of what Callback steps wait for, named by their tokens."""

DEFINITION: Final = "_Definition"
"""In the record of an execution: the definition that it goes by."""
PARAMETERS: Final = "_Parameters"
"""In the record of an execution: the values of all parameters that have one."""
TYPE: Final = "_Type"
"""In the record of a step: its type."""
PROPERTIES: Final = "_Properties"
"""In the record of a step that has succeeded: what other steps may take from it."""
PART: Final = "_Part"
"""In the record of a step: the kind and name of what it has made, or is about to."""

UNDER_WAY: Final = frozenset({"Executing", "Stopping"})
STATES: Final[Mapping[str, States]] = {
    PIPELINE: States({CREATED: {"Active"}, "Active": ()}),
    EXECUTION: States(
        {
            CREATED: {"Executing"},
            "Executing": {"Stopping", "Stopped", "Failed", "Succeeded"},
            "Stopping": {"Stopped", "Failed"},
            "Stopped": {"Executing"},  # is tried again
            "Failed": {"Executing"},
            "Succeeded": (),
        }
    ),
    STEP: States(
        {
            CREATED: {"Starting", "Succeeded"},
            "Starting": {"Executing", "Stopping", "Stopped", "Failed", "Succeeded"},
            "Executing": {"Starting", "Stopping", "Stopped", "Failed", "Succeeded"},
            "Stopping": {"Stopped", "Failed", "Succeeded"},
            "Stopped": (),
            "Failed": (),
            "Succeeded": (),
        }
    ),
}
STEPS_UNDER_WAY: Final = frozenset({"Starting", "Executing", "Stopping"})


def step_key(execution: RecordKey, step: str) -> RecordKey:
    """What names the record of a step of an execution."""
    return execution._replace(kind=STEP, name=f"{execution.name}/{step}")


def execution_key(step: RecordKey) -> RecordKey:
    """What names the record of a step's execution."""
    return step._replace(kind=EXECUTION, name=step.name.rpartition("/")[0])


def pipeline_key(execution: RecordKey) -> RecordKey:
    """What names the record of an execution's pipeline."""
    return execution._replace(kind=PIPELINE, name=execution.name.partition("/")[0])


def version_key(pipeline: RecordKey, number: int) -> RecordKey:
    """What names the record of a version of a pipeline."""
    return pipeline._replace(kind=VERSION, name=f"{pipeline.name}/version/{number}")


def step_name(record: Record) -> str:
    """The name of the step of a record."""
    return record.key.name.rpartition("/")[2]


def step_view(record: Record) -> dict[str, Any]:
    """A step as `ListPipelineExecutionSteps` answers it."""
    return {"StepName": step_name(record), "StepStatus": record.status, "StartTime": record.created, **record.body}


def begun_steps(store: Store, execution: Record) -> Iterator[Record]:
    """The records of the steps of an execution that have begun, in the order of the definition."""
    for name in Definition.of(execution.body[DEFINITION]).steps:
        with suppress(RecordMissing):
            yield store.get(step_key(execution.key, name))
