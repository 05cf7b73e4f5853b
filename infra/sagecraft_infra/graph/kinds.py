"""What a picture makes of each type of resource, and which resources are only there to serve others."""

from collections.abc import Iterable
from typing import Final

from sagecraft_infra.noun.look import Kind, Look

from .references import Resource

SURROUNDINGS: Final = Look(
    shown={
        "AWS::KMS::Key": (Kind.KEY, "Key"),
        "AWS::EC2::VPC": (Kind.NETWORK, "VPC"),
        "AWS::EC2::SecurityGroup": (Kind.NETWORK, "Security group"),
        "AWS::SageMaker::MonitoringSchedule": (Kind.JOB, "Monitoring schedule"),
    },
    serves={
        "AWS::SQS::QueuePolicy": ("Queues",),
        "AWS::KMS::Alias": ("TargetKeyId",),
        "AWS::Lambda::Permission": ("FunctionName",),
        "AWS::Lambda::Version": ("FunctionName",),
        "AWS::Lambda::Alias": ("FunctionName",),
        "AWS::Lambda::EventInvokeConfig": ("FunctionName",),
        "AWS::EC2::Subnet": ("VpcId",),
        "AWS::EC2::RouteTable": ("VpcId",),
        "AWS::EC2::Route": ("RouteTableId",),
        "AWS::EC2::SubnetRouteTableAssociation": ("SubnetId",),
        "AWS::EC2::VPCGatewayAttachment": ("VpcId",),
        "AWS::EC2::NatGateway": ("SubnetId",),
        "AWS::EC2::VPCEndpoint": ("VpcId",),
        "AWS::EC2::FlowLog": ("ResourceId",),
        "AWS::EC2::SecurityGroupIngress": ("GroupId",),
        "AWS::EC2::SecurityGroupEgress": ("GroupId",),
        "Custom::VpcRestrictDefaultSG": ("DefaultSecurityGroupId",),
    },
)
"""What no noun of ours has, and stands around those that we have."""

BY_HAND: Final = "AWS::SSM::Parameter"
"""A parameter may hold the request of a job that is run by hand."""

SERVES_USERS: Final = frozenset(
    {
        "AWS::Logs::LogGroup",
        "AWS::Lambda::LayerVersion",
        "AWS::EC2::EIP",
        "AWS::EC2::InternetGateway",
    }
)
"""Resources that are a part of whatever refers to them."""

PROVIDER_PARTS: Final = frozenset(
    {
        "AWS::Lambda::Function",
        "AWS::StepFunctions::StateMachine",
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::Logs::LogGroup",
        "AWS::Lambda::LayerVersion",
    }
)
"""What the function that answers for a custom resource consists of."""

IGNORED: Final = frozenset(
    {"AWS::CDK::Metadata", "AWS::CloudFormation::Stack", "AWS::CloudFormation::WaitConditionHandle"}
)
"""What is there for the deployment alone; a nested stack is drawn by what is in it."""


class Looks:
    """What nouns look like, and what stands around them.

    Args:
        looks: Of the nouns.
    """

    def __init__(self, looks: Iterable[Look]) -> None:
        every = [*looks, SURROUNDINGS]
        self.serves = {type_: properties for look in every for type_, properties in look.serves.items()}
        self._shown = {type_: shown for look in every for type_, shown in look.shown.items()}
        self._by_hand = {noun: words for look in every for noun, words in look.by_hand.items()}

    def kind_of(self, resource: Resource) -> tuple[Kind, str]:
        """The kind of a resource, and the noun for it."""
        if resource.type == BY_HAND and (noun := self._by_hand_noun(resource)) is not None:
            return Kind.JOB, f"{noun}, by hand"
        known = self._shown.get(resource.type)
        if known is not None:
            return known
        return Kind.OTHER, _spaced(resource.type.rpartition("::")[2])

    def _by_hand_noun(self, resource: Resource) -> str | None:
        value = str(resource.properties.get("Value", ""))
        return next((words for noun, words in self._by_hand.items() if f'"kind":"{noun}"' in value), None)


def _spaced(name: str) -> str:
    """`StateMachine` as `State machine`; abbreviations stay."""
    words: list[str] = []
    for letter in name:
        if letter.isupper() and (not words or not words[-1][-1:].isupper()):
            words.append(letter)
        elif words:
            words[-1] += letter
        else:
            words.append(letter)
    return " ".join([words[0], *(word if word.isupper() else word.lower() for word in words[1:])])
