"""The hosts of a training job: their names, types and groups, from its `ResourceConfig`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

DEFAULT_GROUP: Final = "homogeneousCluster"
# All hosts share the machine's network, and each has a loopback address of its own.
NETWORK_INTERFACE: Final = "lo"


@dataclass(frozen=True)
class TrainingHost:
    """A host of a training job.

    Attributes:
        name: Such as `algo-1`.
        instance_type: What it stands for.
        group: The instance group that it belongs to.
    """

    name: str
    instance_type: str
    group: str


def training_hosts(resources: Mapping[str, Any]) -> tuple[TrainingHost, ...]:
    """The hosts of a `ResourceConfig`, numbered through all of its instance groups."""
    groups = resources.get("InstanceGroups") or [{**resources, "InstanceGroupName": DEFAULT_GROUP}]
    kinds = [
        (group["InstanceType"], group["InstanceGroupName"]) for group in groups for _ in range(group["InstanceCount"])
    ]
    return tuple(
        TrainingHost(f"algo-{number}", instance_type, group)
        for number, (instance_type, group) in enumerate(kinds, start=1)
    )


def resource_configuration(hosts: Sequence[TrainingHost], host: TrainingHost) -> dict[str, Any]:
    """What the `resourceconfig.json` of a host says."""
    groups: dict[str, dict[str, Any]] = {}
    for each in hosts:
        group = groups.setdefault(
            each.group, {"instance_group_name": each.group, "instance_type": each.instance_type, "hosts": []}
        )
        group["hosts"].append(each.name)
    return {
        "current_host": host.name,
        "current_instance_type": host.instance_type,
        "current_group_name": host.group,
        "hosts": [each.name for each in hosts],
        "instance_groups": list(groups.values()),
        "network_interface_name": NETWORK_INTERFACE,
    }
