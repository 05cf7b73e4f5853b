"""What EventBridge is told of executions and of their steps.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html, "Pipeline execution
state change" and "Pipeline step state change".
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sagecraft_catalog import partition

from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.state.store import Record, RecordKey

from .records import EXECUTION, STEP, TYPE, execution_key, pipeline_key, step_name

_TOLD: Final = {"FailureReason": "failureReason", "CacheHitResult": "cacheHitResult"}


def _execution_told(before: Record | None, after: Record) -> dict[str, Any]:
    body = after.body
    told = {
        "pipelineExecutionDisplayName": body["PipelineExecutionDisplayName"],
        "currentPipelineExecutionStatus": after.status,
        "executionStartTime": _iso(after.created),
        "pipelineArn": _arn(pipeline_key(after.key)),
        "pipelineExecutionArn": after.arn,
    }
    if before is not None:
        told["previousPipelineExecutionStatus"] = before.status
    if "_EndTime" in body:
        told["executionEndTime"] = _iso(body["_EndTime"])
    if "PipelineExecutionDescription" in body:
        told["pipelineExecutionDescription"] = body["PipelineExecutionDescription"]
    return told


def _step_told(before: Record | None, after: Record) -> dict[str, Any]:
    body, execution = after.body, execution_key(after.key)
    told = {
        "metadata": _spelt(body.get("Metadata", {})),
        "stepStartTime": _iso(after.created),
        "stepName": step_name(after),
        "stepType": body[TYPE],
        "currentStepStatus": after.status,
        "pipelineArn": _arn(pipeline_key(execution)),
        "pipelineExecutionArn": _arn(execution),
        **{name: _spelt(body[member]) for member, name in _TOLD.items() if member in body},
    }
    if before is not None:
        told["previousStepStatus"] = before.status
    if "EndTime" in body:
        told["stepEndTime"] = _iso(body["EndTime"])
    return told


def _of_execution(record: Record) -> tuple[str, ...]:
    return _arn(pipeline_key(record.key)), record.arn


def _of_step(record: Record) -> tuple[str, ...]:
    execution = execution_key(record.key)
    return _arn(pipeline_key(execution)), _arn(execution)


EVENTS: Final = (
    StateChange(
        kind=EXECUTION,
        detail_type="SageMaker Model Building Pipeline Execution Status Change",
        tell=_execution_told,
        resources=_of_execution,
    ),
    StateChange(
        kind=STEP,
        detail_type="SageMaker Model Building Pipeline Execution Step Status Change",
        tell=_step_told,
        resources=_of_step,
    ),
)


def _arn(key: RecordKey) -> str:
    """The ARN of a pipeline or an execution."""
    return f"arn:{partition(key.region)}:sagemaker:{key.region}:{key.account}:pipeline/{key.name}"


def _spelt(value: Any) -> Any:
    """A value with its members spelt as these events do, which begin small."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: _spelt(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_spelt(each) for each in value]
    return value


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
