"""The resource types of Studio in CloudFormation."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.service import SageMakerService
from sagecraft_emulator.orchestration.cloudformation import Provisioned, Request, ResourceFailed, ResourceType
from sagecraft_emulator.state.store import Record

_WORKING: Final = frozenset({"InService", "CREATED"})


@dataclass(frozen=True, kw_only=True)
class StudioType(ResourceType):
    """A type whose names are never made up, and of which `Ref` gives the identifier of AWS's registry.

    Attributes:
        path: The members of a request that say which resource it is, as they follow each other in its ARN.
        identifier: Those of which `Ref` is made, with `|` between them; none for a type of which it is the ARN.
        attributes: What `Fn::GetAtt` gives.
        status_member: The member of an answer that has the status; None for a type without.
        unique: The properties of which no two resources have all the same.
    """

    settled: ClassVar[frozenset[str]] = frozenset(
        {
            "InService",
            "Failed",
            "Update_Failed",
            "Delete_Failed",
            "CREATED",
            "CREATE_FAILED",
            "UPDATE_FAILED",
            "DELETE_FAILED",
        }
    )
    path: tuple[str, ...]
    identifier: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    status_member: str | None = None
    unique: tuple[str, ...]

    def physical_id(self, record: Record) -> str:
        """What `Ref` gives of the resource of a record."""
        return self._reference(record.body, record.arn)

    def may_be(self, record: Record, logical_id: str, properties: Mapping[str, Any]) -> bool:  # noqa: ARG002
        """Whether a record can be what was made for a resource of a template."""
        given = {name: properties[name] for name in self.unique if isinstance(properties.get(name), str)}
        return bool(given) and all(
            str(record.body.get(name, "")).lower() == value.lower() for name, value in given.items()
        )

    @property
    def _unique_properties(self) -> Collection[str]:
        return self.unique

    @property
    def _status_member(self) -> str:
        return self.status_member or super()._status_member

    def _named(self, properties: Mapping[str, Any], logical_id: str) -> Mapping[str, Any]:  # noqa: ARG002
        return properties

    def _name_in_arn(self, arn: str) -> str:
        return arn.partition("/")[2]

    def _name_of(self, physical_id: str) -> str:
        if not self.identifier:
            return self._name_in_arn(physical_id)
        members = dict(zip(self.identifier, physical_id.split("|"), strict=True))
        return "/".join(members[member] for member in self.path)

    def _members_of(self, name: str) -> Request:
        return dict(zip(self.path, name.split("/"), strict=True))

    def _arn(self, service: SageMakerService, caller: Caller, physical_id: str) -> str:
        arn: str = service.call(f"Describe{self.noun}", self._members_of(self._name_of(physical_id)), caller)[
            f"{self.noun}Arn"
        ]
        return arn

    def _provisioned(self, service: SageMakerService, caller: Caller, name: str, arn: str) -> Provisioned:
        view = service.call(f"Describe{self.noun}", self._members_of(name), caller)
        attributes = {attribute: str(view.get(attribute, "")) for attribute in self.attributes}
        return Provisioned(self._reference(view, arn), attributes)

    def _reference(self, view: Mapping[str, Any], arn: str) -> str:
        return "|".join(view[member] for member in self.identifier) or arn

    def _describe(self, service: SageMakerService, caller: Caller, name: str) -> dict[str, Any] | None:
        """The members of a resource; a deleted app is still told of for a day."""
        view = super()._describe(service, caller, name)
        return None if view is not None and view.get("Status") == "Deleted" else view

    def _after_create(self, service: SageMakerService, caller: Caller, name: str, request: Request) -> None:  # noqa: ARG002
        self._require_working(service, caller, name)

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        super()._change(service, caller, name, properties)
        self._require_working(service, caller, name)

    def _require_working(self, service: SageMakerService, caller: Caller, name: str) -> None:
        if self.status_member is None:
            return
        view = self._settled(service, caller, name)
        if view[self.status_member] not in _WORKING:
            reason = view.get("FailureReason", "")
            raise ResourceFailed(f"{self.noun} '{name}' is {view[self.status_member]}. {reason}".rstrip())


class DomainType(StudioType):
    """`AWS::SageMaker::Domain`: what creates a domain's settings has another name where they are updated."""

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        renamed = {
            "DomainSettingsForUpdate" if each == "DomainSettings" else each: properties[each] for each in properties
        }
        super()._change(service, caller, name, renamed)


class ImageType(StudioType):
    """`AWS::SageMaker::Image`: what the template no longer says is removed."""

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        removable = {"ImageDescription": "Description", "ImageDisplayName": "DisplayName"}
        removed = [member for each, member in removable.items() if each not in properties]
        super()._change(service, caller, name, {**properties, **({"DeleteProperties": removed} if removed else {})})


class ImageVersionType(StudioType):
    """`AWS::SageMaker::ImageVersion`: is the next one of its image."""

    def _named(self, properties: Mapping[str, Any], logical_id: str) -> Mapping[str, Any]:  # noqa: ARG002
        return {**properties, "ClientToken": str(uuid.uuid4())}

    def _members_of(self, name: str) -> Request:
        image, _, version = name.rpartition("/")
        return {"ImageName": image, "Version": int(version)}

    def _change(self, service: SageMakerService, caller: Caller, name: str, properties: Mapping[str, Any]) -> None:
        aliases = set(properties.get("Aliases", []))
        present = set(
            service.call("ListAliases", {**self._members_of(name), "MaxResults": 100}, caller)[
                "SageMakerImageVersionAliases"
            ]
        )
        changes = {"AliasesToAdd": sorted(aliases - present), "AliasesToDelete": sorted(present - aliases)}
        super()._change(service, caller, name, {**properties, **changes})


RESOURCE_TYPES: Final[Mapping[str, ResourceType]] = {
    "AWS::SageMaker::Domain": DomainType(
        "Domain",
        frozenset(
            {"AuthMode", "DomainName", "DomainSettings.RStudioServerProDomainSettings.DefaultResourceSpec", "KmsKeyId"}
        ),
        path=("DomainId",),
        identifier=("DomainId",),
        attributes=(
            "DomainArn",
            "DomainId",
            "HomeEfsFileSystemId",
            "SecurityGroupIdForDomainBoundary",
            "SingleSignOnApplicationArn",
            "SingleSignOnManagedApplicationInstanceId",
            "Url",
        ),
        status_member="Status",
        unique=("DomainName",),
    ),
    "AWS::SageMaker::UserProfile": StudioType(
        "UserProfile",
        frozenset(
            {
                "DomainId",
                "SingleSignOnUserIdentifier",
                "SingleSignOnUserValue",
                "UserProfileName",
                "UserSettings.RStudioServerProAppSettings.AccessStatus",
                "UserSettings.RStudioServerProAppSettings.UserGroup",
            }
        ),
        path=("DomainId", "UserProfileName"),
        identifier=("UserProfileName", "DomainId"),
        attributes=("UserProfileArn",),
        status_member="Status",
        unique=("DomainId", "UserProfileName"),
    ),
    "AWS::SageMaker::Space": StudioType(
        "Space",
        frozenset({"DomainId", "OwnershipSettings", "SpaceName", "SpaceSharingSettings"}),
        path=("DomainId", "SpaceName"),
        identifier=("DomainId", "SpaceName"),
        attributes=("SpaceArn", "Url"),
        status_member="Status",
        unique=("DomainId", "SpaceName"),
    ),
    "AWS::SageMaker::App": StudioType(
        "App",
        frozenset({"AppName", "AppType", "DomainId", "ResourceSpec", "UserProfileName"}),
        path=("DomainId", "UserProfileName", "AppType", "AppName"),
        identifier=("AppName", "AppType", "DomainId", "UserProfileName"),
        attributes=("AppArn", "BuiltInLifecycleConfigArn"),
        status_member="Status",
        unique=("AppName", "AppType", "DomainId", "UserProfileName"),
    ),
    "AWS::SageMaker::StudioLifecycleConfig": StudioType(
        "StudioLifecycleConfig",
        frozenset(
            {"StudioLifecycleConfigAppType", "StudioLifecycleConfigContent", "StudioLifecycleConfigName", "Tags"}
        ),
        path=("StudioLifecycleConfigName",),
        identifier=("StudioLifecycleConfigName",),
        attributes=("StudioLifecycleConfigArn",),
        unique=("StudioLifecycleConfigName",),
    ),
    "AWS::SageMaker::Image": ImageType(
        "Image",
        frozenset({"ImageName"}),
        renamed={"ImageDescription": "Description", "ImageDisplayName": "DisplayName", "ImageRoleArn": "RoleArn"},
        path=("ImageName",),
        attributes=("ImageArn",),
        status_member="ImageStatus",
        unique=("ImageName",),
    ),
    "AWS::SageMaker::ImageVersion": ImageVersionType(
        "ImageVersion",
        frozenset({"BaseImage", "ImageName"}),
        frozenset({"Alias"}),
        path=("ImageName", "Version"),
        attributes=("ContainerImage", "ImageArn", "ImageVersionArn", "Version"),
        status_member="ImageVersionStatus",
        unique=("BaseImage", "ImageName"),
    ),
    "AWS::SageMaker::AppImageConfig": StudioType(
        "AppImageConfig",
        frozenset({"AppImageConfigName"}),
        path=("AppImageConfigName",),
        identifier=("AppImageConfigName",),
        attributes=("AppImageConfigArn",),
        unique=("AppImageConfigName",),
    ),
}
"""Source: AWS's registry of resource types; which properties are joined in `Ref` is its `primaryIdentifier`."""
