"""What the kinds have in common whose resources are in a domain."""

from collections.abc import Collection, Mapping
from threading import Lock
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.settling import SettlingKind
from sagecraft_emulator.errors import ApiError, resource_in_use, resource_not_found
from sagecraft_emulator.state.store import Record, Store

from .domain import DomainKind

_FIRST_UID, _BETWEEN_UIDS = 200005, 5
_GIVING_UIDS: Final = Lock()


class InDomainKind(SettlingKind):
    """A kind whose resources have a home directory on the file system of a domain, and names that differ there.

    No two names differ by case alone.

    Args:
        store: Where records are.
        domains: The domains.
    """

    sort_order = "Ascending"

    def __init__(self, store: Store, domains: DomainKind) -> None:
        super().__init__(store)
        self.domains = domains

    def name_in(self, request: Mapping[str, Any]) -> str:
        """The ID of the domain and the name in it."""
        return f"{request['DomainId']}/{request[f'{self.kind}Name']}".lower()

    def begin(self, caller: Caller, request: dict[str, Any]) -> str:
        """Begins to make a resource; its ARN.

        Raises:
            ApiError: There is one of that name, or the domain is not there or not in service.
        """
        self.require_domain(caller, request["DomainId"])
        with _GIVING_UIDS:
            body = {"HomeEfsFileSystemUid": self._next_uid(caller, request["DomainId"])}
            return self.add(caller, request, status="Pending", body=body).arn

    def change(self, caller: Caller, request: dict[str, Any], merged: Collection[str]) -> str:
        """Begins to change a resource; of its settings in `merged`, those that the request names. Its ARN.

        Raises:
            ApiError: It is not there, or not in service.
        """
        record = self.record(caller, self.name_in(request))
        names = {"DomainId", f"{self.kind}Name"}

        def changed(present: Record) -> dict[str, Any]:
            return {
                member: {**present.body.get(member, {}), **value} if member in merged else value
                for member, value in request.items()
                if member not in names
            }

        self.move(record, {"InService", "Update_Failed"}, "Updating", changed)
        return record.arn

    def begin_to_delete(self, record: Record) -> dict[str, Any]:
        """Begins to delete a resource that nothing needs.

        Raises:
            ApiError: It is in a status in which it cannot be.
        """
        self.move(record, {"InService", "Failed", "Update_Failed", "Delete_Failed"}, "Deleting")
        return {}

    def require_domain(self, caller: Caller, domain_id: str) -> Record:
        """The record of a domain in which something can be made.

        Raises:
            ApiError: It is not there, or not in service.
        """
        domain = self.domains.record(caller, domain_id)
        if domain.status not in {"InService", "Updating"}:
            raise resource_in_use(f"Domain [{domain.arn}] is {domain.status}, not InService.")
        return domain

    def passes(self, record: Record, request: Mapping[str, Any]) -> bool:
        """Whether a resource passes the filters of a List request."""
        domain_id, _, name = record.key.name.partition("/")
        return (
            request.get("DomainIdEquals", domain_id) == domain_id
            and request.get(f"{self.kind}NameContains", "").lower() in name
        )

    def taken(self, arn: str) -> ApiError:
        """AWS's answer to a name that is taken."""
        return resource_in_use(f"{self.kind} [{arn}] already exists.")

    def missing(self, name: str, arn: str) -> ApiError:  # noqa: ARG002 - the ARN has both names
        """AWS's answer to a name that there is not."""
        return resource_not_found(f"{self.kind} [{arn}] does not exist.")

    def _next_uid(self, caller: Caller, domain_id: str) -> str:
        given = [
            int(each.body["HomeEfsFileSystemUid"])
            for kind in ("UserProfile", "Space")
            for each in self.store.find(kind, caller.account, caller.region)
            if each.body["DomainId"] == domain_id
        ]
        return str(max(given) + _BETWEEN_UIDS if given else _FIRST_UID)
