"""What the host knows of roles and buckets, asked by its clients; a host in this process may answer faster itself."""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import SAGEMAKER, cannot_assume

REGION_HEADER: Final = "x-amz-bucket-region"


class Host(Protocol):
    """Where roles and buckets are."""

    def check_trust(self, role_arn: str, account: str) -> None:
        """Makes sure that SageMaker may assume a role for an account.

        Raises:
            RoleError: The role is not there, or does not trust SageMaker.
        """

    def bucket_region(self, bucket: str, account: str, region: str) -> str | None:
        """The region of a bucket, asked for in an account and region; None where it is not known."""


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
        statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
        meant = [each["Effect"] for each in _listed(statements) if _means_sagemaker(each)]
        if role["Arn"] != role_arn or not meant or "Deny" in meant:
            raise cannot_assume(role_arn)

    def bucket_region(self, bucket: str, account: str, region: str) -> str | None:
        """As `Host` says."""
        try:
            answer: Mapping[str, Any] = self._clients.s3(account, region).head_bucket(Bucket=bucket)
        except ClientError as error:
            answer = error.response
        found: str | None = answer["ResponseMetadata"]["HTTPHeaders"].get(REGION_HEADER)
        return found


def _means_sagemaker(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = ["*"] if principal == "*" else _listed(principal.get("Service", []))
    actions = {action.lower() for action in _listed(statement.get("Action", []))}
    return not {SAGEMAKER, "*"}.isdisjoint(services) and not {"sts:assumerole", "sts:*", "*"}.isdisjoint(actions)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
