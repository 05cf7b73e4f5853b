"""Pipelines of a running emulator."""

import io
import json
import uuid
import zipfile
from typing import Any

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tiny_job import ROLE
from tests.emulator.world import wait_until

ENDED = {"Succeeded", "Failed", "Stopped"}


class RunningPipelines:
    """Starts pipelines, and waits for them."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self._emulator = emulator
        self.client = emulator.client("sagemaker")

    def start(self, text: str, **members: Any) -> str:
        """Creates a pipeline and starts it; returns the execution's ARN."""
        name = f"pipeline-{uuid.uuid4().hex[:12]}"
        self.client.create_pipeline(PipelineName=name, PipelineDefinition=text, RoleArn=ROLE)
        arn: str = self.client.start_pipeline_execution(PipelineName=name, **members)["PipelineExecutionArn"]
        return arn

    def status(self, arn: str) -> str:
        status: str = self.client.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        return status

    def end(self, arn: str) -> str:
        """The status with which an execution ends."""
        wait_until(lambda: self.status(arn) in ENDED, seconds=120, pause=0.05)
        return self.status(arn)

    def steps(self, arn: str) -> dict[str, dict[str, Any]]:
        """The steps that have begun, by name, in order."""
        answer = self.client.list_pipeline_execution_steps(
            PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=100
        )
        return {each["StepName"]: each for each in answer["PipelineExecutionSteps"]}

    def make_function(self, code: str) -> str:
        """A Lambda function in Python; its ARN."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as writer:
            writer.writestr("index.py", code)
        made = self._emulator.client("lambda").create_function(
            FunctionName=f"function-{uuid.uuid4().hex[:12]}",
            Runtime="python3.11",
            Handler="index.handler",
            Role=ROLE,
            Code={"ZipFile": archive.getvalue()},
        )
        return str(made["FunctionArn"])

    def make_queue(self) -> str:
        """A queue of SQS; its URL."""
        url: str = self._emulator.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4().hex[:12]}")["QueueUrl"]
        return url

    def receive(self, queue_url: str) -> dict[str, Any]:
        """The next message of a queue."""
        sqs = self._emulator.client("sqs")
        for _ in range(30):
            for message in sqs.receive_message(QueueUrl=queue_url, WaitTimeSeconds=1).get("Messages", []):
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
                body: dict[str, Any] = json.loads(message["Body"])
                return body
        raise AssertionError("no message came")
