"""The security groups between the apps of a domain and its home directories.

SageMaker makes them in the domain's VPC. As long as they are there, the VPC cannot be deleted.

Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerNotebooksServiceRolePolicy.html,
by which SageMaker makes and deletes them
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from botocore.exceptions import ClientError

from . import clients

_NAMES: Final = ("security-group-for-inbound-nfs-", "security-group-for-outbound-nfs-")
_LATER: Final = frozenset({"DependencyViolation", "InvalidGroup.NotFound", "InvalidPermission.NotFound"})
"""The codes by which EC2 says that a group or a rule is gone, or that something still refers to a group."""


@dataclass(frozen=True)
class NfsGroup:
    """One of the two, each of which has a rule that names the other.

    Attributes:
        group: As EC2 describes it.
    """

    status: ClassVar[str] = "there"
    group: Mapping[str, Any]

    def __str__(self) -> str:
        return f"security group {self.group['GroupId']}"

    def delete(self) -> None:
        """Takes its rules away, and asks for its deletion; the other one's rules may still be in the way of that."""
        group_id, ec2 = self.group["GroupId"], clients.ec2()
        try:
            if rules := self.group.get("IpPermissions"):
                ec2.revoke_security_group_ingress(GroupId=group_id, IpPermissions=rules)
            if rules := self.group.get("IpPermissionsEgress"):
                ec2.revoke_security_group_egress(GroupId=group_id, IpPermissions=rules)
            ec2.delete_security_group(GroupId=group_id)
        except ClientError as error:
            if clients.error_code(error) not in _LATER:
                raise


def nfs_groups(domain_id: str) -> list[NfsGroup]:
    """Those that are there."""
    names = [f"{name}{domain_id}" for name in _NAMES]
    found = clients.ec2().describe_security_groups(Filters=[{"Name": "group-name", "Values": names}])
    return [NfsGroup(group) for group in found["SecurityGroups"]]
