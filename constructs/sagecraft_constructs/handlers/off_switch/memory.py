"""What was stopped and is to be brought back, in a table: an endpoint that is off is nowhere else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .client import client


@dataclass(frozen=True)
class Stopped:
    """Something that was stopped.

    Attributes:
        kind: Of its ARN, such as `endpoint`.
        name: Its name.
        why: For people.
        held: Whether it stays off until somebody brings it back by hand: a budget is spent.
        request: What SageMaker needs to bring it back.
    """

    kind: str
    name: str
    why: str
    held: bool
    request: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its name in the table."""
        return f"{self.kind}/{self.name}"


class Memory:
    """The table.

    Args:
        table: Its name.
    """

    def __init__(self, table: str) -> None:
        self._table = table

    def remember(self, stopped: Stopped) -> None:
        """Notes what is about to be stopped; what was noted of it before is no longer true."""
        content = {"why": stopped.why, "held": stopped.held, "request": stopped.request}
        item = {"Name": {"S": stopped.key}, "Content": {"S": json.dumps(content)}}
        client("dynamodb").put_item(TableName=self._table, Item=item)

    def forget(self, stopped: Stopped) -> None:
        """Forgets what runs again, or is gone."""
        client("dynamodb").delete_item(TableName=self._table, Key={"Name": {"S": stopped.key}})

    def all(self) -> list[Stopped]:
        """All that is off."""
        pages = client("dynamodb").get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True)
        return [_read(item) for page in pages for item in page["Items"]]


def _read(item: Mapping[str, Any]) -> Stopped:
    kind, _, name = item["Name"]["S"].partition("/")
    content = json.loads(item["Content"]["S"])
    return Stopped(kind, name, content["why"], content["held"], content["request"])
