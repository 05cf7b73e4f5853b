"""Spaces as boto3 sees them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.errors import ApiError

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .studio import PRIVATE, add_app, make_domain, make_profile, make_space, settle


def volumes(default: int, largest: int) -> dict[str, Any]:
    sizes = {"DefaultEbsVolumeSizeInGb": default, "MaximumEbsVolumeSizeInGb": largest}
    return {"SpaceStorageSettings": {"DefaultEbsStorageSettings": sizes}}


def size(plane: ControlPlane, domain_id: str, name: str = "work") -> int:
    space = plane.client.describe_space(DomainId=domain_id, SpaceName=name)
    found: int = space["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"]
    return found


def test_a_private_space_belongs_to_a_user_and_has_a_volume(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    make_space(control_plane, domain_id)
    space = control_plane.client.describe_space(DomainId=domain_id, SpaceName="work")
    assert space["SpaceArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:space/{domain_id}/work"
    assert space["Url"].startswith(f"https://{domain_id}.studio.{REGION}.sagemaker.aws")
    assert size(control_plane, domain_id) == 5
    [listed] = control_plane.client.list_spaces(DomainIdEquals=domain_id, SpaceNameContains="or")["Spaces"]
    assert listed["OwnershipSettingsSummary"] == PRIVATE["OwnershipSettings"]
    assert listed["SpaceSettingsSummary"]["AppType"] == "JupyterLab"
    assert listed["SpaceSharingSettingsSummary"] == {"SharingType": "Private"}


def test_the_size_of_a_volume_is_the_users_then_the_domains(control_plane: ControlPlane) -> None:
    settings = {"ExecutionRole": ROLE, **volumes(10, 20)}
    domain_id = make_domain(control_plane, DefaultUserSettings=settings)
    make_profile(control_plane, domain_id)
    make_space(control_plane, domain_id)
    assert size(control_plane, domain_id) == 10
    make_profile(control_plane, domain_id, "ben", UserSettings=volumes(15, 30))
    make_space(control_plane, domain_id, "bens", OwnershipSettings={"OwnerUserProfileName": "Ben"})
    assert size(control_plane, domain_id, "bens") == 15
    large = {"AppType": "JupyterLab", "SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 21}}}
    with pytest.raises(ApiError, match="EbsVolumeSizeInGb is 21; in this domain it must be at most 20"):
        make_space(control_plane, domain_id, "large", SpaceSettings=large)


@pytest.mark.parametrize(
    ("without", "code", "message"),
    [
        ("SpaceSettings", "ValidationException", "SpaceSettings must be provided for creating private space [{arn}]"),
        ("OwnershipSettings", "ValidationException", "must be provided together for creating space [{arn}]"),
        ("SpaceSharingSettings", "ValidationException", "must be provided together for creating space [{arn}]"),
    ],
)
def test_a_space_that_is_half_declared_is_refused(
    control_plane: ControlPlane, without: str, code: str, message: str
) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    members = {name: value for name, value in PRIVATE.items() if name != without}
    answer = control_plane.post("CreateSpace", {"DomainId": domain_id, "SpaceName": "work", **members})
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:space/{domain_id}/work"
    assert answer["__type"] == code
    assert message.format(arn=arn) in answer["message"]


def test_the_owner_of_a_space_must_be_in_the_domain(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    answer = control_plane.post("CreateSpace", {"DomainId": domain_id, "SpaceName": "work", **PRIVATE})
    assert answer["__type"] == "ResourceNotFound"
    assert control_plane.client.list_spaces()["Spaces"] == []


def test_a_space_changes_but_for_its_apps_type_and_while_it_has_none(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    make_space(control_plane, domain_id)
    client, named = control_plane.client, {"DomainId": domain_id, "SpaceName": "work"}
    client.update_space(**named, SpaceDisplayName="Ana's")
    settle(control_plane, "Space", **named)
    assert client.describe_space(**named)["SpaceDisplayName"] == "Ana's"
    with pytest.raises(ClientError, match="Updating AppType for Space is not supported"):
        client.update_space(**named, SpaceSettings={"AppType": "CodeEditor"})
    add_app(control_plane, domain_id, SpaceName="work")
    with pytest.raises(ClientError, match="ResourceInUse"):
        client.update_space(**named, SpaceDisplayName="Other")
