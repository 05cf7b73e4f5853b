"""Keys that encrypt what work reads, writes and runs on."""

from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from .nag import acknowledge_resource
from .policy import Conditions, allow

_FOR_AWS_ALONE: Final[Conditions] = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
_ALIAS: Final = ":alias/"


def allow_decrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to decrypt data with a key."""
    _allow(role, ["kms:Decrypt"], key)


def allow_encrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to encrypt and decrypt data with a key."""
    _allow(role, ["kms:Decrypt", "kms:GenerateDataKey"], key)


def allow_output_key(role: iam.IRole, key: kms.IKey) -> None:
    """Allows what SageMaker's documentation demands of a job's role where a key is named for what the job leaves.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html, of each kind of job.
    """
    _allow(role, ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], key)


def allow_volume_key(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to attach volumes that are encrypted with a key."""
    _allow(role, ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"], key)
    _allow(role, ["kms:CreateGrant"], key, _FOR_AWS_ALONE)


def allow_volume_key_of_work(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to begin work whose volumes are encrypted with a key."""
    _allow(role, ["kms:CreateGrant"], key, _FOR_AWS_ALONE)
    _allow(role, ["kms:DescribeKey"], key)


def grant_decrypt(grantee: iam.IGrantable, key: kms.IKey) -> iam.Grant:
    """Allows somebody who is not the work to decrypt what it has left."""
    resource, conditions = _as_resource(key)
    return iam.Grant.add_to_principal(
        grantee=grantee, actions=["kms:Decrypt"], resource_arns=[resource], conditions=conditions
    )


def grant_volumes(grantee: iam.IGrantable, key: kms.IKey) -> iam.Grant:
    """Allows somebody who is not the work to begin what runs on volumes that are encrypted with a key.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    """
    resource, of_alias = _as_resource(key)
    return iam.Grant.add_to_principal(
        grantee=grantee,
        actions=["kms:CreateGrant"],
        resource_arns=[resource],
        conditions={**_FOR_AWS_ALONE, **of_alias},
    )


def _allow(role: iam.IRole, actions: list[str], key: kms.IKey, conditions: Conditions | None = None) -> None:
    resource, of_alias = _as_resource(key)
    allow(role, actions, [resource], {**({} if conditions is None else conditions), **of_alias} or None)
    if of_alias:
        reason = "The key is known by its alias alone, which a condition holds the permission to."
        acknowledge_resource(role, resource, reason)


def _as_resource(key: kms.IKey) -> tuple[str, Mapping[str, Mapping[str, object]]]:
    """The resource by which a policy means a key, and the conditions for that.

    A policy that names an alias allows nothing that is done with its key: where the app knows no more of the key, the
    policy asks for the alias in a condition.

    Source: https://docs.aws.amazon.com/kms/latest/developerguide/alias-authorization.html
    """
    arn = key.alias_target_key.key_arn if isinstance(key, kms.Alias) else key.key_arn
    place, is_alias, name = arn.partition(_ALIAS)
    if not is_alias:
        return arn, {}
    return f"{place}:key/*", {"ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{name}"}}
