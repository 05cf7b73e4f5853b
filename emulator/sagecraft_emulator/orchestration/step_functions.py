"""What a state machine's task does whose resource is SageMaker.

There are two families of resources: `arn:aws:states:::sagemaker:createTrainingJob` and the others that Step Functions
is optimized for, of which those with `.sync` wait for the job; and `arn:aws:states:::aws-sdk:sagemaker:` with any
operation.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/connect-sagemaker.html
"""

import contextlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.api.service_model import operation_model, service_model, write_timestamps
from sagecraft_emulator.errors import ApiError, RecordMissing, TaskAborted, TaskError
from sagecraft_emulator.state.store import Record, RecordKey

OPTIMIZED: Final = "arn:aws:states:::sagemaker:"
SDK: Final = "arn:aws:states:::aws-sdk:sagemaker:"
SYNC: Final = ".sync"

OF_ALL_NOUNS: Final = frozenset({"addTags"})
"""The actions that are of no noun."""
ENDED: Final = frozenset({"Completed", "Failed", "Stopped"})
ABORT_CHECK_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Task:
    """A task of an execution.

    Attributes:
        resource: Its ARN.
        arguments: The operation's request.
        caller: Whose execution it is.
        aborted: Whether the execution was stopped, or the task's time is over.
    """

    resource: str
    arguments: Mapping[str, Any]
    caller: Caller
    aborted: Callable[[], bool]


class StepFunctionsIntegration:
    """Does the tasks. Safe for use from several threads.

    Args:
        service: What the tasks call.
        tasks: The kind of the job that `.sync` waits for by action; None for an action that cannot wait.
    """

    def __init__(self, service: SageMakerService, tasks: Mapping[str, str | None]) -> None:
        self._service = service
        self._actions = frozenset({*OF_ALL_NOUNS, *tasks})
        self._jobs = {action: kind for action, kind in tasks.items() if kind is not None}
        self._ended: dict[RecordKey, Event] = {}
        service.store.on_change(self._changed)

    def run(self, task: Task) -> dict[str, Any]:
        """Does a task; returns its result.

        Raises:
            TaskError: The call was refused, or the job failed or was stopped.
            TaskAborted: The task was aborted while its job was running, which is being stopped.
        """
        if task.resource.startswith(SDK):
            operation = _operation(task.resource.removeprefix(SDK))
            answer = self._call(task, operation, "SageMaker")
            return write_timestamps(operation_model(operation), answer, _iso)
        action = task.resource.removeprefix(OPTIMIZED).removesuffix(SYNC)
        waits = task.resource.endswith(SYNC)
        if action not in (self._jobs if waits else self._actions):
            known = sorted(
                [*(OPTIMIZED + each for each in self._actions), *(OPTIMIZED + each + SYNC for each in self._jobs)]
            )
            raise TaskError(
                "States.Runtime",
                f"'{task.resource}' is not one of: {', '.join(known)}. Any other operation is called by '{SDK}' and "
                "its name, which waits for nothing: look how it goes on in a state behind it.",
            )
        operation = _operation(action)
        answer = self._call(task, operation, "AmazonSageMaker")
        if not waits:
            return write_timestamps(operation_model(operation), answer, _milliseconds)
        return self._outcome(task, self._jobs[action])

    def _call(self, task: Task, operation: str, service_exception: str) -> dict[str, Any]:
        try:
            return self._service.call(operation, task.arguments, task.caller)
        except ApiError as error:
            modelled = {shape.name for shape in service_model().error_shapes}
            name = error.code.removesuffix("Exception") if error.code in modelled else service_exception
            raise TaskError(
                f"SageMaker.{name}Exception",
                f"{error.message} (Service: {service_exception}; Status Code: {error.http_status}; "
                f"Error Code: {error.code}; Request ID: {uuid.uuid4()}; Proxy: null)",
            ) from None

    def _outcome(self, task: Task, kind: str) -> dict[str, Any]:
        name = task.arguments[f"{kind}Name"]
        try:
            record = self._wait(task, RecordKey(kind, task.caller.account, task.caller.region, name))
        except RecordMissing:
            raise TaskError("States.TaskFailed", f"{kind} '{name}' was deleted.") from None
        described = write_timestamps(operation_model(f"Describe{kind}"), self._service.describe(record), _milliseconds)
        if record.status != "Completed":
            raise TaskError("States.TaskFailed", json.dumps(described))
        return described

    def _wait(self, task: Task, key: RecordKey) -> Record:
        ended = self._ended.setdefault(key, Event())
        try:
            while (record := self._service.store.get(key)).status not in ENDED:
                if task.aborted():
                    with contextlib.suppress(ApiError):  # it has ended in this moment
                        self._service.call(f"Stop{key.kind}", {f"{key.kind}Name": key.name}, task.caller)
                    raise TaskAborted(f"The task of {record.arn} was aborted.")
                ended.wait(ABORT_CHECK_SECONDS)
            return record
        finally:
            self._ended.pop(key, None)

    def _changed(self, before: Record | None, after: Record) -> None:
        del before
        ended = self._ended.get(after.key)
        if ended is not None and after.status in ENDED:
            ended.set()


def _operation(action: str) -> str:
    return action[:1].upper() + action[1:]


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
