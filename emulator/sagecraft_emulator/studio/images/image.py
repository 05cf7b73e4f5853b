"""Images of Studio: names under which versions of a container image are kept."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.settling import SettlingKind
from sagecraft_emulator.errors import ApiError, resource_in_use, resource_not_found
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record

IMAGE_STATES: Final = States(
    {
        CREATED: {"CREATING"},
        "CREATING": {"CREATED", "CREATE_FAILED"},
        "CREATED": {"UPDATING", "DELETING"},
        "UPDATING": {"CREATED", "UPDATE_FAILED"},
        "CREATE_FAILED": {"DELETING"},
        "UPDATE_FAILED": {"UPDATING", "DELETING"},
        "DELETING": {"DELETE_FAILED"},
        "DELETE_FAILED": {"DELETING"},
    }
)
"""Source: `ImageStatus` in SageMaker's service model."""
_DELETABLE: Final = frozenset({"CREATED", "CREATE_FAILED", "UPDATE_FAILED", "DELETE_FAILED"})
_IN_CAPITALS: Final = {
    "ASCENDING": "Ascending",
    "DESCENDING": "Descending",
    "CREATION_TIME": "CreationTime",
    "LAST_MODIFIED_TIME": "LastModifiedTime",
    "IMAGE_NAME": "Name",
    "VERSION": "Version",
}
"""How lists of images spell what others spell like this."""


class SpelledInCapitals(SettlingKind):
    """A kind whose lists and statuses are spelled in capitals, and whose names do not differ by case alone."""

    settles: Mapping[str, str | None] = {"CREATING": "CREATED", "UPDATING": "CREATED", "DELETING": None}

    @property
    def status_member(self) -> str:
        """The member that holds the status."""
        return f"{self.kind}Status"

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the resources that pass the request's filters."""
        spelled: dict[str, Any] = {
            member: _IN_CAPITALS[request[member]] for member in ("SortBy", "SortOrder") if member in request
        }
        return super().list(caller, {**request, **spelled})


class ImageKind(SpelledInCapitals):
    """`CreateImage` and its siblings."""

    kind, arn_type, spoken, plural, list_member = "Image", "image", "image", "Images", "Images"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateImage": self.update}

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of an image."""
        name: str = request["ImageName"]
        return name.lower()

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make an image."""
        return {"ImageArn": self.add(caller, request, status="CREATING", body={}).arn}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change an image; what `DeleteProperties` names is removed."""
        record = self.record(caller, self.name_in(request))
        removed = dict.fromkeys(request.get("DeleteProperties", []))
        members = {name: value for name, value in request.items() if name not in {"ImageName", "DeleteProperties"}}
        self.move(record, {"CREATED", "UPDATE_FAILED"}, "UPDATING", {**removed, **members})
        return {"ImageArn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete an image and all of its versions."""
        record = self.record(caller, self.name_in(request))
        self.move(record, _DELETABLE, "DELETING")
        return {}

    def end(self, record: Record) -> None:
        """Removes an image and all of its versions."""
        for version in self.store.find("ImageVersion", record.key.account, record.key.region):
            if version.body["ImageArn"] == record.arn:
                self.store.delete(version.key)
        super().end(record)

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken.

        Source: https://github.com/aws-samples/sagemaker-studio-custom-image-samples/issues/17
        """
        name = arn.rpartition("/")[2]
        return resource_in_use(f"The Image with ImageName {name} already exists. Please use a different ImageName.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's texts tell the name
        """AWS's answer to a name that there is not.

        Source: hashicorp/terraform-provider-aws internal/service/sagemaker/image.go, what Read and Delete match on
        """
        return resource_not_found(f"No Image with the name {name} exists: it does not exist.")
