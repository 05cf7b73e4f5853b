"""Lists of the kinds whose resources are not jobs: order, filters and pages."""

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ControlPlane

NAMES = [f"thing-{number}" for number in range(5)]


@pytest.fixture
def things(control_plane: ControlPlane) -> ControlPlane:
    """Five models, endpoint configurations and endpoints of the same names, made in the names' order."""
    for name in NAMES:
        control_plane.make_model(name)
        control_plane.make_config(name, name)
        control_plane.client.create_endpoint(EndpointName=name, EndpointConfigName=name)
    return control_plane


@pytest.mark.parametrize(
    ("operation", "noun"),
    [("list_models", "Model"), ("list_endpoint_configs", "EndpointConfig"), ("list_endpoints", "Endpoint")],
)
def test_resources_are_listed_by_order_filter_and_page(things: ControlPlane, operation: str, noun: str) -> None:
    def names(answer: dict[str, Any]) -> list[str]:
        return [each[f"{noun}Name"] for each in answer[f"{noun}s"]]

    def listed(**members: Any) -> list[str]:
        return names(getattr(things.client, operation)(**members))

    assert listed() == NAMES[::-1]
    assert listed(SortBy="Name", SortOrder="Ascending", MaxResults=2) == NAMES[:2]
    assert listed(NameContains="-3") == ["thing-3"]
    created = things.record(noun, "thing-2").created
    assert listed(CreationTimeAfter=created + 3600) == []
    assert listed(CreationTimeBefore=created - 3600) == []
    pages = things.client.get_paginator(operation).paginate(PaginationConfig={"PageSize": 2})
    assert [names(page) for page in pages] == [NAMES[:2:-1], NAMES[2:0:-1], NAMES[:1]]


def test_endpoints_are_listed_by_status(things: ControlPlane) -> None:
    things.endpoints.waits = True
    things.client.update_endpoint(EndpointName="thing-1", EndpointConfigName="thing-0")
    listed = things.client.list_endpoints(SortBy="Status")["Endpoints"]
    assert [each["EndpointStatus"] for each in listed] == ["Updating", *["InService"] * 4]
    assert things.client.list_endpoints(StatusEquals="Failed")["Endpoints"] == []


def test_what_is_made_or_deleted_between_two_pages_makes_none_come_twice_or_be_left_out(things: ControlPlane) -> None:
    first = things.client.list_models(MaxResults=2)
    things.make_model("newest")
    rest = things.client.list_models(NextToken=first["NextToken"])
    assert [each["ModelName"] for each in first["Models"] + rest["Models"]] == NAMES[::-1]
    for page in things.client.get_paginator("list_models").paginate(PaginationConfig={"PageSize": 2}):
        for model in page["Models"]:
            things.client.delete_model(ModelName=model["ModelName"])
    assert things.client.list_models()["Models"] == []


@pytest.mark.parametrize("offset", ["-1", "", "one"])
def test_a_token_that_no_list_answered_is_refused(control_plane: ControlPlane, offset: str) -> None:
    token = base64.b64encode(f"offset:{offset}".encode()).decode()
    with pytest.raises(ClientError, match=f"NextToken '{token}' is not one that a list answered"):
        control_plane.client.list_models(NextToken=token)
