import json

import pytest
from aws_cdk import Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from sagecraft_constructs import (
    ExecutionRole,
    InstanceType,
    InvalidProps,
    StudioApp,
    StudioAppType,
    StudioDomain,
    UserProfile,
)

from tests.constructs.stack import make_stack

from .templates import found, properties, statements


@pytest.fixture
def stack() -> Stack:
    return make_stack("eu-west-1", "Team")


def test_a_user_works_as_the_domain_says(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    user = UserProfile(stack, "Ann", domain=domain, user_profile_name="ann")
    Tags.of(user).add("person", "ann")
    (domain_id,) = found(stack, "AWS::SageMaker::Domain")
    assert properties(stack, "UserProfile") == {
        "DomainId": {"Fn::GetAtt": [domain_id, "DomainId"]},
        "Tags": [{"Key": "person", "Value": "ann"}],
        "UserProfileName": "ann",
    }
    assert user.role is domain.role


def test_a_user_with_a_role_of_their_own_works_as_that_one_with_apps_of_their_own(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    role = ExecutionRole(stack, "AnnRole")
    group = ec2.SecurityGroup.from_security_group_id(stack, "Group", "sg-12345678")
    editor = StudioApp(instance_type=InstanceType.M5_XLARGE)
    UserProfile(
        stack, "Ann", domain=domain, role=role, apps={StudioAppType.CODE_EDITOR: editor}, security_groups=[group]
    )
    assert properties(stack, "UserProfile")["UserSettings"] == {
        "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.m5.xlarge"}},
        "ExecutionRole": stack.resolve(role.role_arn),
        "SecurityGroups": ["sg-12345678"],
    }
    needs = json.dumps([statements(stack, "AnnRole"), statements(stack, "AnnOwnWork")])
    assert all(action in needs for action in ("logs:PutLogEvents", "kms:CreateGrant", "sagemaker:CreateSpace"))


def test_a_user_of_another_stacks_domain_is_emptied_by_their_own_stack(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    people = make_stack("eu-west-1", "People", app=stack.node.root)  # type: ignore[arg-type]  # the root is the app
    UserProfile(people, "Ann", domain=domain, role=ExecutionRole(people, "AnnRole"))
    (contents,) = found(people, "Custom::SageMakerStudioContents").values()
    assert contents["Properties"]["UserProfileName"] == properties(people, "UserProfile")["UserProfileName"]
    assert "sagemaker:DeleteDomain" not in json.dumps(statements(people, "SagecraftStudioRole"))
    assert [each.stack_name for each in people.dependencies] == ["Team"]


def test_somebody_is_allowed_to_open_studio_as_one_user(stack: Stack) -> None:
    user = UserProfile(stack, "Ann", domain=StudioDomain.from_domain_id(stack, "Domain", "d-abc"))
    user.grant_open(iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal()))
    (profile,) = found(stack, "AWS::SageMaker::UserProfile")
    assert statements(stack, "Person") == [
        {
            "Action": ["sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"],
            "Effect": "Allow",
            "Resource": {"Fn::GetAtt": [profile, "UserProfileArn"]},
        }
    ]


def test_an_existing_user_is_known_by_name(stack: Stack) -> None:
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-abc")
    known = UserProfile.from_user_profile_name(stack, "Ann", domain=domain, user_profile_name="ann")
    assert (known.user_profile_name, known.role, known.emptied) == ("ann", None, None)
    assert "user-profile/d-abc/ann" in str(stack.resolve(known.user_profile_arn))


def test_every_problem_is_told_at_once(stack: Stack) -> None:
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-abc")
    gateway = StudioApp(instance_type=InstanceType.of("m5.large"))
    with pytest.raises(InvalidProps) as caught:
        UserProfile(
            stack, "Ann", domain=domain, apps={StudioAppType.KERNEL_GATEWAY: gateway}, user_profile_name="ann@example"
        )
    wrong_type, wrong_name = caught.value.problems
    assert wrong_type.startswith("apps[KernelGateway]: instance_type: 'm5.large' is not an instance type for studio.")
    assert "Did you mean 'ml.m5.large'?" in wrong_type
    assert wrong_name.startswith("user_profile_name: UserProfileName 'ann@example' does not match")
