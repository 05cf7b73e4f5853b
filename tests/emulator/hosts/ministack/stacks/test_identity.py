"""Roles and policies of templates, and what is attached to them."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError, WaiterError

from tests.emulator.conftest import RunningEmulator

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
UNREADABLE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject"}]}
NO_RESOURCES = "Policy statement must contain resources."
ABSENT = "arn:aws:iam::aws:policy/AdminstratorAccess"


@pytest.mark.parametrize(
    ("resource_type", "properties", "reason"),
    [
        ("Role", {"AssumeRolePolicyDocument": {}}, "Could not parse the policy: Statement is empty!"),
        (
            "Role",
            {
                "AssumeRolePolicyDocument": TRUST,
                "Policies": [{"PolicyName": "own", "PolicyDocument": UNREADABLE}],
            },
            NO_RESOURCES,
        ),
        (
            "Role",
            {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [ABSENT]},
            f"Policy {ABSENT} does not exist or is not attachable.",
        ),
        ("ManagedPolicy", {"PolicyDocument": UNREADABLE}, NO_RESOURCES),
    ],
)
def test_a_stack_fails_by_what_iam_refuses(
    emulator: RunningEmulator, resource_type: str, properties: dict[str, Any], reason: str
) -> None:
    cloudformation = emulator.client("cloudformation")
    template = {"Resources": {"Refused": {"Type": f"AWS::IAM::{resource_type}", "Properties": properties}}}
    name = f"refused-{resource_type}-{len(reason)}"
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30}
        )
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    assert any(reason in each.get("ResourceStatusReason", "") for each in events)


def test_a_policy_of_aws_s_is_attached_though_its_name_alone_is_known(emulator: RunningEmulator) -> None:
    iam, arn = emulator.client("iam"), "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
    iam.create_role(RoleName="views", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.attach_role_policy(RoleName="views", PolicyArn=arn)
    [attached] = iam.list_attached_role_policies(RoleName="views")["AttachedPolicies"]
    assert attached == {"PolicyName": "ViewOnlyAccess", "PolicyArn": arn}
    with pytest.raises(ClientError, match="ViewOnlyAccess the name alone"):
        iam.get_policy(PolicyArn=arn)


def test_another_version_of_a_policy_becomes_the_default(emulator: RunningEmulator) -> None:
    iam, document = emulator.client("iam"), {"Version": "2012-10-17", "Statement": [READ]}
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v1"
    told = {each["VersionId"]: each["IsDefaultVersion"] for each in iam.list_policy_versions(PolicyArn=arn)["Versions"]}
    assert told == {"v1": True, "v2": False}
    with pytest.raises(ClientError, match="This policy has more than one version"):
        iam.delete_policy(PolicyArn=arn)
