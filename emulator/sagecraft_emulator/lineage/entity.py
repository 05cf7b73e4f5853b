"""What artifacts, actions and contexts have in common."""

import time
from collections.abc import Mapping
from threading import RLock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import ApiError, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record

ASSOCIATION: Final = "Association"
"""Of the records of associations."""
CHANGING: Final = RLock()
"""Held while something is associated, or goes because it is not."""
MOST_PROPERTIES: Final = 30
_CHANGED: Final = "_Changed"


class LineageKind(ResourceKind):
    """A kind of what a lineage consists of. It is named by a name or an ARN."""

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {**super().operations(), f"Update{self.kind}": self.update}

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds one."""
        body: dict[str, Any] = {"CreatedBy": {}, "LastModifiedBy": {}}
        return {f"{self.kind}Arn": self.add(caller, request, status=None, body=body).arn}

    def update(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Changes what is given; properties come to those that are there, or in place of the same name.

        Raises:
            ApiError: There is none of that name, or it would have too many properties.
        """
        record = self.record(caller, self.name_in(request))
        removed = request.get("PropertiesToRemove", ())
        own = {f"{self.kind}Arn", "PropertiesToRemove"}
        rest = {name: value for name, value in request.items() if name not in own}

        def changes(present: Record) -> dict[str, Any]:
            merged = {**present.body.get("Properties", {}), **request.get("Properties", {})}
            properties = {name: value for name, value in merged.items() if name not in removed}
            if len(properties) > MOST_PROPERTIES:
                raise validation_error(
                    f"{self.kind} '{record.arn}' has at most {MOST_PROPERTIES} Properties; it would have "
                    f"{len(properties)}."
                )
            return {**rest, "Properties": properties or None, _CHANGED: time.time()}

        self.store.update(record.key, body=changes)
        return {f"{self.kind}Arn": record.arn}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes one that is not associated with anything.

        Raises:
            ApiError: There is none of that name, or it is associated.
        """
        record = self.record(caller, self.name_in(request))
        with CHANGING:
            if any(record.arn in ends_of(each) for each in self.store.each(ASSOCIATION, *caller)):
                raise validation_error(
                    f"{self.kind} '{record.arn}' has 1 or more associations and cannot be deleted. Delete these first."
                )
            self.store.delete(record.key)
        return {f"{self.kind}Arn": record.arn}

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of the record that a request is of, which may give its ARN."""
        return super().name_in(request).rpartition("/")[2]

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether one passes the filters of a List request."""
        uri, of_type = record.body["Source"]["SourceUri"], record.body[f"{self.kind}Type"]
        return (
            super().passes(record, request)
            and request.get("SourceUri", uri) == uri
            and bool(request.get(f"{self.kind}Type", of_type) == of_type)
        )

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        return {**super().view(record), "LastModifiedTime": record.body.get(_CHANGED, record.created)}

    def taken(self, arn: str) -> ApiError:
        """The answer to a name that is taken, by which AWS's SDK knows that it need not be made."""
        return validation_error(f"{self.kind} '{arn}' already exists.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the text tells the ARN
        """The answer to a name that there is not."""
        return resource_not_found(f"{self.kind} '{arn}' does not exist.")


class ActionKind(LineageKind):
    """`CreateAction` and its siblings: what somebody or something did, such as an approval."""

    kind, arn_type, spoken = "Action", "action", "action"
    plural, list_member = "Actions", "ActionSummaries"
    filters = frozenset({"SourceUri", "ActionType"})


class ContextKind(LineageKind):
    """`CreateContext` and its siblings: what others belong to, such as an endpoint."""

    kind, arn_type, spoken = "Context", "context", "context"
    plural, list_member = "Contexts", "ContextSummaries"
    filters = frozenset({"SourceUri", "ContextType"})


def ends_of(association: Record) -> tuple[str, str]:
    """The ARNs of the source and the destination of an association."""
    return association.body["SourceArn"], association.body["DestinationArn"]
