"""Domains: the users, spaces and apps that share a file system and its settings."""

import secrets
import string
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.settling import SettlingKind
from sagecraft_emulator.errors import (
    ApiError,
    not_done,
    resource_in_use,
    resource_not_found,
    validation_error,
)
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, Store

from .dependents import dependents, refuse_needed
from .home import FileSystems

ENTITY_STATES: Final = States(
    {
        CREATED: {"Pending"},
        "Pending": {"InService", "Failed"},
        "InService": {"Updating", "Deleting"},
        "Updating": {"InService", "Update_Failed"},
        "Update_Failed": {"Updating", "Deleting"},
        "Failed": {"Deleting"},
        "Deleting": {"Delete_Failed"},
        "Delete_Failed": {"Deleting"},
    }
)
"""Of a domain, a user profile and a space.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sm-domain.html
"""
DEFAULTS: Final[Mapping[str, Any]] = {
    "AppNetworkAccessType": "PublicInternetOnly",
    "HomeEfsFileSystemCreation": "Enabled",
    "TagPropagation": "DISABLED",
}
MERGED: Final = ("DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings")
"""Settings of which an update changes those that it names."""
_ID_LENGTH: Final = 12
_NAMING: Final = Lock()


class DomainKind(SettlingKind):
    """`CreateDomain` and its siblings.

    Args:
        store: Where records are.
        file_systems: Where domains have theirs.
    """

    kind, arn_type, spoken, plural, list_member = "Domain", "domain", "domain", "Domains", "Domains"

    def __init__(self, store: Store, file_systems: FileSystems) -> None:
        super().__init__(store)
        self._file_systems = file_systems

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateDomain": self.update}

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The ID of a domain."""
        domain_id: str = request["DomainId"]
        return domain_id

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make a domain.

        Raises:
            ApiError: There is one of that name, the network or the execution role is missing, or it is for RStudio or
                IAM Identity Center, which are not here.
        """
        self._check(request)
        domain_id = f"d-{''.join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(_ID_LENGTH))}"
        url = f"https://{domain_id}.studio.{caller.region}.sagemaker.aws"
        with _NAMING:
            self._refuse_taken(caller, request["DomainName"])
            record = self.add(
                caller, {**DEFAULTS, **request, "DomainId": domain_id}, status="Pending", body={"Url": url}
            )
        if record.body["HomeEfsFileSystemCreation"] == "Enabled":
            file_system_id = self._file_systems.make(caller, record.arn, request.get("KmsKeyId"))
            self.store.update(record.key, body={"HomeEfsFileSystemId": file_system_id})
        return {"DomainArn": record.arn, "DomainId": domain_id, "Url": url}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change a domain.

        Raises:
            ApiError: It is not in service, or the change is one that its apps or its present settings do not allow.
        """
        record = self.record(caller, request["DomainId"])
        members = {name: each for name, each in request.items() if name != "DomainId"}
        if "DomainSettingsForUpdate" in members:
            members["DomainSettings"] = members.pop("DomainSettingsForUpdate")
        _refuse_rstudio(members)
        self._check_change(record, members)

        def changed(present: Record) -> dict[str, Any]:
            merged: dict[str, Any] = {
                name: {**present.body.get(name, {}), **members[name]} for name in MERGED if name in members
            }
            return {**members, **merged}

        self.move(record, {"InService", "Update_Failed"}, "Updating", changed)
        return {"DomainArn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete a domain; its file system stays, unless the request says otherwise.

        Raises:
            ApiError: It has user profiles, spaces or apps, or is in a status in which it cannot be deleted.
        """
        record = self.record(caller, request["DomainId"])
        refuse_needed(self.store, record, {"DomainId": record.key.name})
        retained = request.get("RetentionPolicy", {}).get("HomeEfsFileSystem", "Retain") == "Retain"
        self.move(
            record, {"InService", "Failed", "Update_Failed", "Delete_Failed"}, "Deleting", {"_Retained": retained}
        )
        return {}

    def end(self, record: Record) -> None:
        """Removes a domain, and its file system where that is not retained."""
        super().end(record)
        file_system_id = record.body.get("HomeEfsFileSystemId")
        if file_system_id is not None and not record.body["_Retained"]:
            self._file_systems.remove(Caller(record.key.account, record.key.region), file_system_id)

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the ID is what was asked for
        """AWS's answer to an ID that there is not."""
        return resource_not_found(f"Domain [{name}] does not exist.")

    def _check(self, request: Mapping[str, Any]) -> None:
        _refuse_rstudio(request)
        if request["AuthMode"] != "IAM":
            raise not_done(
                "AuthMode 'SSO' is not supported by this emulator, which has no IAM Identity Center. Use 'IAM'."
            )
        if "VpcId" not in request or "SubnetIds" not in request:
            raise validation_error("VpcId and SubnetIds are required for creating a domain.")
        for member in ("DefaultUserSettings", "DefaultSpaceSettings"):
            if member in request and "ExecutionRole" not in request[member]:
                raise validation_error(f"{member} must have an ExecutionRole.")

    def _refuse_taken(self, caller: Caller, name: str) -> None:
        if any(each.body["DomainName"] == name for each in self.store.find(self.kind, caller.account, caller.region)):
            raise resource_in_use(f"Domain with the name [{name}] already exists.")

    def _check_change(self, record: Record, members: Mapping[str, Any]) -> None:
        body = record.body
        asked = {name: members.get(name, body.get(name)) for name in (*DEFAULTS, "VpcId", "SubnetIds")}
        if asked["HomeEfsFileSystemCreation"] != body["HomeEfsFileSystemCreation"]:
            raise not_done("HomeEfsFileSystemCreation cannot be changed in this emulator; leave it out.")
        if asked["VpcId"] != body["VpcId"]:
            raise validation_error(f"The VpcId of a domain that has one cannot be changed: it is {body['VpcId']}.")
        is_other_network = asked["AppNetworkAccessType"] != body["AppNetworkAccessType"]
        if is_other_network or set(body["SubnetIds"]) - set(asked["SubnetIds"]):
            apps = dependents(self.store, record, "App", {"DomainId": record.key.name})
            if any(apps):
                # Source: https://github.com/hashicorp/terraform-provider-aws/issues/31912
                raise validation_error(
                    f"Unable to update Domain [{record.arn}] with InService App. Delete all InService apps in the "
                    "domain including shared Apps for [domain-shared] User Profile, and try again."
                )


def _refuse_rstudio(request: Mapping[str, Any]) -> None:
    settings = request.get("DomainSettings", {})
    if "AppSecurityGroupManagement" in request and "RStudioServerProDomainSettings" not in settings:
        raise validation_error("AppSecurityGroupManagement can only be set for Rstudio enabled domains.")
    for member in settings:
        if member.startswith("RStudio"):
            raise not_done(f"{member} is not supported by this emulator, which has no RStudio; leave it out.")
