"""Apps: what runs for a user, or in a space.

No app runs in this emulator as yet, and one that does not run is not recorded.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation
from sagecraft_emulator.errors import not_done, validation_error
from sagecraft_emulator.state.states import CREATED, States
from sagecraft_emulator.state.store import Record

from .in_domain import InDomainKind

DELETED_SECONDS: Final = 24 * 3600.0
"""How long a deleted app is still told of.

Source: `ReadHandler` of AWS::SageMaker::App in aws-cloudformation/aws-cloudformation-resource-providers-sagemaker
"""
APP_STATES: Final = States(
    {
        CREATED: {"Pending"},
        "Pending": {"InService", "Failed", "Deleting"},
        "InService": {"Deleting", "Failed"},
        "Deleting": {"Deleted", "Failed"},
        "Deleted": (),
        "Failed": (),
    }
)
_OWNERS: Final = ("UserProfileName", "SpaceName")


class AppKind(InDomainKind):
    """`CreateApp` and its siblings."""

    kind, arn_type, spoken, plural, list_member = "App", "app", "app", "Apps", "Apps"
    filters = frozenset({"DomainIdEquals", "UserProfileNameEquals", "SpaceNameEquals"})
    settles: ClassVar[Mapping[str, str | None]] = {"Deleting": "Deleted", "Deleted": None}

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
        """Refuses an app, none of which can run here.

        Raises:
            ApiError: It cannot run, or is wrong in itself.
        """
        _require_owner(request, "CreateApp")
        self.require_domain(caller, request["DomainId"])
        app_type = request["AppType"]
        if app_type == "KernelGateway":
            # Source: https://github.com/aws-samples/aws-ai-intelligent-document-processing/issues/53
            raise validation_error(f"Invalid AppType [{app_type}]. This AppType has been deprecated.")
        raise not_done(
            f"Apps of type '{app_type}' cannot run in this emulator: it makes no app '{request['AppName']}'."
        )

    def open(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Refuses to open a domain, which has no apps.

        Raises:
            ApiError: Always.
        """
        self.require_domain(caller, request["DomainId"])
        raise not_done("CreatePresignedDomainUrl is not done by this emulator: no app of a domain can be opened here.")

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


def _require_owner(request: Mapping[str, Any], operation: str) -> None:
    if sum(member in request for member in _OWNERS) != 1:
        raise validation_error(f"Either UserProfileName or SpaceName must be passed for {operation} operation.")
