"""Model package groups."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane

from .packages import OTHER, package_of, shared_with

ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package-group/group"


def test_a_model_package_group_is_kept_and_removed(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_model_package_group(ModelPackageGroupName="group")
    for name in ("group", ARN):
        group = client.describe_model_package_group(ModelPackageGroupName=name)
        assert (group["ModelPackageGroupStatus"], group["ModelPackageGroupArn"]) == ("Completed", ARN)
    client.delete_model_package_group(ModelPackageGroupName=ARN)
    assert client.list_model_package_groups()["ModelPackageGroupSummaryList"] == []


def test_a_group_with_versions_cannot_be_deleted(control_plane: ControlPlane) -> None:
    client = control_plane.client
    client.create_model_package_group(ModelPackageGroupName="group")
    package = package_of(client, "group")
    with pytest.raises(client.exceptions.ConflictException, match=rf"it has 1 model packages, such as {package}\."):
        client.delete_model_package_group(ModelPackageGroupName="group")
    client.delete_model_package(ModelPackageName=package)
    client.delete_model_package_group(ModelPackageGroupName="group")


def test_the_policy_of_a_group_is_kept_as_it_was_given(control_plane: ControlPlane) -> None:
    client = control_plane.client
    # These texts are what terraform knows an absent policy by, see _found.
    with pytest.raises(ClientError, match=f"Cannot find Model Package Group: {ARN}"):
        client.get_model_package_group_policy(ModelPackageGroupName="group")
    client.create_model_package_group(ModelPackageGroupName="group")
    for operation in (client.get_model_package_group_policy, client.delete_model_package_group_policy):
        with pytest.raises(ClientError, match=f"Cannot find resource policy for: {ARN}"):
            operation(ModelPackageGroupName="group")
    policy = shared_with(OTHER, "group", "sagemaker:DescribeModelPackage")
    assert (
        client.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)[
            "ModelPackageGroupArn"
        ]
        == ARN
    )
    assert client.get_model_package_group_policy(ModelPackageGroupName="group")["ResourcePolicy"] == policy
    client.delete_model_package_group_policy(ModelPackageGroupName="group")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{", "not a valid policy document: Expecting"),
        ("[]", "it must be a JSON object"),
        ("{}", "must be Allow or Deny, got None|it has no Statement"),
        (json.dumps({"Statement": ["x"]}), "each Statement must be a JSON object"),
        (json.dumps({"Statement": {"Effect": "Maybe"}}), "must be Allow or Deny, got 'Maybe'"),
        (json.dumps({"Statement": {"Effect": "Allow", "Principal": "*"}}), "must have a Action"),
    ],
)
def test_a_policy_that_is_none_is_refused(control_plane: ControlPlane, policy: str, message: str) -> None:
    control_plane.client.create_model_package_group(ModelPackageGroupName="group")
    with pytest.raises(ClientError, match=message):
        control_plane.client.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)


def test_another_account_sees_and_registers_what_the_policy_lets_it(control_plane: ControlPlane) -> None:
    # https://docs.aws.amazon.com/sagemaker/latest/dg/model-registry-deploy-xaccount.html
    client, other = control_plane.client, control_plane.client_of(OTHER, REGION)
    client.create_model_package_group(ModelPackageGroupName="group")
    first = package_of(client, "group", ModelApprovalStatus="Approved")

    def denied(action: str, call: Any, **request: Any) -> None:
        with pytest.raises(
            ClientError, match=rf"not authorized to perform: sagemaker:{action} on resource: arn:.*group"
        ):
            call(**request)

    denied("DescribeModelPackage", other.describe_model_package, ModelPackageName=first)
    policy = shared_with(OTHER, "group", *(f"sagemaker:{each}ModelPackage*" for each in ("Describe", "List", "Create")))
    client.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)
    assert other.describe_model_package(ModelPackageName=first)["ModelApprovalStatus"] == "Approved"
    assert package_of(other, ARN).endswith(":000000000000:model-package/group/2")
    listed = other.list_model_packages(ModelPackageGroupName=ARN)["ModelPackageSummaryList"]
    assert [each["ModelPackageVersion"] for each in listed] == [1, 2]
    denied("UpdateModelPackage", other.update_model_package, ModelPackageArn=first, ModelApprovalStatus="Rejected")
    denied("CreateModel", other.create_model, ModelName="m", PrimaryContainer={"ModelPackageName": first})
    with pytest.raises(ClientError, match="no AWS RAM"):
        other.list_model_package_groups(CrossAccountFilterOption="CrossAccount")


def test_a_denial_and_a_condition_let_nobody_in(control_plane: ControlPlane) -> None:
    client, other = control_plane.client, control_plane.client_of(OTHER, REGION)
    client.create_model_package_group(ModelPackageGroupName="group")
    [statement] = json.loads(shared_with(OTHER, "group", "*"))["Statement"]
    only_some = {**statement, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
    for statements, because in (
        ([statement, {**statement, "Effect": "Deny"}], "with an explicit deny in a resource-based policy"),
        ([only_some], "because no resource-based policy allows"),
    ):
        policy = json.dumps({"Statement": statements})
        client.put_model_package_group_policy(ModelPackageGroupName="group", ResourcePolicy=policy)
        with pytest.raises(ClientError, match=because):
            other.describe_model_package_group(ModelPackageGroupName=ARN)
