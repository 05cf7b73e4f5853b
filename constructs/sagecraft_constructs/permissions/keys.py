"""Keys that encrypt what work reads, writes and runs on."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from .policy import allow


def allow_decrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to decrypt data with a key."""
    allow(role, ["kms:Decrypt"], [key.key_arn])


def allow_encrypt(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to encrypt and decrypt data with a key."""
    allow(role, ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn])


def allow_volume_key(role: iam.IRole, key: kms.IKey) -> None:
    """Allows to attach volumes that are encrypted with a key."""
    allow(role, ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"], [key.key_arn])
    allow(role, ["kms:CreateGrant"], [key.key_arn], {"Bool": {"kms:GrantIsForAWSResource": "true"}})
