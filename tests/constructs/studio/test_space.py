import pytest
from aws_cdk import Stack, Tags
from aws_cdk import aws_iam as iam
from sagecraft_constructs import (
    InstanceType,
    InvalidProps,
    Space,
    StudioAppType,
    StudioDomain,
    StudioLifecycleConfig,
    UserProfile,
    UserProfileBase,
)

from tests.constructs.stack import make_stack

from .templates import found, properties, statements


@pytest.fixture
def stack() -> Stack:
    return make_stack("eu-west-1", "Team")


@pytest.fixture
def owner(stack: Stack) -> UserProfileBase:
    domain = StudioDomain.from_domain_id(stack, "Domain", "d-abc")
    return UserProfile.from_user_profile_name(stack, "Ann", domain=domain, user_profile_name="ann")


def test_a_space_is_its_owners_alone(stack: Stack, owner: UserProfileBase) -> None:
    space = Space(stack, "Space", owner=owner, space_name="own")
    Tags.of(space).add("team", "titanic")
    assert properties(stack, "Space") == {
        "DomainId": "d-abc",
        "OwnershipSettings": {"OwnerUserProfileName": "ann"},
        "SpaceName": "own",
        "SpaceSettings": {"AppType": "JupyterLab"},
        "SpaceSharingSettings": {"SharingType": "Private"},
        "Tags": [{"Key": "team", "Value": "titanic"}],
    }


def test_a_space_is_shared_and_its_app_starts_as_it_is_said(stack: Stack, owner: UserProfileBase) -> None:
    setup = StudioLifecycleConfig(stack, "Setup", script="echo started")
    Space(
        stack,
        "Space",
        owner=owner,
        shared=True,
        instance_type=InstanceType.M5_LARGE,
        lifecycle_config=setup,
        volume_gib=20,
        display_name="Our space",
    )
    (config,) = found(stack, "AWS::SageMaker::StudioLifecycleConfig")
    space = properties(stack, "Space")
    assert space["SpaceSharingSettings"] == {"SharingType": "Shared"}
    assert space["SpaceDisplayName"] == "Our space"
    assert space["SpaceSettings"] == {
        "AppType": "JupyterLab",
        "JupyterLabAppSettings": {
            "DefaultResourceSpec": {
                "InstanceType": "ml.m5.large",
                "LifecycleConfigArn": {"Fn::GetAtt": [config, "StudioLifecycleConfigArn"]},
            }
        },
        "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 20}},
    }


def test_a_space_for_code_editor(stack: Stack, owner: UserProfileBase) -> None:
    Space(stack, "Space", owner=owner, app_type=StudioAppType.CODE_EDITOR, instance_type=InstanceType.T3_LARGE)
    assert properties(stack, "Space")["SpaceSettings"] == {
        "AppType": "CodeEditor",
        "CodeEditorAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}},
    }


def test_somebody_is_allowed_to_run_the_app_of_one_space(stack: Stack, owner: UserProfileBase) -> None:
    Space(stack, "Space", owner=owner, space_name="own").grant_run_app(
        iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal())
    )
    (grant,) = statements(stack, "Person")
    assert grant["Action"] == ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp"]
    assert grant["Resource"]["Fn::Join"][1][-1] == ":sagemaker:eu-west-1:123456789012:app/d-abc/own/*"


def test_an_existing_space_is_known_by_name(stack: Stack, owner: UserProfileBase) -> None:
    known = Space.from_space_name(stack, "Space", domain=owner.domain, space_name="own")
    assert known.space_name == "own"
    assert "space/d-abc/own" in str(stack.resolve(known.space_arn))


def test_every_problem_is_told_at_once(stack: Stack, owner: UserProfileBase) -> None:
    setup = StudioLifecycleConfig(stack, "Setup", script="echo started")
    with pytest.raises(InvalidProps) as caught:
        Space(
            stack,
            "Space",
            owner=owner,
            shared=True,
            app_type=StudioAppType.CODE_EDITOR,
            instance_type=InstanceType.of("ml.p9.large"),
            lifecycle_config=setup,
            volume_gib=4,
            space_name="a space",
        )
    problems = dict(problem.split(": ", 1) for problem in caught.value.problems)
    assert problems["instance_type"].startswith("'ml.p9.large' is not an instance type for studio.")
    assert problems["shared"] == "Code Editor cannot be shared; leave it out, or give JupyterLab."
    assert problems["lifecycle_config"] == "'Team/Setup' is for JupyterLab apps; give one for CodeEditor."
    assert problems["volume_gib"] == "should be from 5 to 16,384, got 4."
    assert problems["space_name"].startswith("SpaceName 'a space' does not match")


def test_studio_classic_has_no_such_spaces(stack: Stack, owner: UserProfileBase) -> None:
    with pytest.raises(InvalidProps, match="app_type: KernelGateway is of Studio Classic"):
        Space(stack, "Space", owner=owner, app_type=StudioAppType.KERNEL_GATEWAY)
