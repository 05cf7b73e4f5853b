"""`AWS::CE::AnomalyMonitor` and `AWS::CE::AnomalySubscription`, by the API of Cost Explorer.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ce-anomalymonitor.html,
…/aws-resource-ce-anomalysubscription.html
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

_KEPT: Final = ("MonitorType", "MonitorDimension", "MonitorSpecification", "ResourceTags")
"""What cannot be changed of a monitor: another one replaces it."""
_READ: Final = ("MonitorSpecification", "ThresholdExpression")
"""What is JSON in a text in a template, and an expression in the API."""


class AnomalyMonitorProvisioner:
    """Makes, changes and removes monitors of anomalies.

    Args:
        client: A client of Cost Explorer for the account of the present operation.
    """

    def __init__(self, client: Callable[[], Any]) -> None:
        self._client = client

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a monitor."""
        del logical_id, stack_name
        arn = self._client().create_anomaly_monitor(**_request("AnomalyMonitor", properties))["MonitorArn"]
        return arn, self._attributes(arn)

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Renames a monitor, or makes another one."""
        if any(old.get(name) != new.get(name) for name in _KEPT):
            return self.create(logical_id, new, stack_name)
        self._client().update_anomaly_monitor(MonitorArn=physical_id, MonitorName=new["MonitorName"])
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes a monitor. One that is gone already is no error."""
        del properties
        client = self._client()
        with suppress(client.exceptions.UnknownMonitorException):
            client.delete_anomaly_monitor(MonitorArn=physical_id)

    def _attributes(self, arn: str) -> dict[str, Any]:
        (found,) = self._client().get_anomaly_monitors(MonitorArnList=[arn])["AnomalyMonitors"]
        names = ("MonitorArn", "CreationDate", "LastUpdatedDate", "LastEvaluatedDate", "DimensionalValueCount")
        return {name: found.get(name, "") for name in names}


class AnomalySubscriptionProvisioner:
    """Makes, changes and removes subscriptions to anomalies.

    Args:
        client: A client of Cost Explorer for the account of the present operation.
        account: Of the present operation.
    """

    def __init__(self, client: Callable[[], Any], account: Callable[[], str]) -> None:
        self._client, self._account = client, account

    def create(self, logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        """Makes a subscription."""
        del logical_id, stack_name
        made = self._client().create_anomaly_subscription(**_request("AnomalySubscription", properties))
        return made["SubscriptionArn"], self._attributes(made["SubscriptionArn"])

    def update(
        self, physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        """Changes a subscription, or makes another one when its tags are others."""
        if old.get("ResourceTags") != new.get("ResourceTags"):
            return self.create(logical_id, new, stack_name)
        changed = _request("AnomalySubscription", new)["AnomalySubscription"]
        self._client().update_anomaly_subscription(SubscriptionArn=physical_id, **changed)
        return physical_id, self._attributes(physical_id)

    def delete(self, physical_id: str, properties: dict[str, Any]) -> None:
        """Removes a subscription. One that is gone already is no error."""
        del properties
        client = self._client()
        with suppress(client.exceptions.UnknownSubscriptionException):
            client.delete_anomaly_subscription(SubscriptionArn=physical_id)

    def _attributes(self, arn: str) -> dict[str, Any]:
        return {"SubscriptionArn": arn, "AccountId": self._account()}


def _request(member: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a monitor or a subscription, of what a template says of it."""
    described = {name: json.loads(value) if name in _READ else value for name, value in properties.items()}
    tags = described.pop("ResourceTags", None)
    if "Threshold" in described:
        described["Threshold"] = float(described["Threshold"])
    return {member: described, **({"ResourceTags": tags} if tags else {})}
