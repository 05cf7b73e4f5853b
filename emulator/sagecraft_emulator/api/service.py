"""The SageMaker service: from an operation's name and request to its answer.

The way of a request: `handle` has the operation read from `X-Amz-Target` and the JSON body, `call` checks the request
against the service model, finds the behaviour in the table of operations, and shapes the answer by the model again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sagecraft_emulator.errors import ApiError, RecordMissing, validation_error
from sagecraft_emulator.state.store import Record, Store

from .caller import Caller
from .json_protocol import HttpResponse, answered
from .kind import Operation, ResourceKind
from .paging import page
from .search.search import Search
from .service_model import operation_model, parse_request, shape_response
from .tags import read_tags

TARGET_PREFIX: Final = "SageMaker."
MAX_TAGS: Final = 50


Check = Callable[[Mapping[str, Any], Caller], None]
"""Passes a request of a caller, or raises `ApiError`."""


class SageMakerService:
    """Answers the control plane's operations. Safe for use from several threads; an operation may block for a moment.

    Args:
        store: Where records are.
        kinds: What it answers for.
        checks: Each passes a request, or raises `ApiError`.
    """

    def __init__(self, store: Store, kinds: Iterable[ResourceKind], checks: Iterable[Check] = ()) -> None:
        self.store, self._checks = store, tuple(checks)
        self._kinds = {kind.kind: kind for kind in kinds}
        self._operations: dict[str, Operation] = {
            "AddTags": self._add_tags,
            "DeleteTags": self._delete_tags,
            "ListTags": self._list_tags,
            "Search": Search(self._kinds.values()).search,
        }
        for kind in self._kinds.values():
            self._operations |= kind.operations()

    def call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Does one operation.

        Args:
            operation: Its name.
            request: What a client may ask.
            caller: Who asks.
            own: Members that the emulator adds to the request, and that no client can give.

        Raises:
            ApiError: What AWS would answer, or that the operation is not done here.
        """
        model = operation_model(operation)
        parsed = parse_request(model, request)
        behaviour = self._operations.get(operation)
        if behaviour is None:
            raise ApiError(
                "NotImplemented",
                f"The operation '{operation}' is not done by this emulator. It does: "
                f"{', '.join(sorted(self._operations))}.",
                501,
            )
        for check in self._checks:
            check(parsed, caller)
        return shape_response(model, behaviour(caller, {**parsed, **(own or {})}))

    def describe(self, record: Record) -> dict[str, Any]:
        """What the Describe operation of its kind answers for a record."""
        kind = record.key.kind
        return shape_response(operation_model(f"Describe{kind}"), self._kinds[kind].view(record))

    def handle(
        self, headers: Mapping[str, str], body: bytes, caller: Caller, own: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        """Answers one HTTP request of the AWS JSON 1.1 protocol; header names are lower case, `own` as of `call`."""
        return answered(TARGET_PREFIX, headers, body, lambda operation, asked: self.call(operation, asked, caller, own))

    def _add_tags(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        arn = self._tagged(caller, request)
        added = read_tags(request["Tags"])
        tags = {**self.store.tags(arn), **added}
        if len(tags) > MAX_TAGS:
            raise validation_error(f"A resource has at most {MAX_TAGS} tags; '{arn}' would have {len(tags)}.")
        self.store.set_tags(arn, added)
        return {"Tags": _tag_list(tags)}

    def _delete_tags(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        self.store.remove_tags(self._tagged(caller, request), request["TagKeys"])
        return {}

    def _list_tags(self, caller: Caller, request: dict[str, Any]) -> dict[str, Any]:
        tags = _tag_list(self.store.tags(self._tagged(caller, request)))
        return page(tags, {"MaxResults": MAX_TAGS, **request}, "Tags", lambda tag: (tag["Key"],), dict)

    def _tagged(self, caller: Caller, request: Mapping[str, Any]) -> str:
        """The ARN of a request, when it is of a resource of the caller's account and region."""
        arn: str = request["ResourceArn"]
        missing = validation_error(f"Could not find resource '{arn}'.")
        try:
            key = self.store.find_arn(arn).key
        except RecordMissing:
            raise missing from None
        if (key.account, key.region) != (caller.account, caller.region):
            raise missing
        return arn


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
