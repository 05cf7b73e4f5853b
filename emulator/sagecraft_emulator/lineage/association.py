"""Associations: that something came of something else, or belongs to it."""

from collections.abc import Mapping
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import Operation, ResourceKind
from sagecraft_emulator.errors import RecordExists, RecordMissing, resource_not_found, validation_error
from sagecraft_emulator.state.store import Record, RecordKey

from .entity import ASSOCIATION, CHANGING, ends_of
from .query import LineageQuery
from .vertex import ENTITIES, OF_EXPERIMENTS, Vertex, vertex

MEMBERS: Final = ("SourceArn", "DestinationArn", "SourceType", "DestinationType", "AssociationType")


class AssociationKind(ResourceKind):
    """`AddAssociation`, `DeleteAssociation` and `ListAssociations`; and `QueryLineage`, which goes along them."""

    kind, arn_type, spoken = ASSOCIATION, "association", "association"
    plural, list_member = "Associations", "AssociationSummaries"
    filters = frozenset(MEMBERS)

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            "AddAssociation": self.create,
            "DeleteAssociation": self.delete,
            "ListAssociations": self.list,
            "QueryLineage": LineageQuery(self.store).query,
        }

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Associates a source with a destination.

        Source of what cannot be: https://github.com/aws/sagemaker-experiments/issues/157

        Raises:
            ApiError: One of them is not there, they are associated, or cannot be.
        """
        source, destination = request["SourceArn"], request["DestinationArn"]
        if source == destination:
            raise validation_error(f"'{source}' cannot be associated with itself.")
        with CHANGING:
            ends = [self._end(caller, arn) for arn in (source, destination)]
            if all(end.record.key.kind in OF_EXPERIMENTS for end in ends):
                raise validation_error(
                    f"Associations cannot be made between two of {', '.join(OF_EXPERIMENTS)}, got '{source}' and "
                    f"'{destination}'."
                )
            try:
                associate(self, caller, source, destination, request.get("AssociationType"))
            except RecordExists:
                raise validation_error(f"Association between '{source}' and '{destination}' already exists.") from None
        return {"SourceArn": source, "DestinationArn": destination}

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Takes the association of a source and a destination away.

        Raises:
            ApiError: There is none.
        """
        source, destination = request["SourceArn"], request["DestinationArn"]
        try:
            self.store.delete(_key(caller, source, destination))
        except RecordMissing:
            raise resource_not_found(f"Association between '{source}' and '{destination}' does not exist.") from None
        return {"SourceArn": source, "DestinationArn": destination}

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for an association: the names and types of its ends, as these are now."""
        source, destination = (vertex(self.store, arn) for arn in ends_of(record))
        return {
            **record.body,
            "CreationTime": record.created,
            **({} if source is None else {"SourceName": source.name, "SourceType": source.type}),
            **(
                {}
                if destination is None
                else {"DestinationName": destination.name, "DestinationType": destination.type}
            ),
        }

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether an association passes the filters of a List request."""
        asked = request.keys() & set(MEMBERS)
        view = self.view(record) if asked else {}
        return super().passes(record, request) and all(view.get(name) == request[name] for name in asked)

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a List answer is sorted by."""
        return self.view(record).get(sort_by, "") if sort_by in MEMBERS else super().sort_key(record, sort_by)

    def _end(self, caller: Caller, arn: str) -> Vertex:
        found = vertex(self.store, arn)
        if found is None or (found.record.key.account, found.record.key.region) != caller:
            raise resource_not_found(
                f"'{arn}' does not exist, or is none of {', '.join(ENTITIES)} of this account and region."
            )
        return found


def associate(
    kind: AssociationKind, caller: Caller, source: str, destination: str, association_type: str | None
) -> None:
    """Adds an association of two that are there.

    Raises:
        RecordExists: There is one.
    """
    body = {"SourceArn": source, "DestinationArn": destination, "CreatedBy": {}}
    if association_type is not None:
        body["AssociationType"] = association_type
    key = _key(caller, source, destination)
    kind.store.create(key, arn=f"{source} {destination}", status=None, body=body)


def _key(caller: Caller, source: str, destination: str) -> RecordKey:
    return RecordKey(ASSOCIATION, *caller, f"{source} {destination}")
