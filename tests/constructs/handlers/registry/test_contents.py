"""The functions that delete versions, and what was made to deploy them."""

from collections.abc import Iterator
from typing import Any

import pytest
from sagecraft_constructs.handlers.registry import contents as functions

from tests.emulator.control_plane import IMAGE, ROLE, ControlPlane
from tests.emulator.registry.packages import package_of

from .control_plane import clients_of_plane


@pytest.fixture
def plane(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlPlane]:
    with clients_of_plane(control_plane, monkeypatch):
        yield control_plane


def event(kind: str, type_: str = "Delete", **properties: str) -> dict[str, Any]:
    return {"RequestType": type_, "ResourceType": f"Custom::SageMaker{kind}", "ResourceProperties": properties}


def test_the_versions_of_a_group_are_deleted_when_their_resource_is(plane: ControlPlane) -> None:
    for group in ("mine", "another"):
        plane.client.create_model_package_group(ModelPackageGroupName=group)
        for _ in range(12):
            package_of(plane.client, group)
    of_group = {"ModelPackageGroupName": "mine"}
    assert functions.on_event(event("ModelPackages", "Create", **of_group), None)["PhysicalResourceId"].endswith("mine")
    assert functions.is_complete(event("ModelPackages", "Create", **of_group), None) == {"IsComplete": True}
    assert functions.is_complete(event("ModelPackages", **of_group), None) == {"IsComplete": False}
    assert functions.is_complete(event("ModelPackages", **of_group), None) == {"IsComplete": True}
    plane.client.delete_model_package_group(ModelPackageGroupName="mine")
    assert functions.is_complete(event("ModelPackages", **of_group), None) == {"IsComplete": True}
    assert (
        len(plane.client.list_model_packages(ModelPackageGroupName="another", MaxResults=20)["ModelPackageSummaryList"])
        == 12
    )


def test_what_deployed_versions_is_deleted_by_the_beginning_of_its_name(plane: ControlPlane) -> None:
    for name in ("stack-delivery-1-abc", "stack-delivery2-1-abc", "my-stack-delivery-1"):
        plane.client.create_model(ModelName=name, PrimaryContainer={"Image": IMAGE}, ExecutionRoleArn=ROLE)
        plane.make_config(name, name)
    prefix = {"NamePrefix": "stack-delivery"}
    assert functions.is_complete(event("Delivered", **prefix), None) == {"IsComplete": False}
    assert functions.is_complete(event("Delivered", **prefix), None) == {"IsComplete": True}
    left = {each["ModelName"] for each in plane.client.list_models()["Models"]}
    configs = plane.client.list_endpoint_configs()["EndpointConfigs"]
    assert left == {each["EndpointConfigName"] for each in configs} == {"stack-delivery2-1-abc", "my-stack-delivery-1"}
