"""Spaces: what apps keep, which survives them."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import resource_in_use, validation_error
from sagecraft_emulator.state.store import Record, Store

from .apps.protocol import Apps
from .dependents import dependents, refuse_needed
from .domain import DomainKind
from .in_domain import InDomainKind
from .settings import Settings, check_idle_time, overlaid, settings_of, volume_sizes
from .user_profile import UserProfileKind

APPS_WITH_VOLUME: Final = frozenset({"JupyterLab", "CodeEditor"})
_SUMMARIES: Final = ("OwnershipSettings", "SpaceSettings", "SpaceSharingSettings")


class SpaceKind(InDomainKind):
    """`CreateSpace` and its siblings.

    Args:
        store: Where records are.
        domains: The domains.
        profiles: The owners of spaces.
        apps: Has their volumes. Left out, they have none.
    """

    kind, arn_type, spoken, plural, list_member = "Space", "space", "space", "Spaces", "Spaces"
    filters = frozenset({"DomainIdEquals", "SpaceNameContains"})

    def __init__(self, store: Store, domains: DomainKind, profiles: UserProfileKind, apps: Apps | None) -> None:
        super().__init__(store, domains)
        self._profiles, self._apps = profiles, apps

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "UpdateSpace": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to make a space.

        Raises:
            ApiError: There is one of that name, its domain or its owner is not there, it is private without an owner
                or settings, or its volume or idle time are not what the domain allows.
        """
        arn = caller.arn(self.arn_type, self.name_in(request))
        sharing = request.get("SpaceSharingSettings", {}).get("SharingType")
        if ("OwnershipSettings" in request) != (sharing is not None):
            raise validation_error(
                f"OwnershipSettings and SpaceSharingSettings must be provided together for creating space [{arn}]"
            )
        if sharing == "Private" and "SpaceSettings" not in request:
            # Source: https://github.com/hashicorp/terraform-provider-aws/issues/38370
            raise validation_error(f"SpaceSettings must be provided for creating private space [{arn}]")
        domain = self.require_domain(caller, request["DomainId"])
        settings = self._settings(caller, domain, request)
        _check(settings, request)
        url = f"{domain.body['Url']}?spaceName={request['SpaceName']}"
        return {"SpaceArn": self.begin(caller, {**request, **_with_volume(request, settings), "Url": url})}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to change those settings of a space that the request names.

        Raises:
            ApiError: It is not in service, has an app, would be for another type of apps, or its volume or idle time
                would not be what the domain allows.
        """
        record = self.record(caller, self.name_in(request))
        present = record.body.get("SpaceSettings", {}).get("AppType")
        if request.get("SpaceSettings", {}).get("AppType", present) != present:
            raise validation_error("Updating AppType for Space is not supported.")
        members = {member: record.body[member] for member in ("DomainId", "SpaceName")}
        if any(dependents(self.store, record, "App", members)):
            raise resource_in_use(f"Unable to update Space [{record.arn}] because App(s) are associated with it.")
        _check(self._settings(caller, self.domains.record(caller, request["DomainId"]), record.body), request)
        return {"SpaceArn": self.change(caller, request, ("SpaceSettings",))}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete a space, with all that is in it.

        Raises:
            ApiError: It has apps, or is in a status in which it cannot be deleted.
        """
        record = self.record(caller, self.name_in(request))
        members = {member: record.body[member] for member in ("DomainId", "SpaceName")}
        refuse_needed(self.store, record, members)
        return self.begin_to_delete(record)

    def end(self, record: Record) -> None:
        """Removes a space with its volume."""
        super().end(record)
        if self._apps is not None:
            self._apps.remove_space(record)

    def _settings(self, caller: Caller, domain: Record, space: Mapping[str, Any]) -> Settings:
        """Those that hold for a space: of its owner, or of what users share."""
        is_private = space.get("SpaceSharingSettings", {}).get("SharingType") == "Private"
        return settings_of(domain, self._owner(caller, space) if is_private else None)

    def _owner(self, caller: Caller, request: Mapping[str, Any]) -> Record:
        owner = request["OwnershipSettings"]["OwnerUserProfileName"]
        named = {"DomainId": request["DomainId"], "UserProfileName": owner}
        return self._profiles.record(caller, self._profiles.name_in(named))

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record; lists have fewer of them under other names."""
        view = super().view(record)
        return {**view, **{f"{member}Summary": view[member] for member in _SUMMARIES if member in view}}


def _with_volume(request: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """The settings of a space with the size of its volume, where apps of its type have one of their own."""
    asked = request.get("SpaceSettings", {})
    if asked.get("AppType") not in APPS_WITH_VOLUME:
        return {}
    default, _ = volume_sizes(settings)
    volume = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": default}}}
    return {"SpaceSettings": overlaid(volume, asked)}


def _check(settings: Settings, request: Mapping[str, Any]) -> None:
    asked = request.get("SpaceSettings", {})
    size = asked.get("SpaceStorageSettings", {}).get("EbsStorageSettings", {}).get("EbsVolumeSizeInGb")
    _, largest = volume_sizes(settings)
    if size is not None and size > largest:
        raise validation_error(f"EbsVolumeSizeInGb is {size}; in this domain it must be at most {largest}.")
    check_idle_time(settings, asked)
