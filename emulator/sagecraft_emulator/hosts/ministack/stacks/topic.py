"""`AWS::SNS::Topic`, where ministack's own provisioner leaves properties out: encryption, signatures, tracing."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

ATTRIBUTES: Final = (
    "ArchivePolicy",
    "ContentBasedDeduplication",
    "FifoThroughputScope",
    "KmsMasterKeyId",
    "SignatureVersion",
    "TracingConfig",
)
"""Properties of the template that are attributes of the topic, by the same names."""


class TopicProvisioner:
    """Makes, changes and removes topics.

    Args:
        own: ministack's own handlers: `create`, `update` and `delete`.
        client: An SNS client for the account and region of the present operation.
    """

    def __init__(self, own: Mapping[str, Callable[..., Any]], client: Callable[[], Any]) -> None:
        self._own = own
        self._client = client

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a topic with all its attributes."""
        arn, attributes = self._own["create"](logical_id, properties, stack_name)
        self._apply(arn, {}, properties)
        return arn, attributes

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes a topic's attributes, or makes another one when it has another name."""
        arn, attributes = self._own["update"](physical_id, old, new, stack_name, logical_id)
        self._apply(arn, old if arn == physical_id else {}, new)
        return arn, attributes

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes a topic."""
        self._own["delete"](physical_id, properties)

    def _apply(self, arn: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for name in ATTRIBUTES:
            if old.get(name) != new.get(name):
                value = new.get(name, "")
                text = json.dumps(value) if isinstance(value, dict | bool) else str(value)
                self._client().set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=text)
