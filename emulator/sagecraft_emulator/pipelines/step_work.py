"""What each type of step does when it begins, is taken up again, or is stopped."""

import secrets
import string
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol

from sagecraft_emulator.errors import ApiError, JobFailed
from sagecraft_emulator.state.store import Record, RecordKey, Store

from . import outside
from .api import PipelineApi
from .cache import BESIDES, StepCache, is_cached
from .cache import KIND as CACHE
from .definition import condition
from .definition.document import CONDITION, Definition, Step
from .definition.expression import as_text, evaluate
from .definition.step_type import API, OUTPUT_PARAMETERS
from .part import ENDPOINT, Parts, Result, may_go_on
from .records import CALLBACK, PART, pipeline_key
from .scope import StepScope

_CACHE_KEY: Final = "_CacheKey"
"""In the record of a step: the name under which its success is kept for other executions."""
_TOKEN: Final = "_Token"  # noqa: S105 - by which a step is known that waits for an answer
_TOKEN_LENGTH: Final = 10
_TRACKED: Final = frozenset({"Processing", "Training", "Transform"})
"""The types of steps whose jobs take an `ExperimentConfig`."""


class Owner(Protocol):
    """The execution, as its steps have to do with it."""

    @property
    def record(self) -> Record:
        """Its record."""

    def wait_for(self, key: RecordKey, name: str) -> None:
        """Has a step wait for a record."""

    def change(self, name: str, status: str | None = None, **body: Any) -> None:
        """Changes the record of a step."""

    def succeed(self, name: str, result: Result) -> None:
        """Ends a step."""

    def fail(self, name: str, reason: str | None, exception: str | None = None) -> None:
        """Ends a step as failed."""

    def look_again(self) -> None:
        """Begins what may begin by now."""


class StepWork:
    """Does the steps of an execution.

    Args:
        store: Where records are.
        api: What steps call.
        definition: The pipeline's.
        steps: The records of the steps that have begun, by name.
        parts: Makes SageMaker's resources.
        in_background: Does what may take long.
        owner: The execution.
        instant: Whether jobs are complete without having run.
    """

    def __init__(
        self,
        store: Store,
        api: PipelineApi,
        definition: Definition,
        steps: Mapping[str, Record],
        parts: Parts,
        in_background: Callable[[Callable[[], Any], Callable[[Any], None]], None],
        owner: Owner,
        *,
        instant: bool,
    ) -> None:
        self._store, self._api, self._definition, self._steps = store, api, definition, steps
        self._parts, self._in_background, self._owner, self._instant = parts, in_background, owner, instant
        self._cache = StepCache(store, pipeline_key(owner.record.key))

    def begin(self, step: Step) -> None:
        """Does a step, or begins to.

        Raises:
            ApiError: An operation is refused.
            JobFailed: It cannot be done.
        """
        match step.type:
            case "Condition":
                holds = condition.all_hold(step.arguments["Conditions"], partial(evaluate, scope=self._scope()))
                outcome = {"Outcome": str(holds)}
                self._owner.succeed(step.name, Result({CONDITION: outcome}, outcome))
            case "Fail":
                message = as_text(evaluate(step.arguments.get("ErrorMessage", ""), self._scope()))
                self._owner.change(step.name, Metadata={"Fail": {"ErrorMessage": message}})
                self._owner.fail(step.name, message or None)
            case _:
                self._begin_with_arguments(step)

    def take_up(self, step: Step) -> None:
        """Goes on with a step that an earlier emulator has begun, and that has made no resource.

        Raises:
            ApiError: An operation is refused.
            JobFailed: It cannot be done.
        """
        token = self._steps[step.name].body.get(_TOKEN)
        if token is None:
            self.begin(step)
        elif "Result" in self._callback(token).body:
            self.take_answer(step)
        elif not self._callback(token).body.get("Sent"):
            self._ask(token)

    def stop(self, step: Step) -> None:
        """Has a step end that has begun, as far as that can be done.

        Raises:
            JobFailed: Nobody can be told.
        """
        record = self._steps[step.name]
        if step.type == "Callback":
            self._send(record.body[_TOKEN], stopping=True)
        elif PART in record.body:
            self._parts.stop(step, record.body[PART])

    def finish(self, step: Step, name: str, metadata: Mapping[str, Any]) -> Result:
        """What came of a step whose resource is there, and does no more.

        Raises:
            ApiError: It cannot be described any more.
        """
        result = self._parts.finish(step, name, metadata)
        if step.type == ENDPOINT:
            wanted = evaluate(step.arguments["EndpointConfigName"], self._scope())
            present = result.properties.get("EndpointConfigName")
            if present != wanted:
                reason = result.properties.get("FailureReason", "")
                failure = f"ClientError: the endpoint '{name}' has '{present}' and not '{wanted}'. {reason}".rstrip()
                return Result(metadata, {}, failure)
        return result

    def take_answer(self, step: Step) -> None:
        """Ends a Callback step that has got its answer.

        Raises:
            JobFailed: It lacks an output, or has one of another type.
        """
        waiting = self._callback(self._steps[step.name].body[_TOKEN]).body
        answer = waiting["Result"]
        if "FailureReason" in answer:
            self._owner.fail(step.name, answer["FailureReason"] or None)
            return
        values = outside.outputs(step, {each["Name"]: each["Value"] for each in answer[OUTPUT_PARAMETERS]})
        metadata = {**self._steps[step.name].body["Metadata"]["Callback"], OUTPUT_PARAMETERS: outside.told(values)}
        self._owner.succeed(step.name, Result({"Callback": metadata}, {OUTPUT_PARAMETERS: values}))

    def keep(self, step: Step, result: Result) -> None:
        """Keeps what a step gave that has succeeded, for executions that ask the same."""
        name = self._steps[step.name].body.get(_CACHE_KEY)
        if name is not None:
            key = pipeline_key(self._owner.record.key)._replace(kind=CACHE, name=name)
            kept = {"Metadata": result.metadata, "Properties": result.properties}
            self._cache.keep(key, self._owner.record.arn, kept)

    def _begin_with_arguments(self, step: Step) -> None:
        name = None
        if step.type in API:
            member = API[step.type].name_member
            given = evaluate(step.arguments[member], self._scope()) if member in step.arguments else None
            name = self._steps[step.name].body.get(PART) or self._parts.name(step, given)
        scope = self._scope(name or "")
        arguments = evaluate(step.arguments, scope)
        members = {
            **step.members,
            **{each: evaluate(step.members[each], scope) for each in BESIDES if each in step.members},
        }
        if is_cached(step) and self._is_found(step, arguments, members):
            return
        if name is not None:
            self._make(step, name, arguments)
        elif step.type == "Lambda":
            self._invoke(step, members["FunctionArn"], arguments)
        else:
            self._wait_for_answer(step, members["SqsQueueUrl"], arguments)

    def _is_found(self, step: Step, arguments: Any, members: Mapping[str, Any]) -> bool:
        """Whether an earlier execution has done the same, which then stands for the step."""
        key = self._cache.key(step, arguments, members)
        found = self._cache.find(key, step)
        if found is None:
            self._owner.change(step.name, **{_CACHE_KEY: key.name})
            return False
        self._owner.change(step.name, CacheHitResult={"SourcePipelineExecutionArn": found["Execution"]})
        self._owner.succeed(step.name, Result(found["Metadata"], found["Properties"]))
        return True

    def _make(self, step: Step, name: str, arguments: Mapping[str, Any]) -> None:
        self._owner.change(step.name, **{PART: name})
        key = self._parts.key(step, name)
        if may_go_on(key.kind):
            self._owner.wait_for(key, step.name)
        metadata = self._parts.make(step, name, self._in_experiment(step, arguments))
        self._owner.change(step.name, "Executing", Metadata=metadata)
        if not may_go_on(key.kind):
            self._owner.succeed(step.name, self.finish(step, name, metadata))

    def _in_experiment(self, step: Step, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The request of a job with the experiment and trial of its pipeline, which are made where there are none.

        Source: https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-experiments.html
        """
        config = self._definition.members.get("PipelineExperimentConfig")
        if config is None or step.type not in _TRACKED:
            return arguments
        names = evaluate(config, self._scope())
        for operation, request in (
            ("CreateExperiment", {"ExperimentName": names["ExperimentName"]}),
            ("CreateTrial", names),
        ):
            try:
                self._api.call(operation, request)
            except ApiError as error:
                if "already exists" not in error.message:
                    raise
        return {**arguments, "ExperimentConfig": names}

    def _invoke(self, step: Step, function_arn: str, arguments: Any) -> None:
        self._owner.change(step.name, "Executing", Metadata={"Lambda": {"Arn": function_arn}})

        def work() -> Mapping[str, Any] | JobFailed:
            try:
                return outside.invoke(self._api, function_arn, arguments)
            except JobFailed as error:
                return error

        self._in_background(work, partial(self._invoked, step, function_arn))

    def _invoked(self, step: Step, function_arn: str, answer: Mapping[str, Any] | JobFailed) -> None:
        try:
            if isinstance(answer, JobFailed):
                raise answer
            values = outside.outputs(step, answer)
            metadata = {"Arn": function_arn, OUTPUT_PARAMETERS: outside.told(values)}
            self._owner.succeed(step.name, Result({"Lambda": metadata}, {OUTPUT_PARAMETERS: values}))
        except JobFailed as error:
            self._owner.fail(step.name, str(error))
        self._owner.look_again()

    def _wait_for_answer(self, step: Step, queue_url: str, arguments: Any) -> None:
        alphabet = string.ascii_letters + string.digits
        token = "".join(secrets.choice(alphabet) for _ in range(_TOKEN_LENGTH))
        execution = self._owner.record.key
        body = {
            "PipelineExecutionArn": self._owner.record.arn,
            "Step": step.name,
            "Queue": queue_url,
            "Arguments": arguments,
        }
        arn = self._api.caller.arn("pipeline-callback", token)
        self._store.create(execution._replace(kind=CALLBACK, name=token), arn=arn, status=None, body=body)
        metadata = {"Callback": {"CallbackToken": token, "SqsQueueUrl": queue_url}}
        self._owner.change(step.name, "Executing", **{_TOKEN: token, "Metadata": metadata})
        self._ask(token)

    def _ask(self, token: str) -> None:
        self._send(token, stopping=False)
        self._store.update(self._callback(token).key, body={"Sent": True})

    def _send(self, token: str, *, stopping: bool) -> None:
        body = self._callback(token).body
        outside.send(self._api, body["Queue"], self._owner.record, token, body["Arguments"], stopping=stopping)

    def _callback(self, token: str) -> Record:
        return self._store.get(self._owner.record.key._replace(kind=CALLBACK, name=token))

    def _scope(self, job_name: str = "") -> StepScope:
        return StepScope(
            self._definition, self._owner.record, self._steps, self._api.read, job_name, instant=self._instant
        )
