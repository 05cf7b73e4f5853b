"""Studio, deployed to the emulator of all tests, changed there and destroyed with all that people have made in it."""

from collections.abc import Sequence
from typing import Any

import pytest
from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from sagecraft_constructs import (
    DataBucket,
    InstanceType,
    Space,
    StudioAppType,
    StudioImage,
    StudioLifecycleConfig,
    TrainingContainer,
    UserProfile,
)
from sagecraft_infra.stacks import StudioStack
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
        assert (domain["Status"], domain["AppNetworkAccessType"]) == ("InService", "PublicInternetOnly")
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
