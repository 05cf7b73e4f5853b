"""A rule of EventBridge whose events the tests read."""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator


class Rule:
    """A rule with a queue behind it."""

    def __init__(self, emulator: RunningEmulator, pattern: dict[str, Any], region: str = REGION) -> None:
        self.name = f"rule-{uuid.uuid4().hex[:12]}"
        self._sqs, self._events = emulator.client("sqs", region), emulator.client("events", region)
        self.queue_url: str = self._sqs.create_queue(QueueName=self.name)["QueueUrl"]
        self._events.put_rule(Name=self.name, EventPattern=json.dumps({"source": ["aws.sagemaker"], **pattern}))
        self.add_target("queue", f"arn:aws:sqs:{region}:{ACCOUNT}:{self.name}")

    def add_target(self, name: str, arn: str) -> None:
        self._events.put_targets(Rule=self.name, Targets=[{"Id": name, "Arn": arn}])

    def events(self, until: Callable[[list[dict[str, Any]]], bool], seconds: float = 60) -> list[dict[str, Any]]:
        """What the queue got, in order, as soon as that is enough."""
        events: list[dict[str, Any]] = []
        deadline = time.monotonic() + seconds
        while not until(events):
            assert time.monotonic() < deadline, events
            answer = self._sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                events.append(json.loads(message["Body"]))
                self._sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
        return events
