"""Resources that Cloud Control lacks: of the provider `aws`, or several of `aws-native` for one of CloudFormation's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class ClassicType:
    """A type of the provider `aws` in the place of one of CloudFormation's.

    Attributes:
        service: The module of the package.
        noun: The class.
        properties: The provider's names of properties that it calls otherwise, by CloudFormation's. A dot leads into
            an object of which the provider knows only the parts.
        attributes: Likewise of what Fn::GetAtt asks for.
    """

    service: str
    noun: str
    properties: Mapping[str, str]
    attributes: Mapping[str, str]


CLASSIC_TYPES: Final[Mapping[str, ClassicType]] = {
    "AWS::IAM::AccessKey": ClassicType("iam", "AccessKey", {"UserName": "user"}, {"SecretAccessKey": "secret"}),
    "AWS::EC2::NetworkAclEntry": ClassicType(
        "ec2",
        "NetworkAclRule",
        {
            "Icmp.Code": "icmpCode",
            "Icmp.Type": "icmpType",
            "PortRange.From": "fromPort",
            "PortRange.To": "toPort",
        },
        {},
    ),
}


@dataclass(frozen=True)
class Holder:
    """Who may hold an inline policy.

    Attributes:
        holders: The property of CloudFormation's resource that lists them.
        type: CloudFormation's type of one policy of one holder.
        holder: The property of that type that names the holder.
    """

    holders: str
    type: str
    holder: str


INLINE_POLICIES: Final[Mapping[str, tuple[Holder, ...]]] = {
    "AWS::IAM::Policy": (
        Holder("Roles", "AWS::IAM::RolePolicy", "RoleName"),
        Holder("Users", "AWS::IAM::UserPolicy", "UserName"),
        Holder("Groups", "AWS::IAM::GroupPolicy", "GroupName"),
    ),
    "AWS::SQS::QueuePolicy": (Holder("Queues", "AWS::SQS::QueueInlinePolicy", "Queue"),),
}
"""Of these, `aws-native` has a type for each holder, with the same other properties."""


def renamed(properties: Mapping[str, Any], classic: ClassicType) -> dict[str, Any]:
    """The properties with the provider's names where these are others."""
    taken_apart = {name.partition(".")[0] for name in classic.properties if "." in name}
    flat: dict[str, Any] = {}
    for name, value in properties.items():
        if name in taken_apart and isinstance(value, dict):
            flat |= {f"{name}.{part}": each for part, each in value.items()}
        else:
            flat[name] = value
    return {classic.properties.get(name, name): value for name, value in flat.items()}
