"""What the SDK v3 makes out of `sagecraft env` alone: no session, no bucket and no role is given to it."""

from __future__ import annotations

import boto3
import pytest
from sagemaker.core.helper.session_helper import Session, get_execution_role

ACCOUNT = "000000000000"


def test_the_default_bucket_is_that_of_the_account(boto: boto3.Session) -> None:
    name = Session().default_bucket()

    assert name == f"sagemaker-us-east-1-{ACCOUNT}"
    assert name in [each["Name"] for each in boto.client("s3").list_buckets()["Buckets"]]


def test_the_account_is_that_of_the_credentials() -> None:
    assert Session().account_id() == ACCOUNT


def test_the_execution_role_is_the_one_that_was_assumed(role: str, boto: boto3.Session) -> None:
    assumed = boto.client("sts").assume_role(RoleArn=role, RoleSessionName="mine")["Credentials"]
    session = boto3.Session(assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"])

    assert get_execution_role(Session(boto_session=session)) == role


def test_a_user_has_no_execution_role() -> None:
    with pytest.raises(ValueError, match="The current AWS identity is not a role"):
        get_execution_role()


def test_an_endpoint_of_aws_that_a_client_is_given_is_the_emulators(boto: boto3.Session) -> None:
    named = boto.client("sagemaker", endpoint_url="https://api.sagemaker.us-east-1.amazonaws.com")

    assert named.list_models()["ResponseMetadata"]["HTTPStatusCode"] == 200
