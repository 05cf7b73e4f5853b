"""What the host knows of roles, buckets and networks, asked by its clients; one in this process may answer faster."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import SAGEMAKER, cannot_assume

REGION_HEADER: Final = "x-amz-bucket-region"
_NOT_THERE: Final = (".NotFound", ".Malformed")
"""How EC2's codes end where there is nothing of an ID."""


@dataclass(frozen=True)
class Network:
    """IDs that a request names of EC2.

    Attributes:
        vpcs: Of VPCs.
        subnets: Of subnets.
        security_groups: Of security groups.
    """

    vpcs: Sequence[str] = ()
    subnets: Sequence[str] = ()
    security_groups: Sequence[str] = ()


class Host(Protocol):
    """Where roles, buckets and networks are."""

    def check_trust(self, role_arn: str, account: str) -> None:
        """Makes sure that SageMaker may assume a role for an account.

        Raises:
            RoleError: The role is not there, or does not trust SageMaker.
        """

    def bucket_region(self, bucket: str, account: str, region: str) -> str | None:
        """The region of a bucket, asked for in an account and region; None where it is not known."""

    def absent_of_network(self, network: Network, account: str, region: str) -> str | None:
        """What EC2 says of the first one that is not there, in an account and region; None where all are."""


class ClientHost:
    """A host that is asked by its clients. It reads of a trust policy whom it names, and no conditions.

    Args:
        clients: To the host.
    """

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    def check_trust(self, role_arn: str, account: str) -> None:
        """As `Host` says."""
        try:
            role = self._clients.iam(account).get_role(RoleName=role_arn.rpartition("/")[2])["Role"]
        except ClientError as error:
            raise cannot_assume(role_arn) from error
        document: Any = role.get("AssumeRolePolicyDocument", {})
        read = json.loads(document) if isinstance(document, str) else document
        if role["Arn"] != role_arn or not trusts_sagemaker(read):
            raise cannot_assume(role_arn)

    def bucket_region(self, bucket: str, account: str, region: str) -> str | None:
        """As `Host` says."""
        try:
            answer: Mapping[str, Any] = self._clients.s3(account, region).head_bucket(Bucket=bucket)
        except ClientError as error:
            answer = error.response
        found: str | None = answer["ResponseMetadata"]["HTTPHeaders"].get(REGION_HEADER)
        return found

    def absent_of_network(self, network: Network, account: str, region: str) -> str | None:
        """As `Host` says."""
        ec2 = self._clients.ec2(account, region)
        for describe, member, ids in (
            (ec2.describe_vpcs, "VpcIds", network.vpcs),
            (ec2.describe_subnets, "SubnetIds", network.subnets),
            (ec2.describe_security_groups, "GroupIds", network.security_groups),
        ):
            try:
                if ids:
                    describe(**{member: ids})
            except ClientError as error:
                if error.response["Error"]["Code"].endswith(_NOT_THERE):
                    return error.response["Error"]["Message"]
        return None


def trusts_sagemaker(document: Mapping[str, Any]) -> bool:
    """Whether a trust policy lets SageMaker assume its role, by whom it names; conditions are not read."""
    meant = [each["Effect"] for each in _listed(document.get("Statement", [])) if _means_sagemaker(each)]
    return bool(meant) and "Deny" not in meant


def _means_sagemaker(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = ["*"] if principal == "*" else _listed(principal.get("Service", []))
    actions = {action.lower() for action in _listed(statement.get("Action", []))}
    return not {SAGEMAKER, "*"}.isdisjoint(services) and not {"sts:assumerole", "sts:*", "*"}.isdisjoint(actions)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
