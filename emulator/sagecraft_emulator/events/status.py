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


def _itself(record: Record) -> tuple[str, ...]:
    return (record.arn,)


def _nothing_more(record: Record) -> Detail:
    del record
    return {}


@dataclass(frozen=True, kw_only=True)
class StateChange:
    """What EventBridge is told of a kind of resource.

    Attributes:
        kind: AWS's noun.
        detail_type: The events' detail-type.
        when_deleted: Whether a deletion is told; of a kind without a status, which changes when it is created and
            deleted.
        spell: Makes the events' detail of what Describe answers, where that is another.
        tell: Makes it of a record as it was, or None for a new one, and as it is, where Describe has no part in it.
        resources: The ARNs of what a change of a record happened to.
        more: What the detail has besides, of a record.
    """

    kind: str
    detail_type: str
    when_deleted: bool = False
    spell: Callable[[Detail], Detail] = _as_described
    tell: Callable[[Record | None, Record], Detail] | None = None
    resources: Callable[[Record], tuple[str, ...]] = _itself
    more: Callable[[Record], Detail] = _nothing_more


def status_event(
    change: StateChange,
    before: Record | None,
    record: Record,
    describe: Callable[[Record], Mapping[str, Any]],
    tags: Mapping[str, str],
) -> Event:
    """The event of a record's present state: its detail is what Describe answers, and the tags, or what its kind tells.

    Args:
        change: What is told of its kind.
        before: The record as it was, or None for a new one.
        record: It.
        describe: What Describe answers for it.
        tags: Its tags.
    """
    kind, account, region, _ = record.key

    def detail() -> Detail:
        if change.tell is not None:
            return change.tell(before, record)
        # Times are in milliseconds since the epoch.
        model = operation_model(f"Describe{kind}")
        described = write_timestamps(model, describe(record), lambda seconds: round(seconds * 1000))
        return {**change.spell(described), **change.more(record), "Tags": dict(tags)}

    return Event(account, region, record.modified, SOURCE, change.detail_type, change.resources(record), detail)
