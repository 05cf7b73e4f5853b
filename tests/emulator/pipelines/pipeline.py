"""Pipelines of a control plane whose jobs end when a test says so."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.control_plane import ACCOUNT, IMAGE, REGION, ROLE, ControlPlane

WAIT_SECONDS = 30
Members = dict[str, Any]


def get(path: str) -> Members:
    return {"Get": path}


def processing(name: str, **members: Any) -> Members:
    """A Processing step; `arguments` are those besides what it needs."""
    arguments = {
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        },
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": ROLE,
        **members.pop("arguments", {}),
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **members}


def condition(name: str, holds: Members, if_steps: list[Members], else_steps: list[Members], **members: Any) -> Members:
    arguments = {"Conditions": [holds], "IfSteps": if_steps, "ElseSteps": else_steps}
    return {"Name": name, "Type": "Condition", "Arguments": arguments, **members}


def fail(name: str, message: Any, **members: Any) -> Members:
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}, **members}


def equal(left: Any, right: Any) -> Members:
    return {"Type": "Equals", "LeftValue": left, "RightValue": right}


def definition(*steps: Members, **members: Any) -> str:
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": [], **members, "Steps": list(steps)})


def token() -> str:
    return uuid.uuid4().hex


class Pipelines:
    """Pipelines of a control plane."""

    def __init__(self, control_plane: ControlPlane) -> None:
        self._plane, self.store, self.call = control_plane, control_plane.store, control_plane.call

    def create(self, text: str, name: str = "pipeline") -> str:
        """Creates a pipeline; returns its name."""
        self.call(
            "CreatePipeline", PipelineName=name, PipelineDefinition=text, RoleArn=ROLE, ClientRequestToken=token()
        )
        return name

    def start(self, text: str | None = None, name: str = "pipeline", **members: Any) -> str:
        """Starts a pipeline, which is created before where a definition is given; returns the execution's ARN."""
        if text is not None:
            self.create(text, name)
        request = {"PipelineName": name, "ClientRequestToken": token(), **members}
        arn: str = self.call("StartPipelineExecution", **request)["PipelineExecutionArn"]
        return arn

    def describe(self, arn: str) -> Members:
        return self.call("DescribePipelineExecution", PipelineExecutionArn=arn)

    def end(self, arn: str) -> Members:
        """The members of an execution that ends."""
        ended: Members = self.wait(
            lambda: self.describe(arn), lambda each: each["PipelineExecutionStatus"] not in {"Executing", "Stopping"}
        )
        return ended

    def steps(self, arn: str) -> dict[str, Members]:
        """The steps that have begun, by name, in order."""
        request = {"PipelineExecutionArn": arn, "SortOrder": "Ascending", "MaxResults": 100}
        found = self.call("ListPipelineExecutionSteps", **request)["PipelineExecutionSteps"]
        return {each["StepName"]: each for each in found}

    def statuses(self, arn: str) -> dict[str, str]:
        return {name: step["StepStatus"] for name, step in self.steps(arn).items()}

    def reach(self, arn: str, **statuses: str) -> None:
        """Waits until steps are as wanted, and no others have begun."""
        self.wait(lambda: self.statuses(arn), lambda each: each == statuses)

    def job(self, arn: str, step: str) -> Record:
        """The record of the job of a step."""
        metadata = self.wait(lambda: self.steps(arn), lambda each: "Metadata" in each.get(step, {}))[step]["Metadata"]
        return self.store.find_arn(next(iter(metadata.values()))["Arn"])

    def end_job(self, arn: str, step: str, status: str = "Completed", **members: Any) -> None:
        """Ends the job of a step."""
        self.store.update(self.job(arn, step).key, status=status, body=members)

    @staticmethod
    def wait(read: Callable[[], Any], until: Callable[[Any], bool]) -> Any:
        deadline = time.monotonic() + WAIT_SECONDS
        while not until(found := read()):
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        return found


def key(kind: str, name: str) -> RecordKey:
    return RecordKey(kind, ACCOUNT, REGION, name)
