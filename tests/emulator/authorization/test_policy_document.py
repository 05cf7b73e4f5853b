"""Documents that AWS takes are taken; what it says of those that it refuses stands in `tests/conformance/`."""

import json
from importlib.resources import files
from typing import Any

import pytest
from sagecraft_emulator.authorization.managed_policies import is_managed_by_aws
from sagecraft_emulator.authorization.policy_document import identity_policy_error, trust_policy_error

OF_AWS = json.loads(files("sagecraft_emulator.authorization").joinpath("managed_policies.json").read_text())["policies"]
READ: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "sagemaker.amazonaws.com"},
    "Action": "sts:AssumeRole",
}


def test_every_managed_policy_of_aws_is_taken() -> None:
    refused = {name: identity_policy_error(each["document"], managed=True) for name, each in OF_AWS.items()}
    assert set(refused.values()) == {None}
    assert all(is_managed_by_aws(f"arn:aws:iam::aws:policy/{name}") for name in OF_AWS)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Action": ["s3:*", "s3:Get?bject"]},
        {"Action": "*"},
        {"NotAction": "iam:*"},
        {"Resource": ["arn:aws:s3:::b/${aws:username}/*", "arn:aws:sns:*:*:t", "arn:aws-us-gov:s3:::b"]},
        {"Resource": "arn:aws:s3:us-east-1:123456789012:accesspoint/a"},
        {"Resource": "arn:aws:iam::*:role/x*"},
        {
            "Condition": {
                "ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a", "b*"]},
                "Bool": {"aws:SecureTransport": True},
            }
        },
        {"Condition": {"NumericLessThan": {"s3:max-keys": 10}, "ArnNotLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}},
        {"Sid": "A name"},
    ],
    ids=str,
)
def test_what_grants_is_taken(members: dict[str, Any]) -> None:
    statement = {**READ, **members}
    if "NotAction" in members:
        del statement["Action"]
    document = {"Version": "2012-10-17", "Id": "x", "Statement": statement}
    assert identity_policy_error(json.dumps(document), managed=True) is None


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]},
        {"Action": "sts:*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:root", "AROAEXAMPLEEXAMPLE123"]}},
        {"Principal": {"Service": ["edgelambda.amazonaws.com", "ec2.amazonaws.com.cn"]}},
        {"Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity"},
        {"Effect": "Deny", "Condition": {"StringNotEquals": {"sts:ExternalId": "x"}}},
    ],
    ids=str,
)
@pytest.mark.parametrize("head", [{}, {"Version": "2008-10-17"}], ids=str)
def test_what_says_who_may_assume_a_role_is_taken(members: dict[str, Any], head: dict[str, str]) -> None:
    assert trust_policy_error(json.dumps({**head, "Statement": [{**TRUST, **members}]}), lambda _: False) is None
