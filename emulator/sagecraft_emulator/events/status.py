"""The events that SageMaker sends to EventBridge when the state of a resource changes.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_emulator.api.service_model import operation_model, write_timestamps
from sagecraft_emulator.state.store import Record

from .event import Event

SOURCE: Final = "aws.sagemaker"

Detail = Mapping[str, Any]


def _as_described(detail: Detail) -> Detail:
    return detail


@dataclass(frozen=True, kw_only=True)
class StateChange:
    """What EventBridge is told of a kind of resource.

    Attributes:
        kind: AWS's noun.
        detail_type: The events' detail-type.
        when_deleted: Whether a deletion is told; of a kind without a status, which changes when it is created and
            deleted.
        spell: Makes the events' detail of what Describe answers, where that is another.
    """

    kind: str
    detail_type: str
    when_deleted: bool = False
    spell: Callable[[Detail], Detail] = _as_described


def status_event(
    change: StateChange, record: Record, describe: Callable[[Record], Mapping[str, Any]], tags: Mapping[str, str]
) -> Event:
    """The event of a record's present state: its detail is what Describe answers, and the tags.

    Args:
        change: What is told of its kind.
        record: It.
        describe: What Describe answers for it.
        tags: Its tags.
    """
    kind, account, region, _ = record.key

    def detail() -> Detail:
        # Times are in milliseconds since the epoch.
        model = operation_model(f"Describe{kind}")
        described = write_timestamps(model, describe(record), lambda seconds: round(seconds * 1000))
        return {**change.spell(described), "Tags": dict(tags)}

    return Event(account, region, record.modified, SOURCE, change.detail_type, record.arn, detail)
