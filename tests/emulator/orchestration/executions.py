"""Executions of state machines."""

import json
import time
import uuid
from typing import Any

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tiny_job import ROLE

SAGEMAKER = "arn:aws:states:::sagemaker"


def begin(emulator: RunningEmulator, states: dict[str, Any], role_arn: str = ROLE) -> str:
    """Starts an execution of a state machine that begins with the first of its states; returns its ARN."""
    client = emulator.client("stepfunctions")
    definition = {"StartAt": next(iter(states)), "States": states}
    machine = client.create_state_machine(
        name=f"machine-{uuid.uuid4().hex[:8]}", definition=json.dumps(definition), roleArn=role_arn
    )
    arn: str = client.start_execution(stateMachineArn=machine["stateMachineArn"], input="{}")["executionArn"]
    return arn


def finished(emulator: RunningEmulator, execution: str, seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while True:
        answer: dict[str, Any] = emulator.client("stepfunctions").describe_execution(executionArn=execution)
        if answer["status"] != "RUNNING":
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)


def run(emulator: RunningEmulator, states: dict[str, Any], role_arn: str = ROLE) -> Any:
    """The output of an execution that succeeds."""
    answer = finished(emulator, begin(emulator, states, role_arn))
    assert answer["status"] == "SUCCEEDED", answer
    return json.loads(answer["output"])


def task(resource: str, parameters: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True, **members}
