import pytest
from aws_cdk import Stack, Tags
from aws_cdk import aws_iam as iam
from sagecraft_constructs import (
    InstanceType,
    InvalidProps,
    Space,
    StudioApp,
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


OFFER = "give it to the domain or the owner too: apps={StudioAppType.JUPYTER_LAB: StudioApp(lifecycle_configs=[…])}."


def test_a_script_runs_in_a_space_that_its_domain_or_its_owner_offers(stack: Stack) -> None:
    """Source: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1568, where it fails else"""
    setup, other = (StudioLifecycleConfig(stack, name, script="echo") for name in ("Setup", "Other"))
    apps = {StudioAppType.JUPYTER_LAB: StudioApp(lifecycle_configs=[setup])}
    domain = StudioDomain(stack, "Domain")
    ann = UserProfile(stack, "Ann", domain=domain, apps=apps)
    Space(stack, "Offered", owner=ann, lifecycle_config=setup)
    with pytest.raises(InvalidProps, match="'Team/Other' is none that the domain or the owner offers") as refused:
        Space(stack, "Own", owner=ann, lifecycle_config=other)
    assert str(refused.value).endswith(OFFER)
    with pytest.raises(InvalidProps, match="'Team/Setup' is none that the domain offers"):
        Space(stack, "Shared", owner=ann, shared=True, lifecycle_config=setup)
    known = UserProfile.from_user_profile_name(stack, "Bob", domain=domain, user_profile_name="bob")
    Space(stack, "Bobs", owner=known, lifecycle_config=other, volume_gib=500)


def test_a_volume_is_at_most_as_large_as_the_domain_allows(stack: Stack) -> None:
    ann = UserProfile(stack, "Ann", domain=StudioDomain(stack, "Domain", largest_volume_gib=200))
    Space(stack, "Large", owner=ann, volume_gib=200)
    with pytest.raises(InvalidProps, match="volume_gib: should be at most 200, the largest_volume_gib of the domain"):
        Space(stack, "Larger", owner=ann, volume_gib=201)


def test_two_of_one_name_in_a_domain_are_refused(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    ann = UserProfile(stack, "Ann", domain=domain, user_profile_name="ann")
    with pytest.raises(InvalidProps, match="user_profile_name: 'ANN' is that of 'Team/Ann' already"):
        UserProfile(stack, "Other", domain=domain, user_profile_name="ANN")
    Space(stack, "One", owner=ann, space_name="ann")
    with pytest.raises(InvalidProps, match="space_name: 'ann' is that of 'Team/One' already"):
        Space(stack, "Two", owner=ann, space_name="ann")
    other = StudioDomain.from_domain_id(stack, "Far", "d-far")
    UserProfile(stack, "Far-Ann", domain=other, user_profile_name="ann")
