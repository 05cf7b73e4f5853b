"""One execution on its way: which step begins when, and how all of it ends."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sagecraft_emulator.errors import ApiError, JobFailed
from sagecraft_emulator.jobs.record import FAILURE_CHARACTERS
from sagecraft_emulator.jobs.work import EMULATOR_ENDED
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .api import PipelineApi
from .definition.document import Definition, Step
from .definition.retry import exception_of, exception_of_job, retried_at
from .part import Parts, Result, is_under_way
from .records import DEFINITION, PART, PROPERTIES, STEPS_UNDER_WAY, TYPE, UNDER_WAY, begun_steps, step_key, step_name
from .step_work import StepWork

logger = logging.getLogger(__name__)

FAILED: Final = "Step failure: One or multiple steps failed"
"""Source: `tests/integ/sagemaker/workflow/test_fail_steps.py` of https://github.com/aws/sagemaker-python-sdk"""
DEFAULT_PARALLEL: Final = 50
"""Source: https://docs.aws.amazon.com/general/latest/gr/sagemaker.html, "Maximum number of parallel steps"."""
_RETRY_AT: Final = "_RetryAt"
"""In the record of a step that waits to be tried again: when it is, in epoch seconds."""

InBackground = Callable[[Callable[[], Any], Callable[[Any], None]], None]
"""Does the one on another thread, and hands its result to the other on that of the execution."""


class Execution:
    """An execution that runs. It is not safe for several threads; its conductor has one for all.

    Args:
        store: Where records are.
        record: It.
        api: What its steps call.
        in_background: Does what may take long.
        instant: Whether jobs are complete without having run.
    """

    def __init__(
        self, store: Store, record: Record, api: PipelineApi, in_background: InBackground, *, instant: bool
    ) -> None:
        self._store, self._record, self._api = store, record, api
        self._definition = Definition.of(record.body[DEFINITION])
        self._steps = {step_name(each): each for each in begun_steps(store, record)}
        self._waiting: dict[RecordKey, str] = {}
        self._parts = Parts(store, api, record)
        self._work = StepWork(
            store, api, self._definition, self._steps, self._parts, in_background, self, instant=instant
        )

    @property
    def record(self) -> Record:
        """Its record, as it was last read."""
        return self._record

    @property
    def deadline(self) -> float | None:
        """Epoch seconds at which the next step is tried again; None where none waits for that."""
        return min((each.body[_RETRY_AT] for each in self._steps.values() if _RETRY_AT in each.body), default=None)

    @property
    def is_over(self) -> bool:
        """Whether its record has ended."""
        return self._record.status not in UNDER_WAY

    def owns(self, key: RecordKey) -> bool:
        """Whether it waits for a record to end."""
        return key in self._waiting

    def begin(self) -> None:
        """Begins, or goes on where an earlier emulator ended."""
        self._read()
        for name, record in list(self._steps.items()):
            if record.status in STEPS_UNDER_WAY and _RETRY_AT not in record.body:
                self._guarded(name, partial(self._take_up, self._definition.steps[name]))
        if self._record.status == "Stopping":
            self.stop()
        self.look_again()

    def look_again(self) -> None:
        """Begins what may begin by now, and ends when nothing is left."""
        self._read()
        while self._record.status == "Executing" and (step := self._next()) is not None:
            self._launch(step)
        if not self.is_over and not any(each.status in STEPS_UNDER_WAY for each in self._steps.values()):
            self._end()

    def stop(self) -> None:
        """Ends the steps that can be ended; others are waited for, as AWS does.

        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopPipelineExecution.html
        """
        for name, record in list(self._steps.items()):
            if record.status not in STEPS_UNDER_WAY:
                continue
            if _RETRY_AT in record.body:
                self.change(name, "Stopped", **{_RETRY_AT: None, "EndTime": time.time()})
            elif record.status != "Stopping":
                self.change(name, "Stopping")
                self._guarded(name, partial(self._work.stop, self._definition.steps[name]))
        self.look_again()

    def pass_deadline(self) -> None:
        """Tries steps again whose time has come."""
        for name, record in list(self._steps.items()):
            if record.body.get(_RETRY_AT, time.time() + 1) <= time.time():
                attempts = record.body["AttemptCount"] + 1
                self.change(name, "Starting", **{_RETRY_AT: None, PART: None, "AttemptCount": attempts})
                self._guarded(name, partial(self._work.begin, self._definition.steps[name]))
        self.look_again()

    def part_ended(self, record: Record) -> None:
        """Goes on with what came of a part."""
        name = self._waiting.pop(record.key)
        self._guarded(name, partial(self._part_ended, self._definition.steps[name], record))
        self.look_again()

    def callback_answered(self, name: str) -> None:
        """Goes on with the answer that a Callback step has got."""
        if self._steps[name].status in STEPS_UNDER_WAY:
            self._guarded(name, partial(self._work.take_answer, self._definition.steps[name]))
            self.look_again()

    def wait_for(self, key: RecordKey, name: str) -> None:
        """Has a step wait for a record."""
        self._waiting[key] = name

    def change(self, name: str, status: str | None = None, **body: Any) -> None:
        """Changes the record of a step; a member that is None is removed."""
        self._steps[name] = self._store.update(self._steps[name].key, status=status, body=body)

    def succeed(self, name: str, result: Result) -> None:
        """Ends a step."""
        if result.failure is not None:
            self.change(name, Metadata=result.metadata)
            self.fail(name, result.failure)
        else:
            self._work.keep(self._definition.steps[name], result)
            body = {"Metadata": result.metadata, PROPERTIES: result.properties}
            self.change(name, "Succeeded", EndTime=time.time(), **body)

    def fail(self, name: str, reason: str | None, exception: str | None = None) -> None:
        """Ends a step as failed, or has it wait until it is tried again.

        Args:
            name: The step.
            reason: Why; None where it says nothing.
            exception: What retry policies call that.
        """
        record, step = self._steps[name], self._definition.steps[name]
        attempts = record.body["AttemptCount"]
        again = retried_at(step.members, exception, attempts, record.created)
        if again is not None and self._record.status == "Executing":
            waits: dict[str, Any] = {_RETRY_AT: again}
            self.change(name, **waits)
            return
        if reason is not None and attempts > 1:
            reason = f"{reason} It was tried {attempts} times, which is what its retry policy allows."
        told = None if reason is None else reason[:FAILURE_CHARACTERS]
        self.change(name, "Failed", EndTime=time.time(), FailureReason=told)

    def _read(self) -> None:
        self._record = self._store.get(self._record.key)

    def _next(self) -> Step | None:
        """A step that may begin; None where there is none, or as many run as may."""
        running = sum(each.status in STEPS_UNDER_WAY for each in self._steps.values())
        limit = self._record.body.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps", DEFAULT_PARALLEL)
        if running >= limit:
            return None
        selection = self._record.body.get("SelectiveExecutionConfig")
        selected = None if selection is None else {each["StepName"] for each in selection["SelectedSteps"]}
        steps = (each for each in self._definition.steps.values() if selected is None or each.name in selected)
        return next((each for each in steps if each.name not in self._steps and self._may_begin(each)), None)

    def _may_begin(self, step: Step) -> bool:
        needed = (self._steps.get(name) for name in step.needs)
        if not all(each is not None and each.status == "Succeeded" for each in needed):
            return False
        if step.condition is None:
            return True
        return bool(self._steps[step.condition].body["Metadata"]["Condition"]["Outcome"] == str(step.outcome))

    def _launch(self, step: Step) -> None:
        told = {f"Step{each}": step.members[each] for each in ("DisplayName", "Description") if each in step.members}
        body = {TYPE: step.type, "AttemptCount": 1, **told}
        key = step_key(self._record.key, step.name)
        self._steps[step.name] = self._store.create(key, arn="", status="Starting", body=body)
        self._guarded(step.name, partial(self._work.begin, step))

    def _take_up(self, step: Step) -> None:
        """Goes on with a step that an earlier emulator has begun."""
        name = self._steps[step.name].body.get(PART)
        part = None if name is None else self._parts.find(step, name)
        if part is None:
            self._work.take_up(step)
        elif is_under_way(part):
            self.wait_for(part.key, step.name)
        else:
            self._part_ended(step, part)

    def _part_ended(self, step: Step, part: Record) -> None:
        record, reason = self._steps[step.name], part.body.get("FailureReason", "")
        match part.status:
            case "Failed" if reason == EMULATOR_ENDED and self._record.status == "Executing":
                self.change(step.name, "Starting", **{PART: None})
                self._work.begin(step)
            case "Failed" if reason == EMULATOR_ENDED:
                self.change(step.name, "Stopped", EndTime=time.time())
            case "Failed":
                self.fail(step.name, f"ClientError: {reason}", exception_of_job(reason))
            case "Stopped" if record.status == "Stopping":
                self.change(step.name, "Stopped", EndTime=time.time())
            case "Stopped":
                self.fail(step.name, f"ClientError: {part.arn} was stopped.")
            case _:
                metadata = record.body.get("Metadata") or self._parts.metadata_of(step, part)
                self.succeed(step.name, self._work.finish(step, part.key.name, metadata))

    def _guarded(self, name: str, act: Callable[[], None]) -> None:
        """Does something for a step; an error ends that alone."""
        try:
            act()
        except JobFailed as error:
            self.fail(name, str(error))
        except ApiError as error:
            self.fail(name, f"ClientError: {error.message}", exception_of(error))
        except Exception as error:
            logger.exception("The step %s of %s failed in the emulator", name, self._record.arn)
            self.fail(name, f"InternalServerError: {error}. The emulator's log has the traceback.")

    def _end(self) -> None:
        statuses = {each.status for each in self._steps.values()}
        if self._record.status == "Stopping":
            status, body = "Stopped", {}
        elif "Failed" in statuses:
            status, body = "Failed", {"FailureReason": FAILED}
        else:
            status, body = "Succeeded", {}
        self._record = self._store.update(self._record.key, status=status, body={**body, "_EndTime": time.time()})
        self._api.end()
