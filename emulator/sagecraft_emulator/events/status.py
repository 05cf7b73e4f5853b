"""The events that SageMaker sends to EventBridge when the state of a resource changes.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.service_model import operation_model, write_timestamps
from sagecraft_emulator.state.store import Record

from .event import Event

SOURCE: Final = "aws.sagemaker"
DETAIL_TYPES: Final[Mapping[str, str]] = {
    "Endpoint": "SageMaker Endpoint State Change",
    "EndpointConfig": "SageMaker Endpoint Config State Change",
    "HyperParameterTuningJob": "SageMaker HyperParameter Tuning Job State Change",
    "Model": "SageMaker Model State Change",
    "NotebookInstance": "SageMaker Notebook Instance State Change",
    "ProcessingJob": "SageMaker Processing Job State Change",
    "TrainingJob": "SageMaker Training Job State Change",
    "TransformJob": "SageMaker Transform Job State Change",
}
"""The detail-type by kind, of the kinds whose changes are told."""
SENT_WHEN_DELETED: Final = frozenset({"EndpointConfig", "Model"})
"""The kinds without a status, which change when they are created and deleted."""

_WORD_BOUNDARY: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def status_event(record: Record, described: Mapping[str, Any], tags: Mapping[str, str]) -> Event:
    """The event of a record's present state: its detail is what Describe answers, and the tags.

    Args:
        record: Of a kind in `DETAIL_TYPES`.
        described: What Describe answers for it.
        tags: Its tags.
    """
    kind, account, region, _ = record.key
    # Times are in milliseconds since the epoch.
    detail = write_timestamps(operation_model(f"Describe{kind}"), described, lambda seconds: round(seconds * 1000))
    if kind == "Endpoint":
        # This kind's events alone spell the status in capitals.
        detail["EndpointStatus"] = _WORD_BOUNDARY.sub("_", detail["EndpointStatus"]).upper()
    detail["Tags"] = dict(tags)
    return Event(account, region, record.modified, SOURCE, DETAIL_TYPES[kind], record.arn, detail)
