"""User profiles as boto3 sees them."""

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .studio import make_domain, make_profile, settle


def test_names_of_user_profiles_are_in_lower_case_and_scoped_by_their_domain(control_plane: ControlPlane) -> None:
    first, second = make_domain(control_plane), make_domain(control_plane, DomainName="other")
    client = control_plane.client
    made = client.create_user_profile(DomainId=first, UserProfileName="Ana")
    assert made["UserProfileArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:user-profile/{first}/ana"
    client.create_user_profile(DomainId=second, UserProfileName="ana")
    with pytest.raises(ClientError, match="ResourceInUse"):
        client.create_user_profile(DomainId=first, UserProfileName="ANA")
    settle(control_plane, "UserProfile", DomainId=first, UserProfileName="aNa")
    profile = client.describe_user_profile(DomainId=first, UserProfileName="Ana")
    assert (profile["UserProfileName"], profile["DomainId"], profile["Status"]) == ("ana", first, "InService")


def test_each_user_has_a_home_directory_of_its_own(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    for name in ("ana", "ben"):
        make_profile(control_plane, domain_id, name)
    profiles = [
        control_plane.client.describe_user_profile(DomainId=domain_id, UserProfileName=name) for name in ("ana", "ben")
    ]
    assert [profile["HomeEfsFileSystemUid"] for profile in profiles] == ["200005", "200010"]


def test_the_settings_of_a_user_profile_change_one_by_one(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id, UserSettings={"ExecutionRole": ROLE, "SecurityGroups": ["sg-1"]})
    named = {"DomainId": domain_id, "UserProfileName": "ana"}
    control_plane.client.update_user_profile(**named, UserSettings={"SecurityGroups": ["sg-2"]})
    settle(control_plane, "UserProfile", **named)
    profile = control_plane.client.describe_user_profile(**named)
    assert profile["UserSettings"] == {"ExecutionRole": ROLE, "SecurityGroups": ["sg-2"]}


def test_user_profiles_are_listed_by_domain_and_name(control_plane: ControlPlane) -> None:
    first, second = make_domain(control_plane), make_domain(control_plane, DomainName="other")
    for domain_id, name in ((first, "ben"), (first, "ana"), (second, "ana")):
        control_plane.client.create_user_profile(DomainId=domain_id, UserProfileName=name)

    def listed(**filters: str) -> list[tuple[str, str]]:
        pages = control_plane.client.get_paginator("list_user_profiles").paginate(
            **filters, PaginationConfig={"PageSize": 1}
        )
        found = [each for page in pages for each in page["UserProfiles"]]
        return [(each["DomainId"], each["UserProfileName"]) for each in found]

    assert listed() == [(first, "ben"), (first, "ana"), (second, "ana")]
    assert listed(SortOrder="Descending", DomainIdEquals=first) == [(first, "ana"), (first, "ben")]
    assert listed(UserProfileNameContains="AN") == [(first, "ana"), (second, "ana")]
    assert listed(DomainIdEquals="d-absent") == []


def test_a_user_of_iam_identity_center_is_refused(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    with pytest.raises(ClientError, match="can only be specified when the AuthMode of the domain is SSO"):
        control_plane.client.create_user_profile(
            DomainId=domain_id, UserProfileName="ana", SingleSignOnUserIdentifier="UserName", SingleSignOnUserValue="a"
        )
