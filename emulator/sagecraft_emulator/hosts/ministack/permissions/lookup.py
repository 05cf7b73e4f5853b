"""What ministack knows of roles, buckets and networks, without a request to it."""

import json
from collections.abc import Callable
from typing import Any, Final

from sagecraft_emulator.authorization.role_session import SAGEMAKER, cannot_assume
from sagecraft_emulator.settings import DEFAULT_REGION
from sagecraft_emulator.surroundings.host import Network

_COLONS: Final = 5
"""Of the ARN of a role."""
_SESSION_SECONDS: Final = 3600
"""Of a role that says nothing of it."""
_DEFAULT: Final = (
    "_DEFAULT_VPC_ID",
    "_DEFAULT_SUBNET_ID",
    "_DEFAULT_SUBNET_ID_B",
    "_DEFAULT_SUBNET_ID_C",
    "_DEFAULT_SG_ID",
)
"""What each account has in each region, from when EC2 is first asked there."""

# ruff: noqa: SLF001 - ministack has no public way to any of this


class HostLookup:
    """Looks into ministack's own modules.

    Args:
        get_module: Gives one by its name.
        evaluator: Its evaluator of policies.
    """

    def __init__(self, get_module: Callable[[str], Any], evaluator: Any) -> None:
        self._get_module, self._evaluator = get_module, evaluator

    def check_trust(self, role_arn: str, account: str, service: str = SAGEMAKER) -> None:
        """Makes sure that a service may assume a role for an account.

        Raises:
            RoleError: The role is not there, or its trust policy does not allow it.
        """
        role = self._role(role_arn)
        if role is None:
            raise cannot_assume(role_arn, service)
        document = role.get("AssumeRolePolicyDocument") or "{}"
        statements = (json.loads(document) if isinstance(document, str) else document).get("Statement", [])
        context = self._evaluator.EvalContext(
            principal_arn=service,
            principal_type="AWSService",
            principal_account=account,
            action="sts:AssumeRole",
            resource_arn=role_arn,
            region="",
            service_context={"aws:sourceaccount": account},
        )
        meant = [
            {**each, "Resource": "*"}
            for each in ([statements] if isinstance(statements, dict) else statements)
            if each.get("Principal") == "*"
            or self._evaluator._service_principal_matches(each.get("Principal", {}), service)
        ]
        parsed = self._evaluator.parse_policy_document({"Statement": meant})
        if self._evaluator.evaluate(context, [parsed]).decision != "Allow":
            raise cannot_assume(role_arn, service)

    def longest_session(self, role_arn: str) -> int | None:
        """How many seconds a session of a role of any account may last; None where there is no role of that ARN."""
        role = self._role(role_arn)
        return None if role is None else int(role.get("MaxSessionDuration", _SESSION_SECONDS))

    def _role(self, role_arn: str) -> dict[str, Any] | None:
        if not role_arn.startswith("arn:") or role_arn.count(":") != _COLONS:
            return None
        name = role_arn.rpartition("/")[2]
        role: dict[str, Any] | None = self._get_module("iam")._roles.get_scoped(role_arn.split(":")[4], None, name)
        return role if role is not None and role["Arn"] == role_arn else None

    def bucket_region(self, bucket: str, account: str, region: str) -> str | None:
        """The region of a bucket, whosever it is; None for one that there is not."""
        del account, region  # the names of buckets are everybody's
        buckets = self._get_module("s3")._buckets
        found = next((record for (_, name), record in list(buckets._data.items()) if name == bucket), None)
        return None if found is None else found.get("region") or DEFAULT_REGION

    def absent_of_network(self, network: Network, account: str, region: str) -> str | None:
        """What EC2 says of the first one that is not there, in an account and region; None where all are."""
        ec2 = self._get_module("ec2")
        is_new = (account, region) not in ec2._default_initialized_scopes
        there = {getattr(ec2, name) for name in _DEFAULT} if is_new else set()
        for store, said, ids in (
            (ec2._vpcs, "The vpc ID '{}' does not exist", network.vpcs),
            (ec2._subnets, "The subnet ID '{}' does not exist", network.subnets),
            (ec2._security_groups, "The security group '{}' does not exist", network.security_groups),
        ):
            for each in ids:
                if each not in there and store.get_scoped(account, region, each) is None:
                    return said.format(each)
        return None
