"""A domain to begin from, and what is in it."""

import time
from collections.abc import Callable
from typing import Any

from sagecraft_emulator.state.store import RecordKey

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

WAIT_SECONDS = 20

NETWORK = {"VpcId": "vpc-1", "SubnetIds": ["subnet-1", "subnet-2"]}
DOMAIN = {"DomainName": "team", "AuthMode": "IAM", "DefaultUserSettings": {"ExecutionRole": ROLE}, **NETWORK}
PRIVATE = {
    "OwnershipSettings": {"OwnerUserProfileName": "ana"},
    "SpaceSharingSettings": {"SharingType": "Private"},
    "SpaceSettings": {"AppType": "JupyterLab"},
}


def make_domain(plane: ControlPlane, **members: Any) -> str:
    """A domain that is in service; its ID."""
    domain_id: str = plane.call("CreateDomain", **{**DOMAIN, **members})["DomainId"]
    settle(plane, "Domain", DomainId=domain_id)
    return domain_id


def make_profile(plane: ControlPlane, domain_id: str, name: str = "ana", **members: Any) -> None:
    """A user profile that is in service."""
    plane.call("CreateUserProfile", DomainId=domain_id, UserProfileName=name, **members)
    settle(plane, "UserProfile", DomainId=domain_id, UserProfileName=name)


def make_space(plane: ControlPlane, domain_id: str, name: str = "work", **members: Any) -> None:
    """A space that is in service."""
    plane.call("CreateSpace", DomainId=domain_id, SpaceName=name, **{**PRIVATE, **members})
    settle(plane, "Space", DomainId=domain_id, SpaceName=name)


def settle(plane: ControlPlane, kind: str, status: str = "InService", member: str = "Status", **named: Any) -> None:
    """Waits until a resource has a status."""
    wait(lambda: plane.call(f"Describe{kind}", **named)[member] == status)


def gone(plane: ControlPlane, kind: str, **named: Any) -> None:
    """Waits until a resource is gone."""

    def is_gone() -> bool:
        return plane.post(f"Describe{kind}", named).get("__type") == "ResourceNotFound"

    wait(is_gone)


def add_app(plane: ControlPlane, domain_id: str, status: str = "InService", **owner: str) -> None:
    """The record of an app, as one that runs would have it."""
    members = {"DomainId": domain_id, "AppType": "JupyterLab", "AppName": "default", **owner}
    name = f"{domain_id}/{'/'.join(owner.values())}/jupyterlab/default"
    key = RecordKey("App", ACCOUNT, REGION, name)
    plane.store.create(key, arn=plane.caller.arn("app", name), status="Pending", body=members)
    for following in ("InService", *{status} - {"InService"}):
        plane.store.update(key, status=following)


def wait(done: Callable[[], bool], seconds: float = WAIT_SECONDS) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)
