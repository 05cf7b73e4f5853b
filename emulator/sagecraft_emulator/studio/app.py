"""Apps: what runs for a user, or in a space.

Those of type JupyterLab run, where notebook instances open, too. What cannot run is refused, and not recorded.
"""

from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import RecordMissing, not_done, resource_in_use, validation_error
from sagecraft_emulator.pages.sessions import MAY_GO_ON, URL_SECONDS, anybody
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record, Store

from .app_body import app_body
from .apps.protocol import Apps
from .dependents import dependents
from .domain import DomainKind
from .images.attached import AttachedImages
from .in_domain import InDomainKind
from .space import SpaceKind
from .user_profile import UserProfileKind

DELETED_SECONDS: Final = 24 * 3600.0
"""How long a deleted app is still told of.

Source: `ReadHandler` of AWS::SageMaker::App in aws-cloudformation/aws-cloudformation-resource-providers-sagemaker
"""
APP_STATES: Final = States(
    {
        CREATED: {"Pending"},
        "Pending": {"InService", "Failed", "Deleting"},
        "InService": {"Deleting", "Failed", "Pending"},
        "Deleting": {"Deleted", "Failed"},
        "Deleted": (),
        "Failed": (),
    }
)
"""Source: `AppStatus` in SageMaker's service model; one in service is `Pending` again until the emulator, started anew,
has brought it back.
"""
SESSION_SECONDS: Final = 43_200
RUNS: Final = "JupyterLab"
LANDING: Final = "app:JupyterLab:"
_MAKING: Final = Lock()
_OWNERS: Final = ("UserProfileName", "SpaceName")


class AppKind(InDomainKind):
    """`CreateApp` and its siblings.

    Args:
        store: Where records are.
        domains: The domains.
        profiles: Who opens apps.
        spaces: What apps are in.
        images: What apps run.
        apps: Runs them. Left out, none runs.
    """

    kind, arn_type, spoken, plural, list_member = "App", "app", "app", "Apps", "Apps"
    filters = frozenset({"DomainIdEquals", "UserProfileNameEquals", "SpaceNameEquals"})

    def __init__(
        self,
        store: Store,
        domains: DomainKind,
        profiles: UserProfileKind,
        spaces: SpaceKind,
        images: AttachedImages,
        apps: Apps | None,
    ) -> None:
        super().__init__(store, domains)
        self._profiles, self._spaces, self._images, self._apps = profiles, spaces, images, apps
        ended_by_time: Mapping[str, str | None] = {} if apps is not None else {"Deleting": "Deleted"}
        self.settles = {**ended_by_time, "Deleted": None}

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The ID of the domain, whose the app is, its type and its name."""
        owner = next(request[member] for member in _OWNERS if member in request)
        return f"{request['DomainId']}/{owner}/{request['AppType']}/{request['AppName']}".lower()

    def due(self, record: Record) -> float:
        """When an app is moved on, in epoch seconds."""
        return record.modified + DELETED_SECONDS if record.status == "Deleted" else super().due(record)

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), "CreatePresignedDomainUrl": self.open}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to run an app in a space.

        Raises:
            ApiError: It cannot run here, or is wrong in itself, or its space has an app.
        """
        _require_owner(request, "CreateApp")
        domain = self.require_domain(caller, request["DomainId"])
        app_type = request["AppType"]
        if app_type == "KernelGateway":
            # Source: https://github.com/aws-samples/aws-ai-intelligent-document-processing/issues/53
            raise validation_error(f"Invalid AppType [{app_type}]. This AppType has been deprecated.")
        if app_type != RUNS or self._apps is None:
            why = (
                "where notebook instances do not open"
                if app_type == RUNS
                else f"which runs those of type '{RUNS}' alone"
            )
            raise not_done(
                f"Apps of type '{app_type}' cannot run in this emulator, {why}: it makes no app '{request['AppName']}'."
            )
        if "SpaceName" not in request:
            raise validation_error(f"An app of type {app_type} must be in a space. Give its SpaceName.")
        space = self._spaces.record(caller, self._spaces.name_in(request))
        arn = caller.arn(self.arn_type, self.name_in(request))
        members = {"DomainId": request["DomainId"], "SpaceName": space.body["SpaceName"]}
        with _MAKING:
            if any(dependents(self.store, space, self.kind, members)):
                raise resource_in_use(f"Unable to create app [{arn}] because Space [{space.arn}] has an app.")
            owner = self._owner(caller, space)
            body = app_body(self.store, self._images, arn, domain, space, owner, request)
            with suppress(RecordMissing):
                self.store.delete(self.key(caller, self.name_in(request)))  # one of the name that has ended
            record = self.add(caller, {**request, **members}, status="Pending", body=body)
            self._hand_down_tags(record, domain, owner)
        self._apps.start(record.key)
        return {"AppArn": record.arn}

    def open(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Makes a URL that opens the app of a space.

        Raises:
            ApiError: It is not said which, the user may not open it, or it is not in service.
        """
        self.require_domain(caller, request["DomainId"])
        profile = self._profiles.record(caller, self._profiles.name_in(request))
        if self._apps is None:
            raise not_done(
                "CreatePresignedDomainUrl is not done by this emulator where notebook instances do not open: no app of "
                "a domain can be opened here."
            )
        if "SpaceName" not in request or request.get("LandingUri", LANDING) != LANDING:
            raise not_done(
                f"CreatePresignedDomainUrl opens the app of a space here, and Studio's own pages nowhere: give the "
                f"SpaceName, and leave LandingUri out or make it '{LANDING}'."
            )
        space = self._spaces.record(caller, self._spaces.name_in(request))
        owner = self._owner(caller, space)
        if owner is not None and owner.key != profile.key:
            raise validation_error(f"Space [{space.arn}] is private, and UserProfile [{profile.arn}] is not its owner.")
        members = {"DomainId": request["DomainId"], "SpaceName": space.body["SpaceName"]}
        running = [each for each in dependents(self.store, space, self.kind, members) if each.status == "InService"]
        if not running:
            raise validation_error(f"Space [{space.arn}] has no app that is InService.")
        session = request.get("SessionExpirationDurationInSeconds", SESSION_SECONDS)
        good_for, may_go_on = request.get("ExpiresInSeconds", URL_SECONDS), request.get(MAY_GO_ON, anybody)
        url = self._apps.open_app(running[0], session, good_for, may_go_on)
        return {"AuthorizedUrl": url}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of an app."""
        _require_owner(request, "DescribeApp")
        return super().describe(caller, request)

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Begins to delete an app.

        Raises:
            ApiError: It is not there, or has ended already.
        """
        _require_owner(request, "DeleteApp")
        record = self.record(caller, self.name_in(request))
        # Source: hashicorp/terraform-provider-aws internal/service/sagemaker/app.go, what Delete passes over
        if record.status in {"Deleting", "Deleted"}:
            raise validation_error(f"App [{record.arn}] has already been deleted.")
        if record.status == "Failed":
            raise validation_error(f"App [{record.arn}] previously failed and was automatically deleted.")
        self.move(record, {"Pending", "InService"}, "Deleting")
        if self._apps is not None:
            self._apps.stop(record.key)
        return {}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the apps that pass the request's filters.

        Raises:
            ApiError: Apps of both a user and a space are asked for.
        """
        if "UserProfileNameEquals" in request and "SpaceNameEquals" in request:
            raise validation_error("Only one of UserProfileNameEquals and SpaceNameEquals can be set.")
        return super().list(caller, request)

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether an app passes the filters of a List request."""
        asked = {member: request.get(f"{member}Equals", "").lower() for member in _OWNERS}
        return super().passes(record, request) and all(
            name in {"", record.body.get(member, "").lower()} for member, name in asked.items()
        )

    def _hand_down_tags(self, record: Record, domain: Record, owner: Record | None) -> None:
        """Gives an app the tags of its domain and its user, behind its own.

        Source: `Tags` in the API reference of `CreateDomain` and of `CreateUserProfile`
        """
        above = {} if owner is None else self.store.tags(owner.arn)
        self.store.set_tags(record.arn, {**self.store.tags(domain.arn), **above, **self.store.tags(record.arn)})

    def _owner(self, caller: Caller, space: Record) -> Record | None:
        """Whose a private space is; None of one that users share."""
        if space.body.get("SpaceSharingSettings", {}).get("SharingType") != "Private":
            return None
        owner = space.body["OwnershipSettings"]["OwnerUserProfileName"]
        named = {"DomainId": space.body["DomainId"], "UserProfileName": owner}
        return self._profiles.record(caller, self._profiles.name_in(named))


def _require_owner(request: Mapping[str, Any], operation: str) -> None:
    if sum(member in request for member in _OWNERS) != 1:
        raise validation_error(f"Either UserProfileName or SpaceName must be passed for {operation} operation.")
