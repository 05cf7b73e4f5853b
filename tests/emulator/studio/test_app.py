"""Apps: none is made up."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ControlPlane

from .studio import add_app, make_domain, make_profile, settle


def named(domain_id: str, **owner: str) -> dict[str, Any]:
    return {"DomainId": domain_id, "AppType": "JupyterLab", "AppName": "default", **owner}


@pytest.mark.parametrize("app_type", ["JupyterServer", "CodeEditor", "JupyterLab", "Canvas", "TensorBoard"])
def test_an_app_that_cannot_run_is_refused_by_name(control_plane: ControlPlane, app_type: str) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    request = {**named(domain_id, UserProfileName="ana"), "AppType": app_type}
    answer = control_plane.post("CreateApp", request)
    assert answer["__type"] == "NotImplemented"
    assert answer["message"].startswith(f"Apps of type '{app_type}' cannot run in this emulator")
    assert control_plane.client.list_apps()["Apps"] == []


def test_a_domain_without_apps_cannot_be_opened(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    with pytest.raises(ClientError, match="CreatePresignedDomainUrl is not done by this emulator"):
        control_plane.client.create_presigned_domain_url(DomainId=domain_id, UserProfileName="ana")


@pytest.mark.parametrize("owner", [{}, {"UserProfileName": "ana", "SpaceName": "work"}])
@pytest.mark.parametrize("operation", ["CreateApp", "DescribeApp", "DeleteApp"])
def test_an_app_is_of_a_user_or_of_a_space(control_plane: ControlPlane, operation: str, owner: dict[str, str]) -> None:
    answer = control_plane.post(operation, named("d-any", **owner))
    assert (answer["__type"], answer["message"]) == (
        "ValidationException",
        f"Either UserProfileName or SpaceName must be passed for {operation} operation.",
    )


def test_apps_are_listed_by_whose_they_are_and_stay_deleted(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    for owner in ({"UserProfileName": "ana"}, {"SpaceName": "work"}):
        add_app(control_plane, domain_id, **owner)
    client = control_plane.client

    def listed(**filters: str) -> list[str]:
        apps = client.list_apps(**filters)["Apps"]
        return [f"{each.get('UserProfileName', each.get('SpaceName'))}: {each['Status']}" for each in apps]

    assert listed(DomainIdEquals=domain_id) == ["ana: InService", "work: InService"]
    assert listed(UserProfileNameEquals="Ana") == ["ana: InService"]
    app = named(domain_id, SpaceName="work")
    client.delete_app(**app)
    settle(control_plane, "App", "Deleted", **app)
    assert listed(SpaceNameEquals="work") == ["work: Deleted"]
    with pytest.raises(ClientError, match="has already been deleted"):
        client.delete_app(**app)
    with pytest.raises(ClientError, match="Only one of"):
        client.list_apps(UserProfileNameEquals="ana", SpaceNameEquals="work")


def test_a_deleted_app_is_forgotten_after_a_day(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    domain_id = make_domain(control_plane)
    add_app(control_plane, domain_id, SpaceName="work")
    monkeypatch.setattr("sagecraft_emulator.studio.app.DELETED_SECONDS", 0.0)
    app = named(domain_id, SpaceName="work")
    control_plane.client.delete_app(**app)
    answer: dict[str, Any] = {}
    while answer.get("__type") is None:
        answer = control_plane.post("DescribeApp", app)
    assert answer["__type"] == "ResourceNotFound"
