"""Images, their versions, app image configurations and lifecycle configurations as boto3 sees them."""

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .studio import gone, make_domain, settle

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"
BASE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/tools:1"
SCRIPT = base64.b64encode(b"#!/bin/bash\necho hello\n").decode()


@pytest.fixture
def client(control_plane: ControlPlane) -> Any:
    """A client, in an account with the image `Tools`."""
    made = control_plane.client.create_image(ImageName="Tools", RoleArn=ROLE, Description="Of the team")
    assert made["ImageArn"] == f"{PREFIX}:image/tools"
    settle(control_plane, "Image", "CREATED", "ImageStatus", ImageName="Tools")
    return control_plane.client


def test_an_image_is_changed_and_what_is_to_go_goes(control_plane: ControlPlane, client: Any) -> None:
    client.update_image(ImageName="tools", DisplayName="Our tools", DeleteProperties=["Description"])
    settle(control_plane, "Image", "CREATED", "ImageStatus", ImageName="tools")
    image = client.describe_image(ImageName="tools")
    assert (image["ImageName"], image["DisplayName"], image["RoleArn"]) == ("Tools", "Our tools", ROLE)
    assert "Description" not in image


def test_a_name_that_is_taken_is_told_in_aws_words(client: Any) -> None:
    with pytest.raises(ClientError, match=r"The Image with ImageName tools already exists. Please use a different"):
        client.create_image(ImageName="tools", RoleArn=ROLE)
    client.create_app_image_config(AppImageConfigName="config")
    with pytest.raises(ClientError, match="The ID or Name specified is already in use"):
        client.create_app_image_config(AppImageConfigName="config")


def test_versions_count_up_and_have_aliases(control_plane: ControlPlane, client: Any) -> None:
    with pytest.raises(ClientError, match="Latest ImageVersion with ImageName tools does not exist"):
        client.describe_image_version(ImageName="tools")
    first = client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="a", Aliases=["latest"])
    assert first["ImageVersionArn"] == f"{PREFIX}:image-version/tools/1"
    again = client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="a", Aliases=["latest"])
    assert again["ImageVersionArn"] == first["ImageVersionArn"]
    with pytest.raises(ClientError, match="Alias latest is that of version 1"):
        client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="b", Aliases=["latest"])
    client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="c", Aliases=["next"])
    for number in (1, 2):
        settle(control_plane, "ImageVersion", "CREATED", "ImageVersionStatus", ImageName="tools", Version=number)
    assert client.describe_image_version(ImageName="tools")["Version"] == 2
    assert client.describe_image_version(ImageName="tools", Alias="latest")["ContainerImage"] == BASE
    client.update_image_version(ImageName="tools", Version=1, AliasesToDelete=["latest"], AliasesToAdd=["old"])
    assert client.list_aliases(ImageName="tools")["SageMakerImageVersionAliases"] == ["next", "old"]
    listed = client.list_image_versions(ImageName="tools", SortBy="VERSION", SortOrder="ASCENDING")["ImageVersions"]
    assert [each["Version"] for each in listed] == [1, 2]
    client.delete_image_version(ImageName="tools", Alias="next")
    gone(control_plane, "ImageVersion", ImageName="tools", Version=2)
    client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="d")
    assert client.describe_image_version(ImageName="tools")["Version"] == 3


def test_an_image_goes_with_its_versions(control_plane: ControlPlane, client: Any) -> None:
    client.create_image_version(ImageName="tools", BaseImage=BASE, ClientToken="a")
    client.delete_image(ImageName="Tools")
    gone(control_plane, "Image", ImageName="tools")
    assert control_plane.store.find("ImageVersion") == []


def test_images_are_listed_in_the_order_that_is_asked_for(control_plane: ControlPlane, client: Any) -> None:
    client.create_image(ImageName="apples", RoleArn=ROLE)
    images = client.list_images(SortBy="IMAGE_NAME", SortOrder="ASCENDING")["Images"]
    assert [each["ImageName"] for each in images] == ["apples", "Tools"]
    assert [each["ImageName"] for each in client.list_images()["Images"]] == ["apples", "Tools"]
    assert [each["ImageName"] for each in client.list_images(NameContains="app")["Images"]] == ["apples"]


def test_a_version_of_an_image_that_is_not_ready_is_refused(
    control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagecraft_emulator.api.settling.TRANSITION_SECONDS", 3600.0)
    control_plane.client.create_image(ImageName="early", RoleArn=ROLE)
    with pytest.raises(ClientError, match="Image early is in an invalid state"):
        control_plane.client.create_image_version(ImageName="early", BaseImage=BASE, ClientToken="a")


def test_an_app_image_config_is_changed_listed_and_removed(control_plane: ControlPlane) -> None:
    client = control_plane.client
    container = {"ContainerConfig": {"ContainerEntrypoint": ["jupyter-lab"]}}
    client.create_app_image_config(AppImageConfigName="config", JupyterLabAppImageConfig={})
    client.update_app_image_config(AppImageConfigName="config", JupyterLabAppImageConfig=container)
    described = client.describe_app_image_config(AppImageConfigName="config")
    assert described["JupyterLabAppImageConfig"] == container
    made = described["CreationTime"]
    assert client.list_app_image_configs(ModifiedTimeBefore=made.replace(year=2000))["AppImageConfigs"] == []
    [listed] = client.list_app_image_configs(NameContains="conf")["AppImageConfigs"]
    assert listed["AppImageConfigArn"] == f"{PREFIX}:app-image-config/config"
    client.delete_app_image_config(AppImageConfigName="config")
    gone(control_plane, "AppImageConfig", AppImageConfigName="config")


def test_a_lifecycle_configuration_that_a_domain_names_stays(control_plane: ControlPlane) -> None:
    client = control_plane.client
    script = {"StudioLifecycleConfigContent": SCRIPT, "StudioLifecycleConfigAppType": "JupyterLab"}
    made = client.create_studio_lifecycle_config(StudioLifecycleConfigName="start", **script)
    arn = made["StudioLifecycleConfigArn"]
    assert arn == f"{PREFIX}:studio-lifecycle-config/start"
    assert len(client.list_studio_lifecycle_configs(AppTypeEquals="JupyterLab")["StudioLifecycleConfigs"]) == 1
    assert client.list_studio_lifecycle_configs(AppTypeEquals="CodeEditor")["StudioLifecycleConfigs"] == []
    settings = {"ExecutionRole": ROLE, "JupyterLabAppSettings": {"LifecycleConfigArns": [arn]}}
    domain_id = make_domain(control_plane, DefaultUserSettings=settings)
    with pytest.raises(ClientError, match="ResourceInUse"):
        client.delete_studio_lifecycle_config(StudioLifecycleConfigName="start")
    client.update_domain(DomainId=domain_id, DefaultUserSettings={"JupyterLabAppSettings": {}})
    client.delete_studio_lifecycle_config(StudioLifecycleConfigName="start")
    gone(control_plane, "StudioLifecycleConfig", StudioLifecycleConfigName="start")


def test_a_script_that_is_not_base64_is_refused(control_plane: ControlPlane) -> None:
    with pytest.raises(ClientError, match="StudioLifecycleConfigContent must be base64 encoded"):
        control_plane.client.create_studio_lifecycle_config(
            StudioLifecycleConfigName="start",
            StudioLifecycleConfigContent="echo hello",
            StudioLifecycleConfigAppType="JupyterLab",
        )
