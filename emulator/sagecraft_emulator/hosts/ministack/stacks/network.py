"""Parts of a VPC that ministack has in its API alone: rules of security groups, and flow logs.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroupingress.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-flowlog.html
"""

import secrets
from collections.abc import Callable
from typing import Any

Properties = dict[str, Any]
# ruff: noqa: SLF001 - ministack has no public way to any of this


class RuleProvisioner:
    """Adds rules to security groups, and takes them away.

    Args:
        ec2: ministack's module.
        permissions: ministack's own form of the rules of a template.
        direction: `IpPermissions` or `IpPermissionsEgress`.
    """

    def __init__(self, ec2: Any, permissions: Callable[[list[Properties]], list[Properties]], direction: str) -> None:
        self._ec2, self._permissions, self._direction = ec2, permissions, direction

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
        """Adds a rule.

        Raises:
            ValueError: There is no such group.
        """
        del logical_id, stack_name
        self._rules(properties["GroupId"]).extend(self._permissions([properties]))
        rule = f"sgr-{secrets.token_hex(8)}0"
        return rule, {"Id": rule}

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
    ) -> tuple[str, Properties]:
        """Adds another rule; only what describes one is changed in place."""
        if {**old, "Description": ""} != {**new, "Description": ""}:
            return self.create(logical_id, new, stack_name)
        self.delete(physical_id, old)
        self._rules(new["GroupId"]).extend(self._permissions([new]))
        return physical_id, {"Id": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Takes a rule away, unless its group is gone already."""
        del physical_id
        if properties["GroupId"] in self._ec2._security_groups:
            rules, (gone,) = self._rules(properties["GroupId"]), self._permissions([properties])
            if gone in rules:
                rules.remove(gone)

    def _rules(self, group_id: str) -> list[Properties]:
        group = self._ec2._security_groups.get(group_id)
        if group is None:
            raise ValueError(f"The security group '{group_id}' does not exist")
        rules: list[Properties] = group.setdefault(self._direction, [])
        return rules


class FlowLogProvisioner:
    """Makes and removes flow logs, into which nothing flows here.

    Args:
        ec2: ministack's module.
        apply_tags: ministack's own way to tag what a stack makes: its id, properties, and those of before.
    """

    def __init__(self, ec2: Any, apply_tags: Callable[..., None]) -> None:
        self._ec2, self._apply_tags = ec2, apply_tags

    def create(self, logical_id: str, properties: Properties, stack_name: str) -> tuple[str, Properties]:
        """Makes a flow log."""
        del logical_id, stack_name
        flow_log = f"fl-{secrets.token_hex(8)}0"
        destination = properties.get("LogDestination") or properties.get("LogGroupName") or ""
        self._ec2._flow_logs[flow_log] = {
            "FlowLogId": flow_log,
            "ResourceId": properties["ResourceId"],
            "ResourceType": properties["ResourceType"],
            "TrafficType": properties.get("TrafficType", "ALL"),
            "LogDestinationType": properties.get("LogDestinationType", "cloud-watch-logs"),
            "LogDestination": destination,
            "FlowLogStatus": "ACTIVE",
            "CreationTime": self._ec2._now_ts(),
        }
        self._apply_tags(flow_log, properties)
        return flow_log, {"Id": flow_log}

    def update(
        self, physical_id: str, old: Properties, new: Properties, stack_name: str, logical_id: str
    ) -> tuple[str, Properties]:
        """Makes another flow log; tags alone are changed in place."""
        if {**old, "Tags": None} != {**new, "Tags": None}:
            return self.create(logical_id, new, stack_name)
        self._apply_tags(physical_id, new, old)
        return physical_id, {"Id": physical_id}

    def delete(self, physical_id: str, properties: Properties) -> None:
        """Removes a flow log."""
        del properties
        self._ec2._flow_logs.pop(physical_id, None)
        self._ec2._tags.pop(physical_id, None)
