"""Whose a request is: accounts side by side, each way of having credentials of one, and each way a request goes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from sagecraft_infra.testing.emulator import RunningEmulator

MINE, THEIRS = "210000000001", "210000000002"
REGION = "eu-west-1"
ROLE = "shared-with-others"


@dataclass(frozen=True)
class Accounts:
    """The accounts of an emulator."""

    emulator: RunningEmulator

    def root(self, account: str) -> boto3.Session:
        """Whose access key is the account."""
        return boto3.Session(account, "sagecraft", region_name=REGION)

    def user(self, account: str) -> boto3.Session:
        """A user of an account, with an access key."""
        iam = self.client(self.root(account), "iam")
        name = f"user-of-{account}"
        if name not in [each["UserName"] for each in iam.list_users()["Users"]]:
            iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)

    def role(self, account: str, by: str) -> boto3.Session:
        """A role of an account, assumed by another one."""
        iam = self.client(self.root(account), "iam")
        principal = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{by}:root"}, "Action": "sts:AssumeRole"}
        arn = f"arn:aws:iam::{account}:role/{ROLE}"
        if ROLE not in [each["RoleName"] for each in iam.list_roles()["Roles"]]:
            trust = json.dumps({"Version": "2012-10-17", "Statement": [principal]})
            iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        sts = self.client(self.root(by), "sts")
        made = sts.assume_role(RoleArn=arn, RoleSessionName="visit")["Credentials"]
        return boto3.Session(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"], region_name=REGION)

    def client(self, session: boto3.Session, service: str) -> Any:
        return session.client(service, endpoint_url=self.emulator.endpoint_url)  # type: ignore[call-overload]


@pytest.fixture(scope="module")
def accounts(sagecraft_emulator: RunningEmulator) -> Accounts:
    return Accounts(sagecraft_emulator)


def by_sts(ask: Callable[[str], Any]) -> str:
    account: str = ask("sts").get_caller_identity()["Account"]
    return account


def by_control_plane(ask: Callable[[str], Any]) -> str:
    sagemaker = ask("sagemaker")
    arn: str = sagemaker.create_model_package_group(ModelPackageGroupName="whose")["ModelPackageGroupArn"]
    sagemaker.delete_model_package_group(ModelPackageGroupName="whose")
    return arn.split(":")[4]


def by_invocation(ask: Callable[[str], Any]) -> str:
    # "Endpoint … of account … not found.": https://github.com/aws/amazon-sagemaker-examples/issues/559
    with pytest.raises(ClientError, match="not found") as refused:
        ask("sagemaker-runtime").invoke_endpoint(EndpointName="whose", Body=b"")
    found = re.search(r"of account (\d{12})", str(refused.value))
    assert found is not None
    return found[1]


def by_host(ask: Callable[[str], Any]) -> str:
    url: str = ask("sqs").create_queue(QueueName="whose")["QueueUrl"]
    return url.split("/")[-2]


WAYS = [by_sts, by_control_plane, by_invocation, by_host]
CREDENTIALS: dict[str, Callable[[Accounts], boto3.Session]] = {
    "the account itself": lambda accounts: accounts.root(THEIRS),
    "a user of it": lambda accounts: accounts.user(THEIRS),
    "a role of it, assumed by another account": lambda accounts: accounts.role(THEIRS, by=MINE),
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
def test_a_request_is_of_the_account_of_its_credentials_whichever_way_it_goes(
    accounts: Accounts, credentials: Callable[[Accounts], boto3.Session], way: Callable[[Callable[[str], Any]], str]
) -> None:
    session = credentials(accounts)
    assert way(lambda service: accounts.client(session, service)) == THEIRS
    assert way(lambda service: accounts.client(accounts.root(MINE), service)) == MINE


def test_what_a_role_of_another_account_makes_is_that_accounts(accounts: Accounts) -> None:
    visitor = accounts.client(accounts.role(THEIRS, by=MINE), "sagemaker")
    mine = accounts.client(accounts.root(MINE), "sagemaker")
    for each in (visitor, mine):
        each.create_model_package_group(ModelPackageGroupName="of-both")
    visitor.create_model_package_group(ModelPackageGroupName="of-theirs")

    def names(client: Any) -> list[str]:
        listed = client.list_model_package_groups()["ModelPackageGroupSummaryList"]
        return sorted(each["ModelPackageGroupName"] for each in listed)

    assert names(mine) == ["of-both"]
    assert names(visitor) == names(accounts.client(accounts.root(THEIRS), "sagemaker")) == ["of-both", "of-theirs"]
