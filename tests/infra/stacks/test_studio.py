"""Studio, deployed to the emulator of all tests, changed there and destroyed with all that people have made in it."""

from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from sagecraft_constructs import (
    DataBucket,
    InstanceType,
    Space,
    StudioApp,
    StudioAppType,
    StudioImage,
    StudioLifecycleConfig,
    TrainingContainer,
    UserProfile,
)
from sagecraft_infra.inventory import take_whole_inventory
from sagecraft_infra.stacks import StudioStack
from sagecraft_infra.studio.standing import STUDIO_DOMAINS, StudioDomainState
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.publishing import Publisher

from tests.constructs.stack import CONTEXT
from tests.constructs.template_checks import assert_clean, template_of

pytestmark = pytest.mark.slow


@pytest.fixture
def deployment(sagecraft_emulator: RunningEmulator, _sagecraft_publisher: Publisher) -> TestDeployment:
    return TestDeployment(sagecraft_emulator, _sagecraft_publisher)


def studio(people: Sequence[str], **props: Any) -> StudioStack:
    app = App(context=CONTEXT)
    bucket = DataBucket(Stack(app, "StudioData"), "Bucket", removal_policy=RemovalPolicy.DESTROY)
    return StudioStack(app, "Studio", bucket=bucket, people=people, **props)


def test_what_people_have_made_goes_with_them_and_all_with_the_domain(
    deployment: TestDeployment, sagecraft_emulator: RunningEmulator
) -> None:
    sagemaker, efs = sagecraft_emulator.client("sagemaker"), sagecraft_emulator.client("efs")
    stack = studio(["ann", "bob"])
    Space(stack, "Shared", owner=stack.user_profiles["ann"], shared=True, space_name="shared")
    domain_id = deployment.deploy(stack.node.root)["DomainId"]  # type: ignore[arg-type]  # the root is the app

    def made_by(name: str) -> None:
        sagemaker.create_space(
            DomainId=domain_id,
            SpaceName=f"of-{name}",
            OwnershipSettings={"OwnerUserProfileName": name},
            SpaceSharingSettings={"SharingType": "Private"},
            SpaceSettings={"AppType": "JupyterLab"},
        )

    def there() -> tuple[list[str], list[str]]:
        profiles = sagemaker.list_user_profiles(DomainIdEquals=domain_id)["UserProfiles"]
        spaces = sagemaker.list_spaces(DomainIdEquals=domain_id)["Spaces"]
        return sorted(each["UserProfileName"] for each in profiles), sorted(each["SpaceName"] for each in spaces)

    try:
        assert there() == (["ann", "bob"], ["shared"])
        domain = sagemaker.describe_domain(DomainId=domain_id)
        inventory = take_whole_inventory(
            sagecraft_emulator.target, [], [STUDIO_DOMAINS], [sagecraft_emulator.region]
        ).of(STUDIO_DOMAINS)
        name, region = domain["DomainName"], sagecraft_emulator.region
        told = StudioDomainState(domain_id, region, name, "InService", "PublicInternetOnly")
        assert [each for each in inventory if each.name == domain_id] == [told]
        sagemaker.create_user_profile(DomainId=domain_id, UserProfileName="guest")
        for name in ("ann", "bob", "guest"):
            made_by(name)

        without_bob = studio(["ann"])
        Space(without_bob, "Shared", owner=without_bob.user_profiles["ann"], shared=True, space_name="shared")
        deployment.deploy(without_bob.node.root)  # type: ignore[arg-type]
        assert there() == (["ann", "guest"], ["of-ann", "of-guest", "shared"])
    finally:
        deployment.destroy()
    assert domain_id not in [each["DomainId"] for each in sagemaker.list_domains()["Domains"]]
    assert there() == ([], [])
    systems = [each["FileSystemId"] for each in efs.describe_file_systems()["FileSystems"]]
    assert domain["HomeEfsFileSystemId"] not in systems


def tools(script: str, tag: str) -> Stack:
    """Studio with a script that runs and an image that starts, each of which SageMaker cannot change."""
    stack = studio([])
    domain = stack.domain
    setup = StudioLifecycleConfig(stack, "Setup", script=script)
    images = ecr.Repository.from_repository_name(stack, "Images", "own")
    image = StudioImage(stack, "Image", container=TrainingContainer.from_ecr(images, tag=tag), image_name="studio-own")
    lab = StudioApp(instance_type=InstanceType.M5_LARGE, lifecycle_configs=[setup], images=[image])
    UserProfile(stack, "Ann", domain=domain, user_profile_name="ann", apps={StudioAppType.JUPYTER_LAB: lab})
    CfnOutput(stack, "SetupArn", value=setup.studio_lifecycle_config_arn)
    return stack


def test_what_sagemaker_cannot_change_is_replaced_under_those_who_use_it(
    deployment: TestDeployment, sagecraft_emulator: RunningEmulator
) -> None:
    sagemaker = sagecraft_emulator.client("sagemaker")

    def used(domain_id: str) -> dict[str, Any]:
        profile = sagemaker.describe_user_profile(DomainId=domain_id, UserProfileName="ann")
        settings: dict[str, Any] = profile["UserSettings"]["JupyterLabAppSettings"]
        return settings

    def there() -> list[str]:
        configs = sagemaker.list_studio_lifecycle_configs()["StudioLifecycleConfigs"]
        return [each["StudioLifecycleConfigArn"] for each in configs]

    try:
        first = deployment.deploy(tools("echo one", "1"))
        assert used(first["DomainId"])["LifecycleConfigArns"] == [first["SetupArn"]]
        second = deployment.deploy(tools("echo two", "2"))
        assert second["DomainId"] == first["DomainId"]
        settings = used(second["DomainId"])
        assert settings["LifecycleConfigArns"] == [second["SetupArn"]] != [first["SetupArn"]]
        assert settings["CustomImages"][0]["ImageVersionNumber"] == 2
        assert (first["SetupArn"] in there(), second["SetupArn"] in there()) == (False, True)
        versions = sagemaker.list_image_versions(ImageName="studio-own")["ImageVersions"]
        assert [each["Version"] for each in versions] == [2]
    finally:
        deployment.destroy()
    assert not [each for each in sagemaker.list_images()["Images"] if each["ImageName"] == "studio-own"]
    assert second["SetupArn"] not in there()


def test_the_stack_takes_what_exists_and_is_clean() -> None:
    app = App(context=CONTEXT)
    env = Environment(account="123456789012", region="eu-west-1")
    own = Stack(app, "Own", env=env)
    vpc = ec2.Vpc.from_vpc_attributes(
        own,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    stack = StudioStack(
        app,
        "Studio",
        bucket=DataBucket(own, "Bucket"),
        people=["ann"],
        vpc=vpc,
        instance_type=InstanceType.M5_LARGE,
        env=env,
    )
    assert_clean(app)
    (domain,) = [each for each in template_of(stack)["Resources"].values() if each["Type"].endswith("::Domain")]
    assert domain["Properties"]["AppNetworkAccessType"] == "VpcOnly"
    lab = domain["Properties"]["DefaultUserSettings"]["JupyterLabAppSettings"]
    assert lab["DefaultResourceSpec"] == {"InstanceType": "ml.m5.large"}


def test_somebody_who_is_listed_twice_is_named() -> None:
    with pytest.raises(ValueError, match="people: 'Ann' is given twice"):
        studio(["ann", "bob", "Ann"])


def test_one_name_is_no_list_of_people() -> None:
    with pytest.raises(ValueError, match=r"people: should be a list, such as \['ann'\], got 'ann'"):
        studio("ann")
