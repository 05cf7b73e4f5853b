"""Versions of images of Studio: each stands for one container image."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.api.paging import page
from sagecraft_emulator.errors import ApiError, resource_in_use, resource_not_found, validation_error
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, Store

from .image import ImageKind, SpelledInCapitals

IMAGE_VERSION_STATES: Final = States(
    {
        CREATED: {"CREATING"},
        "CREATING": {"CREATED", "CREATE_FAILED"},
        "CREATED": {"DELETING"},
        "CREATE_FAILED": {"DELETING"},
        "DELETING": {"DELETE_FAILED"},
        "DELETE_FAILED": {"DELETING"},
    }
)
"""Source: `ImageVersionStatus` in SageMaker's service model."""
_NUMBERING: Final = Lock()
_SELECTING: Final = frozenset({"ImageName", "Version", "Alias", "AliasesToAdd", "AliasesToDelete"})


class ImageVersionKind(SpelledInCapitals):
    """`CreateImageVersion` and its siblings.

    Args:
        store: Where records are.
        images: The images.
    """

    kind, arn_type, spoken = "ImageVersion", "image-version", "image version"
    plural = list_member = "ImageVersions"
    filters = frozenset({"ImageName"})

    def __init__(self, store: Store, images: ImageKind) -> None:
        super().__init__(store)
        self._images = images

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateImageVersion": self.update, "ListAliases": self.list_aliases}

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of the image and the number of the version."""
        return f"{request['ImageName'].lower()}/{request['Version']}"

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make the next version of an image; a request that comes twice makes one.

        Raises:
            ApiError: The image is not there or not ready, or another version has an alias.
        """
        image = self._images.record(caller, self._images.name_in(request))
        if image.status not in {"CREATED", "UPDATING", "UPDATE_FAILED"}:
            # Source: https://github.com/aws-samples/sagemaker-studio-custom-image-samples/issues/17
            raise validation_error(f"Image {request['ImageName']} is in an invalid state.")
        with _NUMBERING:
            versions = self._versions(caller, request)
            for each in versions:
                if each.body["ClientToken"] == request["ClientToken"]:
                    return {"ImageVersionArn": each.arn}
            _refuse_taken(versions, request.get("Aliases", []))
            number = image.body.get("_LastVersion", 0) + 1
            self.store.update(image.key, body={"_LastVersion": number})
            body = {"ImageArn": image.arn, "ContainerImage": request["BaseImage"]}
            return {
                "ImageVersionArn": self.add(caller, {**request, "Version": number}, status="CREATING", body=body).arn
            }

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a version; of the latest, where the request names none."""
        return self.view(self.chosen(caller, request))

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what a version is said to be for, and its aliases.

        Raises:
            ApiError: There is no such version, or another one has an alias.
        """
        with _NUMBERING:
            record = self.chosen(caller, request)
            added, removed = request.get("AliasesToAdd", []), set(request.get("AliasesToDelete", []))
            others = [each for each in self._versions(caller, request) if each.key != record.key]
            _refuse_taken(others, added)
            aliases = [alias for alias in record.body.get("Aliases", []) if alias not in removed]
            members = {name: value for name, value in request.items() if name not in _SELECTING}
            self.store.update(record.key, body={**members, "Aliases": list(dict.fromkeys([*aliases, *added]))})
        return {"ImageVersionArn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete a version."""
        self.move(self.chosen(caller, request), {"CREATED", "CREATE_FAILED", "DELETE_FAILED"}, "DELETING")
        return {}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the versions of an image."""
        self._images.record(caller, self._images.name_in(request))
        return super().list(caller, request)

    def list_aliases(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the aliases of an image, or of one of its versions."""
        self._images.record(caller, self._images.name_in(request))
        is_one = "Version" in request or "Alias" in request
        versions = [self.chosen(caller, request)] if is_one else self._versions(caller, request)
        aliases = [alias for each in versions for alias in each.body.get("Aliases", [])]
        listed = page(aliases, request, "SageMakerImageVersionAliases", lambda alias: (alias,), _as_member)
        return {
            **listed,
            "SageMakerImageVersionAliases": [each["Alias"] for each in listed["SageMakerImageVersionAliases"]],
        }

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a version passes the filters of a List request."""
        return super().passes(record, request) and record.key.name.rpartition("/")[0] == request["ImageName"].lower()

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a list is sorted by."""
        return record.body["Version"] if sort_by == "Version" else super().sort_key(record, sort_by)

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - AWS's text tells the name
        """AWS's answer to a version that there is not."""
        image, _, version = name.rpartition("/")
        return resource_not_found(f"ImageVersion with ImageName {image} and Version {version} does not exist.")

    def _versions(self, caller: Caller, request: Mapping[str, Any]) -> Sequence[Record]:
        found = self.store.find(self.kind, caller.account, caller.region)
        return [each for each in found if self.passes(each, {"ImageName": request["ImageName"]})]

    def chosen(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        """The version that a request names by its number or an alias, or the latest."""
        if "Version" in request:
            return self.record(caller, self.name_in(request))
        image, alias = request["ImageName"], request.get("Alias")
        settled = [self.settle(each) for each in self._versions(caller, request)]
        found = [
            each for each in settled if each is not None and (alias is None or alias in each.body.get("Aliases", []))
        ]
        if found:
            return max(found, key=lambda each: int(each.body["Version"]))
        if alias is not None:
            raise resource_not_found(f"ImageVersion with ImageName {image} and Alias {alias} does not exist.")
        # Source: https://github.com/aws-samples/sagemaker-studio-custom-image-samples/issues/17
        raise resource_not_found(
            f"Latest ImageVersion with ImageName {image} does not exist. Please provide a valid ImageName."
        )


def _refuse_taken(versions: Sequence[Record], aliases: Sequence[str]) -> None:
    for each in versions:
        for alias in aliases:
            if alias in each.body.get("Aliases", []):
                raise resource_in_use(
                    f"Alias {alias} is that of version {each.body['Version']}; delete it there first."
                )


def _as_member(alias: str) -> dict[str, Any]:
    return {"Alias": alias}
