"""What needs a resource of Studio, and so is in the way of its deletion."""

from collections.abc import Iterator, Mapping
from typing import Final

from sagecraft_emulator.errors import resource_in_use
from sagecraft_emulator.state.store import Record, Store

_KINDS: Final[Mapping[str, frozenset[str]]] = {
    "UserProfile": frozenset(),
    "Space": frozenset(),
    "App": frozenset({"Deleted", "Failed"}),
}
"""The kinds of what is in a domain, each with the statuses in which it is in nobody's way.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
"""


def dependents(store: Store, record: Record, kind: str, members: Mapping[str, str]) -> Iterator[Record]:
    """The records of a kind that need another one: all that have certain members; a space has those of its owner."""
    for each in store.find(kind, record.key.account, record.key.region):
        owner = each.body.get("OwnershipSettings", {}).get("OwnerUserProfileName", "").lower()
        found = {"UserProfileName": owner, **each.body}
        if each.status not in _KINDS[kind] and members.items() <= found.items():
            yield each


def refuse_needed(store: Store, record: Record, members: Mapping[str, str]) -> None:
    """Passes what nothing needs.

    Args:
        store: Where records are.
        record: What is to be deleted.
        members: What those have that need it.

    Raises:
        ApiError: Something does.
    """
    for kind in _KINDS:
        if kind != record.key.kind and any(dependents(store, record, kind, members)):
            # Source: https://github.com/aws/amazon-sagemaker-feedback/issues/113
            raise resource_in_use(
                f"Unable to delete {record.key.kind} [{record.arn}] because {kind}(s) are associated with it."
            )
