"""What every kind of resource has in common: a name, an ARN, a record, tags, and lists of itself."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from sagecraft_emulator.errors import ApiError, RecordExists, RecordMissing, not_done, validation_error
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .caller import Caller
from .paging import page
from .tags import read_tags

Operation = Callable[[Caller, dict[str, Any]], dict[str, Any]]

LIST_MEMBERS: Final = frozenset(
    {
        "CreatedAfter",
        "CreatedBefore",
        "CreationTimeAfter",
        "CreationTimeBefore",
        "LastModifiedTimeAfter",
        "LastModifiedTimeBefore",
        "MaxResults",
        "ModifiedTimeAfter",
        "ModifiedTimeBefore",
        "NameContains",
        "NextToken",
        "SortBy",
        "SortOrder",
        "StatusEquals",
    }
)
"""What a List request may hold of every kind."""


class ResourceKind:
    """A kind of resource that is created, described, listed and deleted.

    A subclass names itself in AWS's words, and overrides the steps in which its kind behaves in its own way.
    """

    kind: ClassVar[str]
    """AWS's noun, such as `EndpointConfig`; operations and members are named after it."""
    arn_type: ClassVar[str]
    """The type in the ARN, such as `endpoint-config`."""
    spoken: ClassVar[str]
    """The noun in AWS's messages, such as `endpoint configuration`."""
    plural: ClassVar[str]
    """The noun in the name of the List operation, such as `EndpointConfigs`."""
    list_member: ClassVar[str]
    """The member of the List answer, such as `EndpointConfigs`."""
    filters: ClassVar[frozenset[str]] = frozenset()
    """What else a List request of the kind may hold; `passes` is overridden for it."""
    sort_by: ClassVar[str] = "CreationTime"
    """What a List answer is sorted by where the request does not say."""
    sort_order: ClassVar[str] = "Descending"
    """In which order a List answer is where the request does not say."""
    case_sensitive: ClassVar[bool] = True
    """Whether names that differ in upper and lower case alone are different ones."""
    status_within_page: ClassVar[bool] = False
    """Whether a List request with MaxResults takes so many first, and then those of them that have the status."""

    searched_as: ClassVar[str | None] = None
    """What `Search` calls the kind; None where it does not find it."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @property
    def status_member(self) -> str:
        """The member that holds the status, for a kind that has one."""
        return f"{self.kind}Status"

    def operations(self) -> dict[str, Operation]:
        """What the kind answers to, by operation name."""
        return {
            f"Create{self.kind}": self.create,
            f"Describe{self.kind}": self.describe,
            f"List{self.plural}": self.list,
            f"Delete{self.kind}": self.delete,
        }

    def create(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Adds a resource as it was requested."""
        record = self.add(caller, request, status=None, body={})
        return {f"{self.kind}Arn": record.arn}

    def describe(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """The members of a resource."""
        return self.view(self.record(caller, self.name_in(request)))

    def delete(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """Removes a resource."""
        self.store.delete(self.record(caller, self.name_in(request)).key)
        return {}

    def list(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        """A page of the resources that pass the request's filters, in its order.

        Raises:
            ApiError: A filter or an order that is not done, or a token that is not one of ours.
        """
        unknown = request.keys() - LIST_MEMBERS - self.filters
        if unknown:
            raise not_done(
                f"List{self.plural} cannot filter by {', '.join(sorted(unknown))} in this emulator; leave it out."
            )
        late = {"StatusEquals"} if self.status_within_page and "MaxResults" in request else set()
        filters = {member: value for member, value in request.items() if member not in late}
        statuses = {filters["StatusEquals"]} if "StatusEquals" in filters else None
        records = self.store.each(self.kind, caller.account, caller.region, statuses=statuses)
        passing = (record for record in records if self.passes(record, filters))
        descending = request.get("SortOrder", self.sort_order) == "Descending"
        sort_by = request.get("SortBy", self.sort_by)

        def position(record: Record) -> tuple[Any, str]:
            return self.sort_key(record, sort_by), record.key.name

        def keep(record: Record) -> bool:
            return bool(request.get("StatusEquals", record.status) == record.status)

        return page(passing, request, self.list_member, position, self.view, descending=descending, keep=keep)

    def add(self, caller: Caller, request: dict[str, Any], *, status: str | None, body: Mapping[str, Any]) -> Record:
        """Adds the record of a request, with its tags.

        Raises:
            ApiError: The name is taken.
        """
        name = self.name_in(request)
        arn = caller.arn(self.arn_type, name)
        members = {member: value for member, value in request.items() if member != "Tags"}
        tags = read_tags(request.get("Tags", []))
        try:
            return self.store.create(
                self.key(caller, name),
                arn=arn,
                status=status,
                body={**members, **body},
                tags=tags,
                alike=not self.case_sensitive,
            )
        except RecordExists:
            raise self.taken(arn) from None

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The name of the record that a request is of, which its ARN ends with."""
        name: str = request[f"{self.kind}Name"]
        return name

    def key(self, caller: Caller, name: str) -> RecordKey:
        """What names the record of a resource."""
        return RecordKey(self.kind, caller.account, caller.region, name)

    def record(self, caller: Caller, name: str) -> Record:
        """The record of a resource.

        Raises:
            ApiError: There is none of that name.
        """
        try:
            return self.store.get(self.key(caller, name), alike=not self.case_sensitive)
        except RecordMissing:
            raise self.missing(name, caller.arn(self.arn_type, name)) from None

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return validation_error(f'Cannot create already existing {self.spoken} "{arn}".')

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - some kinds tell the one, some the other
        """AWS's answer to a name that there is not."""
        return validation_error(f'Could not find {self.spoken} "{arn}".')

    def view(self, record: Record) -> dict[str, Any]:
        """The members that are answered for a record."""
        status = {} if record.status is None else {self.status_member: record.status}
        return {
            f"{self.kind}Name": record.key.name,
            f"{self.kind}Arn": record.arn,
            "CreationTime": record.created,
            "LastModifiedTime": record.modified,
            **record.body,
            **status,
        }

    def search_items(self, caller: Caller) -> Iterator[tuple[str, dict[str, Any]]]:
        """What `Search` looks through of an account and region: each with what tells it from the others."""
        for record in self.store.each(self.kind, *caller):
            yield record.arn, self.searched(record)

    def searched(self, record: Record) -> dict[str, Any]:
        """The members of a record that `Search` finds it by, and answers."""
        tags = [{"Key": key, "Value": value} for key, value in self.store.tags(record.arn).items()]
        return {**self.view(record), **({"Tags": tags} if tags else {})}

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a resource passes the filters of a List request."""
        created, modified = record.created, record.modified
        after, before = (  # some say it without "Last"
            request.get(f"LastModifiedTime{end}", request.get(f"ModifiedTime{end}", modified))
            for end in ("After", "Before")
        )
        since, until = (  # some say "Created"
            request.get(f"CreationTime{end}", request.get(f"Created{end}", created)) for end in ("After", "Before")
        )
        return (
            request.get("NameContains", "") in record.key.name
            and request.get("StatusEquals", record.status) == record.status
            and bool(since <= created <= until)
            and bool(after <= modified <= before)
        )

    def sort_key(self, record: Record, sort_by: str) -> Any:
        """What a List answer is sorted by."""
        match sort_by:
            case "Name":
                return record.key.name
            case "Status":
                return record.status or ""
            case "CreationTime":
                return record.created
            case "LastModifiedTime":
                return record.modified
            case unknown:
                raise not_done(f"Sorting {self.plural} by '{unknown}' is not supported.")
