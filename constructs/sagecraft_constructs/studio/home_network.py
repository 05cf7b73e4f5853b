"""The network of a domain that was given none."""

from typing import Final

from aws_cdk import Fn
from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from sagecraft_constructs.network import Network
from sagecraft_constructs.permissions.nag import acknowledge

_RANGE: Final = "10.0.0.0/20"
_HALVES: Final = ("10.0.0.0/21", "10.0.8.0/21")
"""Each app that runs has an address of them."""


def home_network(scope: Construct) -> tuple[str, Network]:
    """A VPC for the way to the home directories alone: two subnets, and no way in or out; its id, and what is in it.

    It is made of CloudFormation's own words: the CDK's `Vpc` would have the zones of the account looked up.
    """
    inside = Construct(scope, "HomeNetwork")
    vpc = ec2.CfnVPC(inside, "Vpc", cidr_block=_RANGE, enable_dns_hostnames=True, enable_dns_support=True)
    acknowledge(
        vpc,
        "VPC7",
        reason="Nothing but NFS goes over it, between SageMaker's apps and the home directories, and it has no way to "
        "anywhere: flow logs would tell of that alone.",
    )
    subnets = [
        ec2.CfnSubnet(
            inside,
            f"Subnet{number + 1}",
            vpc_id=vpc.ref,
            cidr_block=half,
            availability_zone=Fn.select(number, Fn.get_azs()),
        )
        for number, half in enumerate(_HALVES)
    ]
    return vpc.ref, Network(subnet_ids=[subnet.ref for subnet in subnets], security_group_ids=[])
