import json
from typing import Any

import pytest
from aws_cdk import Duration, RemovalPolicy, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from sagecraft_constructs import (
    DataBucket,
    InstanceType,
    InvalidProps,
    Space,
    StudioApp,
    StudioAppType,
    StudioDomain,
    StudioImage,
    StudioLifecycleConfig,
    UserProfile,
)

from tests.constructs.stack import make_stack

from .templates import found, properties, statements

IDLE = {"AppLifecycleManagement": {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}}}
STORAGE = {"DefaultEbsStorageSettings": {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 100}}


@pytest.fixture
def stack() -> Stack:
    return make_stack("eu-west-1", "Team")


def private_vpc(stack: Stack) -> ec2.IVpc:
    return ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123abcd",
        availability_zones=["eu-west-1a", "eu-west-1b"],
        private_subnet_ids=["subnet-0123abcd", "subnet-4567abcd"],
        private_subnet_route_table_ids=["rtb-0123abcd", "rtb-4567abcd"],
    )


def test_a_domain_stands_alone_and_its_apps_stop_when_nobody_works(stack: Stack) -> None:
    StudioDomain(stack, "Domain")
    Tags.of(stack).add("team", "titanic")
    domain = properties(stack, "Domain")
    (network,) = found(stack, "AWS::EC2::VPC")
    ((key_id, key),) = found(stack, "AWS::KMS::Key").items()
    role = {"Fn::GetAtt": [next(name for name in found(stack, "AWS::IAM::Role") if "DomainRole" in name), "Arn"]}
    assert domain == {
        "AppNetworkAccessType": "PublicInternetOnly",
        "AuthMode": "IAM",
        "DefaultSpaceSettings": {"ExecutionRole": role, "JupyterLabAppSettings": IDLE, "SpaceStorageSettings": STORAGE},
        "DefaultUserSettings": {
            "CodeEditorAppSettings": IDLE,
            "DefaultLandingUri": "studio::",
            "ExecutionRole": role,
            "JupyterLabAppSettings": IDLE,
            "SpaceStorageSettings": STORAGE,
            "StudioWebPortal": "ENABLED",
        },
        "DomainName": domain["DomainName"],
        "KmsKeyId": {"Fn::GetAtt": [key_id, "Arn"]},
        "SubnetIds": [{"Ref": name} for name in found(stack, "AWS::EC2::Subnet")],
        "TagPropagation": "ENABLED",
        "Tags": [{"Key": "team", "Value": "titanic"}],
        "VpcId": {"Ref": network},
    }
    assert key["Properties"]["EnableKeyRotation"] is True
    assert found(stack, "AWS::EC2::SecurityGroup") == found(stack, "AWS::EC2::InternetGateway") == {}


def test_in_a_vpc_it_has_no_other_way_to_the_internet(stack: Stack) -> None:
    StudioDomain(stack, "Domain", vpc=private_vpc(stack))
    domain = properties(stack, "Domain")
    assert (domain["AppNetworkAccessType"], domain["VpcId"]) == ("VpcOnly", "vpc-0123abcd")
    assert domain["SubnetIds"] == ["subnet-0123abcd", "subnet-4567abcd"]
    ((group, resource),) = found(stack, "AWS::EC2::SecurityGroup").items()
    assert domain["DefaultUserSettings"]["SecurityGroups"] == [{"Fn::GetAtt": [group, "GroupId"]}]
    assert domain["DefaultSpaceSettings"]["SecurityGroups"] == [{"Fn::GetAtt": [group, "GroupId"]}]
    assert "SecurityGroupIngress" not in resource["Properties"]


def test_in_a_vpc_the_way_through_sagemakers_network_is_taken_if_it_is_said(stack: Stack) -> None:
    StudioDomain(stack, "Domain", vpc=private_vpc(stack), direct_internet_access=True)
    domain = properties(stack, "Domain")
    assert domain["AppNetworkAccessType"] == "PublicInternetOnly"
    assert "SecurityGroups" not in domain["DefaultUserSettings"]


def test_apps_start_as_the_domain_says(stack: Stack) -> None:
    setup = StudioLifecycleConfig.from_studio_lifecycle_config_name(stack, "Setup", "setup")
    image = StudioImage.from_image_attributes(
        stack, "Image", image_name="own", app_image_config_name="own-config", image_version_number=3
    )
    StudioDomain(
        stack,
        "Domain",
        apps={
            StudioAppType.JUPYTER_LAB: StudioApp(
                instance_type=InstanceType.M5_LARGE,
                lifecycle_configs=[setup],
                images=[image],
                code_repositories=["https://github.com/example/titanic"],
            ),
            StudioAppType.KERNEL_GATEWAY: StudioApp(instance_type=InstanceType.of("system")),
        },
        idle_time=Duration.hours(3),
        volume_gib=20,
        largest_volume_gib=50,
    )
    domain = properties(stack, "Domain")
    arn = {
        "Fn::Join": [
            "",
            ["arn:", {"Ref": "AWS::Partition"}, ":sagemaker:eu-west-1:123456789012:studio-lifecycle-config/setup"],
        ]
    }
    lab = {
        "AppLifecycleManagement": {
            "IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 180},
        },
        "CodeRepositories": [{"RepositoryUrl": "https://github.com/example/titanic"}],
        "CustomImages": [{"AppImageConfigName": "own-config", "ImageName": "own", "ImageVersionNumber": 3}],
        "DefaultResourceSpec": {"InstanceType": "ml.m5.large", "LifecycleConfigArn": arn},
        "LifecycleConfigArns": [arn],
    }
    for settings in (domain["DefaultUserSettings"], domain["DefaultSpaceSettings"]):
        assert settings["JupyterLabAppSettings"] == lab
        assert settings["KernelGatewayAppSettings"] == {"DefaultResourceSpec": {"InstanceType": "system"}}
        assert settings["SpaceStorageSettings"]["DefaultEbsStorageSettings"] == {
            "DefaultEbsVolumeSizeInGb": 20,
            "MaximumEbsVolumeSizeInGb": 50,
        }


@pytest.mark.parametrize(
    ("policy", "retention", "key_stays"), [(None, "Delete", False), (RemovalPolicy.RETAIN, "Retain", True)]
)
def test_the_file_system_goes_with_the_domain_unless_it_is_to_stay_and_its_key_with_it(
    stack: Stack, policy: RemovalPolicy | None, retention: str, *, key_stays: bool
) -> None:
    """CloudFormation cannot say it: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1085"""
    StudioDomain(stack, "Domain", **({} if policy is None else {"home_removal_policy": policy}))  # type: ignore[arg-type]  # mypy takes it for any prop
    (contents,) = found(stack, "Custom::SageMakerStudioContents").values()
    (key,) = found(stack, "AWS::KMS::Key").values()
    assert contents["Properties"]["RetentionPolicy"] == {"HomeEfsFileSystem": retention}
    assert key["DeletionPolicy"] == ("Retain" if key_stays else "Delete")


def test_all_is_emptied_before_what_holds_it_is_deleted(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    user = UserProfile(stack, "Ann", domain=domain)
    Space(stack, "Space", owner=user)
    kinds = ("Domain", "UserProfile", "Space")
    holders = {kind: next(iter(found(stack, f"AWS::SageMaker::{kind}"))) for kind in kinds}
    contents = found(stack, "Custom::SageMakerStudioContents")
    of_kind = {kind: next(name for name in contents if holders[kind] in contents[name]["DependsOn"]) for kind in kinds}
    made = found(stack, "AWS::SageMaker::UserProfile") | found(stack, "AWS::SageMaker::Space")
    assert of_kind["Domain"] in made[holders["UserProfile"]]["DependsOn"]
    assert of_kind["UserProfile"] in made[holders["Space"]]["DependsOn"]


def test_what_empties_may_do_so_in_its_own_domain_alone(stack: Stack) -> None:
    StudioDomain(stack, "Domain")
    (domain_id,) = found(stack, "AWS::SageMaker::Domain")
    allowed = {str(each["Action"]): json.dumps(each["Resource"]) for each in statements(stack, "SagecraftStudioRole")}
    assert allowed.pop("['sagemaker:ListApps', 'sagemaker:ListSpaces', 'sagemaker:ListUserProfiles']") == '"*"'
    assert allowed.pop("['logs:CreateLogStream', 'logs:PutLogEvents']")
    assert allowed.pop("ec2:DescribeSecurityGroups") == '"*"'
    (groups,) = [each for each in statements(stack, "SagecraftStudioRole") if "ec2:Delete" in str(each["Action"])]
    tag = {"ec2:ResourceTag/ManagedByAmazonSageMakerResource": {"Fn::GetAtt": [domain_id, "DomainArn"]}}
    assert groups["Condition"] == {"StringEquals": tag}
    assert allowed.pop(str(groups["Action"]))
    assert sorted(allowed) == [
        "sagemaker:DeleteApp",
        "sagemaker:DeleteDomain",
        "sagemaker:DeleteSpace",
        "sagemaker:DeleteUserProfile",
        "sagemaker:DescribeDomain",
    ]
    assert all(domain_id in resource for resource in allowed.values())


def test_the_role_may_work_in_its_own_domain_alone_and_on_its_own_spaces(stack: Stack) -> None:
    StudioDomain(stack, "Domain")
    own = [each for each in statements(stack, "DomainOwnWork") if each["Resource"] != "*"]
    (domain_id,) = found(stack, "AWS::SageMaker::Domain")
    assert all(domain_id in json.dumps(each["Resource"]) for each in own)
    changes = [each for each in own if "Create" in str(each["Action"]) and "Presigned" not in str(each["Action"])]
    assert len(changes) == 4
    assert all("Condition" in each for each in changes)
    (spaces,) = [each for each in changes if "sagemaker:CreateSpace" in each["Action"]]
    assert "${sagemaker:UserProfileName}" in json.dumps(spaces["Condition"])


def test_given_things_are_used(stack: Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/1234")
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    StudioDomain(stack, "Domain", encryption_key=key, role=role, domain_name="titanic")
    domain = properties(stack, "Domain")
    assert domain["KmsKeyId"] == "arn:aws:kms:eu-west-1:123456789012:key/1234"
    assert domain["DefaultUserSettings"]["ExecutionRole"] == stack.resolve(role.role_arn)
    assert domain["DomainName"] == "titanic"


def test_others_are_allowed_to_open_it_and_to_manage_its_apps(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    admin = iam.Role(stack, "Admin", assumed_by=iam.AccountRootPrincipal())
    domain.grant_open(admin)
    domain.grant_manage_apps(admin)
    assert [each["Action"] for each in statements(stack, "Admin")] == [
        ["sagemaker:CreatePresignedDomainUrl", "sagemaker:DescribeUserProfile"],
        ["sagemaker:CreateApp", "sagemaker:DeleteApp", "sagemaker:DescribeApp"],
    ]


def test_others_grants_take_the_domain_and_it_reads_what_it_is_allowed(stack: Stack) -> None:
    domain = StudioDomain(stack, "Domain")
    kms.Key(stack, "Key", enable_key_rotation=True).grant_decrypt(domain)
    domain.allow_read(DataBucket(stack, "Bucket"), "titanic/")
    allowed = statements(stack, "DomainRole")
    assert "s3:GetObject" in [each["Action"] for each in allowed]
    (grant,) = [each for each in allowed if each["Action"] == "kms:Decrypt"]
    assert grant["Resource"]["Fn::GetAtt"][0].startswith("Key")


def test_an_existing_domain_is_known_by_its_id(stack: Stack) -> None:
    known = StudioDomain.from_domain_id(stack, "Domain", "d-abc")
    assert (known.domain_id, known.role, known.emptied) == ("d-abc", None, None)
    assert "domain/d-abc" in str(stack.resolve(known.domain_arn))


def test_every_problem_is_told_at_once(stack: Stack) -> None:
    editor = StudioLifecycleConfig(stack, "Setup", script="true", app_type=StudioAppType.CODE_EDITOR)
    with pytest.raises(InvalidProps) as caught:
        StudioDomain(
            stack,
            "Domain",
            apps={
                StudioAppType.JUPYTER_LAB: StudioApp(
                    instance_type=InstanceType.of("ml.t3.medum"),
                    lifecycle_configs=[editor],
                    code_repositories=["git@github.com:example/titanic.git"],
                ),
                StudioAppType.JUPYTER_SERVER: StudioApp(instance_type=InstanceType.T3_MEDIUM),
            },
            direct_internet_access=False,
            security_groups=[],
            idle_time=Duration.minutes(30),
            volume_gib=4,
            largest_volume_gib=20_000,
            home_removal_policy=RemovalPolicy.SNAPSHOT,
            domain_name="my_domain",
        )
    problems: dict[str, str] = dict(problem.rsplit(": ", 1) for problem in caught.value.problems)
    assert str(caught.value).startswith("StudioDomain 'Team/Domain': ")
    (lab,) = [each for each in caught.value.problems if "medum" in each]
    assert lab.startswith("apps[JupyterLab]: instance_type: 'ml.t3.medum' is not an instance type for studio.")
    assert "Did you mean 'ml.t3.medium'" in lab
    assert problems["apps[JupyterLab]: lifecycle_configs"] == (
        "'Team/Setup' is for CodeEditor apps; give one for JupyterLab."
    )
    assert problems["apps[JupyterLab]: code_repositories"] == (
        "'git@github.com:example/titanic.git' is no https:// URL of a Git repository."
    )
    assert problems["apps[JupyterServer]: instance_type"] == (
        "JupyterServer apps run on 'system' alone, got 'ml.t3.medium'; leave it out."
    )
    assert problems["vpc"] == "'subnets' and 'security_groups' need it; give it too."
    assert problems["direct_internet_access"].startswith("without a VPC there is no other way to the network")
    assert problems["idle_time"] == "should be whole minutes, from an hour to a year, got 30 minutes."
    assert problems["volume_gib"] == "should be from 5 to 16,384, got 4."
    assert problems["largest_volume_gib"] == "should be from 5 to 16,384, got 20000."
    assert problems["home_removal_policy"] == "should be DESTROY or RETAIN, got SNAPSHOT."
    assert "DomainName 'my_domain' does not match" in str(caught.value)


CASES: list[tuple[dict[str, Any], str]] = [
    ({"idle_time": Duration.seconds(3690)}, "idle_time: should be whole minutes, from an hour to a year, got 3690 sec"),
    ({"volume_gib": 200}, "volume_gib: should be at most largest_volume_gib, which is 100."),
    (
        {"apps": {StudioAppType.CODE_EDITOR: StudioApp(instance_type=InstanceType.of("system"))}},
        r"apps\[CodeEditor\]: instance_type: 'system' is not an instance type for studio",
    ),
    (
        {"apps": {StudioAppType.CODE_EDITOR: StudioApp(code_repositories=["https://github.com/example/titanic"])}},
        "JupyterLab alone offers them, and not CodeEditor",
    ),
    (
        {"apps": {StudioAppType.JUPYTER_LAB: StudioApp(code_repositories=["https://github.com/a/b"] * 11)}},
        "at most 10 are allowed, got 11",
    ),
]


@pytest.mark.parametrize(("props", "told"), CASES)
def test_what_sagemaker_does_not_take_is_refused(stack: Stack, props: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidProps, match=told):
        StudioDomain(stack, "Domain", **props)


def test_studio_classic_in_a_vpc_needs_a_security_group_in_which_its_apps_reach_each_other(stack: Stack) -> None:
    with pytest.raises(InvalidProps, match="TCP ports 8192-65535"):
        StudioDomain(stack, "Domain", vpc=private_vpc(stack), apps={StudioAppType.KERNEL_GATEWAY: StudioApp(images=[])})
