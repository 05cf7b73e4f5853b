"""Whose a space is, as policies ask for it."""

import pytest
from sagecraft_emulator.studio.owner_keys import owner_keys

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane

from .studio import PRIVATE, make_domain, make_profile, make_space


def keys(domain_id: str) -> dict[str, object]:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{domain_id}/ana"
    return {"sagemaker:owneruserprofilearn": arn, "sagemaker:spacesharingtype": "Private"}


def test_a_space_is_its_owners_whatever_the_request_says(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    make_space(control_plane, domain_id)
    mine = {"OwnershipSettings": {"OwnerUserProfileName": "ben"}, "SpaceSharingSettings": {"SharingType": "Shared"}}
    request = {"DomainId": domain_id, "SpaceName": "Work", "AppType": "JupyterLab", **mine}
    assert owner_keys(control_plane.store, request, control_plane.caller) == keys(domain_id)


def test_a_space_that_is_being_made_is_whose_the_request_says(control_plane: ControlPlane) -> None:
    request = {"DomainId": "d-1", "SpaceName": "work", **PRIVATE}
    assert owner_keys(control_plane.store, request, control_plane.caller) == keys("d-1")


@pytest.mark.parametrize("request_", [{}, {"DomainId": "d-1"}, {"DomainId": 1, "SpaceName": ["work"]}])
def test_what_is_of_no_space_has_no_owner(control_plane: ControlPlane, request_: dict[str, object]) -> None:
    assert owner_keys(control_plane.store, request_, control_plane.caller) == {}
