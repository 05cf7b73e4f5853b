"""Domains as boto3 sees them."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.emulator.control_plane import ACCOUNT, REGION, ROLE, ControlPlane

from .studio import DOMAIN, NETWORK, add_app, gone, make_domain, make_profile, make_space, settle

PREFIX = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}"


def refused(plane: ControlPlane, operation: str, **request: Any) -> tuple[str, str]:
    answer = plane.post(operation, request)
    return answer["__type"], answer["message"]


def test_a_domain_comes_into_service_with_aws_defaults(control_plane: ControlPlane) -> None:
    statuses: list[str | None] = []
    control_plane.store.on_change(lambda _, after: statuses.append(after.status))
    made = control_plane.client.create_domain(**DOMAIN, Tags=[{"Key": "team", "Value": "growth"}])
    domain_id = made["DomainId"]
    assert made == {
        **made,
        "DomainArn": f"{PREFIX}:domain/{domain_id}",
        "Url": f"https://{domain_id}.studio.{REGION}.sagemaker.aws",
    }
    settle(control_plane, "Domain", DomainId=domain_id)
    assert statuses == ["Pending", "InService"]
    domain = control_plane.client.describe_domain(DomainId=domain_id)
    assert {name: domain[name] for name in DOMAIN} == DOMAIN
    assert (domain["AppNetworkAccessType"], domain["TagPropagation"]) == ("PublicInternetOnly", "DISABLED")
    [listed] = control_plane.client.list_domains()["Domains"]
    assert (listed["DomainId"], listed["DomainName"], listed["Status"]) == (domain_id, "team", "InService")
    assert control_plane.client.list_tags(ResourceArn=made["DomainArn"])["Tags"] == [{"Key": "team", "Value": "growth"}]


def test_a_domain_that_was_pending_comes_into_service_after_a_restart(
    control_plane: ControlPlane, tmp_path: Path
) -> None:
    domain_id = control_plane.client.create_domain(**DOMAIN)["DomainId"]
    restarted = ControlPlane(tmp_path / "sagemaker.sqlite3")
    try:
        settle(restarted, "Domain", DomainId=domain_id)
    finally:
        restarted.close()


def test_an_update_changes_the_settings_that_it_names(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    settings = {"JupyterLabAppSettings": {"DefaultResourceSpec": {"InstanceType": "ml.t3.large"}}}
    client = control_plane.client
    client.update_domain(
        DomainId=domain_id,
        DefaultUserSettings=settings,
        DomainSettingsForUpdate={"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"},
    )
    settle(control_plane, "Domain", DomainId=domain_id)
    domain = client.describe_domain(DomainId=domain_id)
    assert domain["DefaultUserSettings"] == {"ExecutionRole": ROLE, **settings}
    assert domain["DomainSettings"] == {"ExecutionRoleIdentityConfig": "USER_PROFILE_NAME"}


def test_a_domain_goes_after_what_is_in_it(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    make_space(control_plane, domain_id)
    add_app(control_plane, domain_id, SpaceName="work")
    client = control_plane.client
    domain, profile = f"{PREFIX}:domain/{domain_id}", f"{PREFIX}:user-profile/{domain_id}/ana"
    space = f"{PREFIX}:space/{domain_id}/work"

    def in_the_way(what: str, arn: str, why: str) -> tuple[str, str]:
        return "ResourceInUse", f"Unable to delete {what} [{arn}] because {why}(s) are associated with it."

    named: dict[str, Any] = {"DomainId": domain_id}
    assert refused(control_plane, "DeleteDomain", **named) == in_the_way("Domain", domain, "UserProfile")
    user = {**named, "UserProfileName": "ana"}
    assert refused(control_plane, "DeleteUserProfile", **user) == in_the_way("UserProfile", profile, "Space")
    work = {**named, "SpaceName": "work"}
    assert refused(control_plane, "DeleteSpace", **work) == in_the_way("Space", space, "App")

    app = {**work, "AppType": "JupyterLab", "AppName": "default"}
    client.delete_app(**app)
    settle(control_plane, "App", "Deleted", **app)
    client.delete_space(**work)
    gone(control_plane, "Space", **work)
    client.delete_user_profile(**user)
    gone(control_plane, "UserProfile", **user)
    client.delete_domain(**named, RetentionPolicy={"HomeEfsFileSystem": "Delete"})
    gone(control_plane, "Domain", **named)
    assert client.list_domains()["Domains"] == []
    assert refused(control_plane, "CreateUserProfile", **user)[0] == "ResourceNotFound"


def test_the_network_of_a_domain_with_apps_stays(control_plane: ControlPlane) -> None:
    domain_id = make_domain(control_plane)
    make_profile(control_plane, domain_id)
    add_app(control_plane, domain_id, UserProfileName="ana")
    change = {"DomainId": domain_id, "AppNetworkAccessType": "VpcOnly"}
    message = (
        f"Unable to update Domain [{PREFIX}:domain/{domain_id}] with InService App. Delete all InService apps in the "
        "domain including shared Apps for [domain-shared] User Profile, and try again."
    )
    assert refused(control_plane, "UpdateDomain", **change) == ("ValidationException", message)
    control_plane.client.update_domain(DomainId=domain_id, SubnetIds=["subnet-1", "subnet-2", "subnet-3"])


@pytest.mark.parametrize(
    ("members", "code", "message"),
    [
        ({"AuthMode": "SSO"}, "NotImplemented", "no IAM Identity Center. Use 'IAM'"),
        ({"SubnetIds": None}, "ValidationException", "VpcId and SubnetIds are required"),
        ({"DefaultUserSettings": {}}, "ValidationException", "DefaultUserSettings must have an ExecutionRole"),
        ({"DomainName": "-team"}, "ValidationException", "failed to satisfy constraint"),
        (
            {"AppSecurityGroupManagement": "Service"},
            "ValidationException",
            "AppSecurityGroupManagement can only be set for Rstudio enabled domains.",
        ),
        (
            {"DomainSettings": {"RStudioServerProDomainSettings": {"DomainExecutionRoleArn": ROLE}}},
            "NotImplemented",
            "RStudioServerProDomainSettings is not supported",
        ),
    ],
)
def test_a_domain_that_cannot_be_is_refused(
    control_plane: ControlPlane, members: dict[str, Any], code: str, message: str
) -> None:
    request = {name: value for name, value in {**DOMAIN, **members}.items() if value is not None}
    answer = refused(control_plane, "CreateDomain", **request)
    assert answer[0] == code
    assert message in answer[1]
    assert control_plane.client.list_domains()["Domains"] == []


def test_two_domains_of_one_name_cannot_be(control_plane: ControlPlane) -> None:
    make_domain(control_plane)
    with pytest.raises(ClientError, match="ResourceInUse"):
        control_plane.client.create_domain(**DOMAIN)
    control_plane.client_of(ACCOUNT, "eu-west-1").create_domain(**DOMAIN)


def test_a_pending_domain_cannot_be_deleted(control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sagecraft_emulator.api.settling.TRANSITION_SECONDS", 3600.0)
    domain_id = control_plane.client.create_domain(**{**DOMAIN, **NETWORK})["DomainId"]
    code, message = refused(control_plane, "DeleteDomain", DomainId=domain_id)
    assert (code, message.partition(" not in ")[0]) == ("ValidationException", "Status (Pending)")
    profile = {"DomainId": domain_id, "UserProfileName": "ana"}
    assert refused(control_plane, "CreateUserProfile", **profile)[0] == "ResourceInUse"
