"""Where in a VPC work runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from aws_cdk import aws_ec2 as ec2
from constructs import Construct

from .errors import InvalidProps


@dataclass(frozen=True, kw_only=True)
class Network:
    """The subnets and security groups of work.

    Attributes:
        subnet_ids: At least one.
        security_group_ids: None where nothing of the work is reached by them.
    """

    subnet_ids: Sequence[str]
    security_group_ids: Sequence[str]

    @property
    def vpc_config(self) -> dict[str, list[str]]:
        """The `VpcConfig` of a request."""
        return {"Subnets": list(self.subnet_ids), "SecurityGroupIds": list(self.security_group_ids)}

    @staticmethod
    def of(
        scope: Construct,
        vpc: ec2.IVpc | None,
        subnets: Sequence[ec2.ISubnet] | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> "Network | None":
        """The network that the props of a construct name; `None` without a VPC.

        Without `subnets`, the private ones are taken, or else the isolated ones; without `security_groups` one is made
        that allows nothing in.

        Raises:
            InvalidProps: Subnets or security groups without a VPC, or a VPC without any private subnet.
        """
        if vpc is None:
            if subnets is not None or security_groups is not None:
                raise InvalidProps(scope.node.path, ["vpc: 'subnets' and 'security_groups' need it; give it too."])
            return None
        return Network.in_vpc(scope, vpc, subnets, security_groups)

    @staticmethod
    def in_vpc(
        scope: Construct,
        vpc: ec2.IVpc,
        subnets: Sequence[ec2.ISubnet] | None,
        security_groups: Sequence[ec2.ISecurityGroup] | None,
    ) -> "Network":
        """The network in a VPC, as `of` takes it.

        Raises:
            InvalidProps: The VPC has no private subnet.
        """
        chosen = (vpc.private_subnets or vpc.isolated_subnets) if subnets is None else subnets
        if not chosen:
            raise InvalidProps(scope.node.path, ["subnets: the VPC has no private subnet; name the subnets to use."])
        groups = [ec2.SecurityGroup(scope, "SecurityGroup", vpc=vpc)] if security_groups is None else security_groups
        return Network(
            subnet_ids=[subnet.subnet_id for subnet in chosen],
            security_group_ids=[group.security_group_id for group in groups],
        )
