"""Executions of pipelines: their requests and records."""

import hashlib
import string
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from sagecraft_catalog.near_match import did_you_mean

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.errors import (
    ApiError,
    JobFailed,
    RecordExists,
    RecordMissing,
    resource_not_found,
    validation_error,
)
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .definition.document import Definition
from .definition.expression import as_text, evaluate
from .kind import PipelineKind
from .records import (
    CALLBACK,
    DEFINITION,
    EXECUTION,
    PARAMETERS,
    STEPS_UNDER_WAY,
    UNDER_WAY,
    begun_steps,
    pipeline_key,
    step_key,
    step_name,
    step_view,
)
from .runner import PipelineRunner
from .scope import StepScope
from .version_kind import DEFINITION as OF_VERSION
from .version_kind import VERSION_ID, PipelineVersionKind

_ASKED: Final = "_Asked"
"""In the record of an execution: the request that has begun it."""
_ID_CHARACTERS: Final = string.ascii_lowercase + string.digits
_ID_LENGTH: Final = 12


class PipelineExecutionKind(ResourceKind):
    """`StartPipelineExecution` and its siblings.

    Args:
        store: Where records are.
        pipelines: The kind of what is executed.
        versions: The kind of its versions.
        runner: Runs executions.
    """

    kind, arn_type, spoken = EXECUTION, "pipeline", "pipeline execution"
    plural, list_member = "PipelineExecutions", "PipelineExecutionSummaries"
    filters = frozenset({"PipelineName"})
    searched_as = "PipelineExecution"

    def __init__(
        self, store: Store, pipelines: PipelineKind, versions: PipelineVersionKind, runner: PipelineRunner
    ) -> None:
        super().__init__(store)
        self._pipelines, self._versions, self._runner = pipelines, versions, runner

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            "StartPipelineExecution": self.start,
            "StopPipelineExecution": self.stop,
            "RetryPipelineExecution": self.retry,
            "UpdatePipelineExecution": self.update,
            "DescribePipelineExecution": self.describe,
            "ListPipelineExecutions": self.list,
            "ListPipelineExecutionSteps": self.list_steps,
            "ListPipelineParametersForExecution": self.list_parameters,
            "DescribePipelineDefinitionForExecution": self.describe_definition,
            "SendPipelineExecutionStepSuccess": self.send_success,
            "SendPipelineExecutionStepFailure": self.send_failure,
        }

    def start(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins an execution of a pipeline's last version, or of another; the same request again begins none.

        Raises:
            ApiError: There is no such pipeline or version, its parameters are not as it declares them, a step is
                selected whose needs are not met, or another request had the token.
        """
        pipeline = self._pipelines.record(caller, self._pipelines.name_in(request))
        key = pipeline.key._replace(
            kind=EXECUTION, name=f"{pipeline.key.name}/execution/{_identity(pipeline, request)}"
        )
        asked = {name: value for name, value in request.items() if name != "PipelineName"}
        with suppress(RecordMissing):
            return {"PipelineExecutionArn": _same(self.store.get(key), asked).arn}
        version = self._versions.find(pipeline, request.get(VERSION_ID))
        definition = Definition.of(version.body[OF_VERSION])
        values = _parameters(definition, request.get("PipelineParameters", []))
        reused = self._reused(pipeline, definition, request.get("SelectiveExecutionConfig"))
        body = {
            "PipelineArn": pipeline.arn,
            "PipelineExecutionDisplayName": f"execution-{round(time.time() * 1000)}",
            "RoleArn": pipeline.body["RoleArn"],
            VERSION_ID: version.body[VERSION_ID],
            "CreatedBy": {},
            "LastModifiedBy": {},
            **_kept(request, "PipelineExecutionDisplayName", "PipelineExecutionDescription"),
            **_kept(pipeline.body, "ParallelismConfiguration"),
            **_kept(request, "ParallelismConfiguration", "SelectiveExecutionConfig"),
            _ASKED: asked,
            DEFINITION: version.body[OF_VERSION],
            PARAMETERS: values,
        }
        try:
            arn = self.store.create(key, arn=caller.arn(self.arn_type, key.name), status="Executing", body=body).arn
        except RecordExists:  # the same request came twice in this moment
            return {"PipelineExecutionArn": _same(self.store.get(key), asked).arn}
        for each in reused:
            result = {"SourcePipelineExecutionArn": request["SelectiveExecutionConfig"]["SourcePipelineExecutionArn"]}
            self.store.create(
                step_key(key, step_name(each)),
                arn="",
                status="Succeeded",
                body={**each.body, "SelectiveExecutionResult": result, "EndTime": time.time()},
            )
        self.store.update(pipeline.key, body={"LastRunTime": time.time()})
        self._versions.begun(version, arn)
        self._runner.start(key)
        return {"PipelineExecutionArn": arn}

    def stop(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to stop an execution.

        Raises:
            ApiError: There is none of that ARN, or it has ended.
        """
        record = self._found(caller, request)
        if record.status == "Executing":
            self.store.update(record.key, status="Stopping", present_status="Executing")
            self._runner.stop(record.key)
        elif record.status != "Stopping":
            raise validation_error(
                f"Only executions with status Executing can be stopped, and '{record.arn}' is {record.status}."
            )
        return {"PipelineExecutionArn": record.arn}

    def retry(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Runs again what has failed or was stopped of an execution, and what would have followed.

        Raises:
            ApiError: There is none of that ARN, or it runs or has succeeded.
        """
        record = self._found(caller, request)
        if record.status not in {"Failed", "Stopped"}:
            raise validation_error(
                f"Only executions with status Failed or Stopped can be retried, and '{record.arn}' is {record.status}."
            )
        for each in self._begun(record):
            if each.status != "Succeeded":
                self.store.delete(each.key)
        body = {"FailureReason": None, **_kept(request, "ParallelismConfiguration")}
        self.store.update(record.key, status="Executing", body=body, present_status=record.status)
        self._runner.start(record.key)
        return {"PipelineExecutionArn": record.arn}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes how an execution is called and described, and how many of its steps run at once from now on."""
        record = self._found(caller, request)
        self.store.update(record.key, body={name: each for name, each in request.items() if name != f"{EXECUTION}Arn"})
        self._runner.look_again(record.key)
        return {"PipelineExecutionArn": record.arn}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of an execution."""
        return self.view(self._found(caller, request))

    def describe_definition(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The definition that an execution goes by, whatever its pipeline has become."""
        record = self._found(caller, request)
        return {"PipelineDefinition": record.body[DEFINITION], "CreationTime": record.created}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the executions of a pipeline.

        Raises:
            ApiError: There is no such pipeline.
        """
        pipeline = self._pipelines.record(caller, self._pipelines.name_in(request))
        return super().list(caller, {**request, "PipelineName": pipeline.key.name})

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether an execution passes the filters of a List request."""
        return record.key.name.startswith(f"{request['PipelineName']}/") and super().passes(record, request)

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a List answer is sorted by."""
        return record.arn if sort_by == "PipelineExecutionArn" else super().sort_key(record, sort_by)

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        view = super().view(record)
        if "FailureReason" in view:
            view["PipelineExecutionFailureReason"] = view["FailureReason"]
        definition = Definition.of(record.body[DEFINITION])
        experiment = definition.members.get("PipelineExperimentConfig")
        if experiment is not None:
            view["PipelineExperimentConfig"] = evaluate(experiment, StepScope(definition, record, {}, _unread))
        return {**view, "StartTime": record.created}

    def list_steps(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the steps that have begun, the last first unless another order is asked for."""
        if f"{EXECUTION}Arn" not in request:
            raise validation_error("PipelineExecutionArn must be given.")
        steps = self._begun(self._found(caller, request))
        descending = request.get("SortOrder", "Descending") == "Descending"

        def position(step: Record) -> tuple[Any, ...]:
            return step.created, step.key.name

        return page(steps, request, "PipelineExecutionSteps", position, step_view, descending=descending)

    def list_parameters(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the parameters that an execution has, those by default among them."""
        values = self._found(caller, request).body[PARAMETERS]
        parameters = [{"Name": name, "Value": as_text(value)} for name, value in values.items()]
        return page(parameters, request, "PipelineParameters", lambda each: (each["Name"],), dict)

    def send_success(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Ends a Callback step that waits for that."""
        return self._send(caller, request, {"OutputParameters": request.get("OutputParameters", [])})

    def send_failure(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Ends a Callback step as failed."""
        return self._send(caller, request, {"FailureReason": request.get("FailureReason", "")})

    def _send(self, caller: Caller, request: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
        token = request["CallbackToken"]
        key = RecordKey(CALLBACK, caller.account, caller.region, token)
        try:
            waiting = self.store.get(key).body
            execution = self.store.find_arn(waiting["PipelineExecutionArn"])
            step = self.store.get(step_key(execution.key, waiting["Step"]))
        except RecordMissing:
            raise resource_not_found(f"There is no callback step with the token '{token}'.") from None
        if "Result" in waiting and waiting["Result"] != result:
            raise validation_error(f"The callback step of the token '{token}' has had its answer.")
        if "Result" not in waiting and step.status not in STEPS_UNDER_WAY:
            raise validation_error(f"The callback step of the token '{token}' is {step.status}, and waits no more.")
        if "Result" not in waiting:
            self.store.update(key, body={"Result": result})
            self._runner.callback_answered(execution.key, waiting["Step"])
        return {"PipelineExecutionArn": execution.arn}

    def _found(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        arn: str = request[f"{EXECUTION}Arn"]
        with suppress(RecordMissing):
            record = self.store.find_arn(arn)
            if (record.key.kind, record.key.account, record.key.region) == (EXECUTION, *caller):
                return record
        raise resource_not_found(f"Pipeline execution '{arn}' does not exist.")

    def _begun(self, execution: Record) -> Sequence[Record]:
        return list(begun_steps(self.store, execution))

    def _reused(
        self, pipeline: Record, definition: Definition, selective: Mapping[str, Any] | None
    ) -> Sequence[Record]:
        """The steps of the source execution that those which are selected need, and that are not selected.

        Source of AWS's words: https://github.com/aws/sagemaker-python-sdk/issues/4444
        """
        if selective is None:
            return []
        selected = [each["StepName"] for each in selective["SelectedSteps"]]
        for name in selected:
            if name not in definition.steps:
                raise validation_error(
                    f"The selected step '{name}' is not in the pipeline.{did_you_mean(name, definition.steps)}"
                )
        needed = {each for name in selected for each in definition.steps[name].needs} - set(selected)
        source = selective.get("SourcePipelineExecutionArn")
        if not needed:
            return []
        told = f"The selected steps [{', '.join(selected)}] have dependencies on [{', '.join(sorted(needed))}]"
        if source is None:
            raise validation_error(f"Invalid SourcePipelineExecutionArn: null. {told}")
        try:
            execution = self.store.find_arn(source)
        except RecordMissing:
            raise validation_error(f"Invalid SourcePipelineExecutionArn: {source}. It does not exist.") from None
        if pipeline_key(execution.key) != pipeline.key or execution.status in UNDER_WAY:
            raise validation_error(
                f"Invalid SourcePipelineExecutionArn: {source}. It must be an execution of '{pipeline.key.name}' that "
                f"has ended, and is {execution.status}."
            )
        found = {step_name(each): each for each in self._begun(execution) if each.status == "Succeeded"}
        if absent := sorted(needed - found.keys()):
            raise validation_error(
                f"Invalid SourcePipelineExecutionArn: {source}. {told}, of which [{', '.join(absent)}] have not "
                "succeeded there."
            )
        return [found[name] for name in sorted(needed)]


def _identity(pipeline: Record, request: Mapping[str, Any]) -> str:
    """What an execution is called: by its request, so that the same one begins no second execution."""
    told = f"{pipeline.arn}/{pipeline.created}/{request['ClientRequestToken']}"
    number = int.from_bytes(hashlib.sha256(told.encode()).digest())
    return "".join(
        _ID_CHARACTERS[number // len(_ID_CHARACTERS) ** place % len(_ID_CHARACTERS)] for place in range(_ID_LENGTH)
    )


def _same(execution: Record, asked: Mapping[str, Any]) -> Record:
    """An execution that the token of a request has begun, when that asked for the same.

    Raises:
        ApiError: It asked for something else.
    """
    if execution.body[_ASKED] != asked:
        raise ApiError(
            "ConflictException",
            f"Another request had the ClientRequestToken '{asked['ClientRequestToken']}', and has begun "
            f"'{execution.arn}'. Give a new one.",
        )
    return execution


def _unread(uri: str) -> Any:
    """Of an execution's experiment, which is called by nothing that an object holds."""
    raise JobFailed(f"ClientError: the name of an experiment cannot be read from {uri}.")


def _kept(members: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: members[name] for name in names if name in members}


def _parameters(definition: Definition, given: list[dict[str, str]]) -> dict[str, Any]:
    """The values of an execution's parameters by name.

    Source of AWS's words for an empty one: https://github.com/aws/sagemaker-python-sdk/issues/4016

    Raises:
        ApiError: One is not declared, given twice, of another type or not allowed, or has no value.
    """
    declared = definition.parameters
    values = {name: each.default for name, each in declared.items() if each.default is not None}
    problems: list[str] = []
    seen: set[str] = set()
    for each in given:
        name, text = each["Name"], each["Value"]
        if name in seen:
            problems.append(f"The parameter '{name}' is given twice.")
        seen.add(name)
        if name not in declared:
            problems.append(
                f"The pipeline has no parameter '{name}'. It has: {', '.join(declared) or 'none'}."
                f"{did_you_mean(name, declared)}"
            )
        elif not text:
            problems.append('[string "" is too short (length: 0, required minimum: 1)]')
        else:
            try:
                values[name] = declared[name].read(text)
            except ValueError as error:
                problems.append(str(error))
    missing = [name for name in declared if name not in values and name not in seen]
    if missing:
        problems.append(f"No value is given for the parameters [{', '.join(missing)}], which have no default value.")
    if problems:
        raise validation_error(" ".join(problems))
    return values
