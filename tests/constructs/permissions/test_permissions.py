"""What a role is allowed, statement by statement."""

from collections.abc import Callable
from typing import Any

import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from sagecraft_constructs import DataBucket, ExecutionRole, permissions

from tests.constructs.stack import make_stack, statements
from tests.constructs.template_checks import assert_clean

KEY = "arn:aws:kms:us-east-1:123456789012:key/1"


def allowed(needs: Callable[[ExecutionRole], None]) -> list[dict[str, Any]]:
    """The statements of a role to which needs were added; cdk-nag has nothing against them."""
    stack = make_stack()
    role = ExecutionRole(stack, "Role")
    needs(role)
    assert_clean(stack)
    return statements(stack, "Role")


def test_a_role_reads_and_writes_below_a_prefix_alone() -> None:
    def needs(role: ExecutionRole) -> None:
        bucket = DataBucket.from_bucket_name(role, "Bucket", "data")
        permissions.allow_read(role, bucket, "titanic/")
        permissions.allow_write(role, bucket, "models/")

    actions = {str(each["Action"]): each["Resource"] for each in allowed(needs)}
    assert set(actions) == {
        "s3:ListBucket",
        "s3:GetBucketLocation",
        "s3:GetObject",
        "['s3:PutObject', 's3:AbortMultipartUpload']",
    }
    assert str(actions["s3:GetObject"]).endswith(":s3:::data/titanic/*']]}")
    assert str(actions["['s3:PutObject', 's3:AbortMultipartUpload']"]).endswith(":s3:::data/models/*']]}")


@pytest.mark.parametrize(
    ("allow", "actions"),
    [
        (permissions.allow_decrypt, {"kms:Decrypt"}),
        (permissions.allow_encrypt, {"kms:Decrypt", "kms:GenerateDataKey"}),
        (permissions.allow_output_key, {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"}),
        (
            permissions.allow_volume_key,
            {"kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKeyWithoutPlaintext"},
        ),
    ],
)
def test_a_key_is_used_for_what_it_is_for(allow: Callable[[iam.IRole, kms.IKey], None], actions: set[str]) -> None:
    found = allowed(lambda role: allow(role, kms.Key.from_key_arn(role, "Key", KEY)))
    assert {each["Resource"] for each in found} == {KEY}
    given = [each["Action"] for each in found]
    assert {action for each in given for action in ([each] if isinstance(each, str) else each)} == actions


def test_grants_on_a_volumes_key_are_for_aws_alone() -> None:
    found = allowed(lambda role: permissions.allow_volume_key(role, kms.Key.from_key_arn(role, "Key", KEY)))
    (grant,) = [each for each in found if each["Action"] == "kms:CreateGrant"]
    assert grant["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}
