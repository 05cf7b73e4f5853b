"""Endpoints in CloudFormation."""

import threading
from typing import Any

import pytest
from sagecraft_emulator.orchestration.cloudformation import Provisioned, ResourceFailed

from tests.emulator.control_plane import ControlPlane
from tests.emulator.orchestration.stack_resource import MODEL, Properties, change, config, make, remove


def endpoint_of(plane: ControlPlane) -> tuple[Provisioned, Properties, Properties]:
    """An endpoint in service, its properties, and properties with another configuration."""
    model = make(plane, "Model", MODEL)
    names = [
        make(plane, "EndpointConfig", config(model, InitialVariantWeight=weight)).attributes["EndpointConfigName"]
        for weight in (1, 2)
    ]
    first, second = ({"EndpointConfigName": name} for name in names)
    return make(plane, "Endpoint", first), first, second


def test_an_endpoint_moves_to_another_configuration_in_place(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    assert change(control_plane, "Endpoint", made, first, second) == made
    view = control_plane.client.describe_endpoint(EndpointName=made.attributes["EndpointName"])
    assert (view["EndpointStatus"], view["EndpointConfigName"]) == ("InService", second["EndpointConfigName"])
    remove(control_plane, "Endpoint", made.physical_id)
    remove(control_plane, "Endpoint", made.physical_id)


def test_an_update_of_an_endpoint_that_somebody_deleted_says_what_to_do(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    remove(control_plane, "Endpoint", made.physical_id)
    name = made.attributes["EndpointName"]
    for new in (second, {**first, "Tags": [{"Key": "a", "Value": "b"}]}):
        with pytest.raises(ResourceFailed, match=rf"^Endpoint '{name}' is not there: .* Have the stack make another: "):
            change(control_plane, "Endpoint", made, first, new)


def test_an_endpoint_is_waited_for(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    control_plane.endpoints.waits = True
    name = made.attributes["EndpointName"]
    changing = threading.Thread(target=change, args=(control_plane, "Endpoint", made, first, second))
    changing.start()
    control_plane.wait("Endpoint", name, "Updating")
    changing.join(0.3)
    assert changing.is_alive()
    control_plane.endpoints.finish(name)
    changing.join(20)
    assert not changing.is_alive()


def test_an_endpoint_that_fails_fails_with_its_reason_and_is_removed(control_plane: ControlPlane) -> None:
    control_plane.endpoints.failure_reason = "The container died."
    with pytest.raises(ResourceFailed, match=r"not InService with '.*'\. The container died\."):
        endpoint_of(control_plane)
    assert control_plane.client.list_endpoints()["Endpoints"] == []


def test_an_endpoint_that_the_emulator_itself_fails_to_wait_for_is_removed(
    control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, broken = control_plane.service.call, iter([OSError("Too many open files")])

    def call_once_broken(operation: str, *arguments: Any) -> dict[str, Any]:
        if operation == "DescribeEndpoint" and (error := next(broken, None)) is not None:
            raise error
        return call(operation, *arguments)

    monkeypatch.setattr(control_plane.service, "call", call_once_broken)
    with pytest.raises(OSError, match="Too many open files"):
        endpoint_of(control_plane)
    assert control_plane.client.list_endpoints()["Endpoints"] == []


def test_an_update_that_fails_is_told_and_can_be_rolled_back(control_plane: ControlPlane) -> None:
    made, first, second = endpoint_of(control_plane)
    control_plane.endpoints.failure_reason = "The container died."
    with pytest.raises(ResourceFailed, match=r"The container died\."):
        change(control_plane, "Endpoint", made, first, second)
    assert change(control_plane, "Endpoint", made, second, first) == made
