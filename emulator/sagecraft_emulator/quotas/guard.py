"""Refuses what would take more of a quota than there is left, as AWS does: at once, for nothing waits for quotas.

Source of the text: https://github.com/aws-samples/aws-genai-llm-chatbot/issues/244, and
https://aws.amazon.com/premiumsupport/knowledge-center/sagemaker-resource-limit-exceeded-error/.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import ApiError
from sagecraft_emulator.state.store import Record, Store

from .limits import Limits
from .takes import Takes

if TYPE_CHECKING:
    from sagecraft_catalog.quota.demand import Demands
    from sagecraft_catalog.quota.quota import Quota

LIMIT_EXCEEDED: Final = "ResourceLimitExceeded"


class QuotaGuard:
    """Passes a change of a record, or refuses it. The store asks it while nothing else is changed.

    Args:
        store: Where the records are.
        takes: What the records of each kind take.
        limits: How much there may be.
    """

    def __init__(self, store: Store, takes: Mapping[str, Takes], limits: Limits) -> None:
        self._store, self._takes, self._limits = store, takes, limits

    def __call__(self, before: Record | None, after: Record) -> None:
        """Decides of a change.

        Args:
            before: The record as it is; None for one that is being made.
            after: As it would be.

        Raises:
            ApiError: It would take more than there is left.
        """
        takes = self._takes.get(after.key.kind)
        if takes is None or (before is not None and not takes.holds):
            return
        caller = Caller(after.key.account, after.key.region)
        present = {} if before is None else _amounts(self._asked(before))
        more = {
            quota: (amount, amount - present.get(quota, 0))
            for quota, amount in _amounts(self._asked(after)).items()
            if amount > present.get(quota, 0)
        }
        limited = {quota: limit for quota in more if (limit := self._limits.value(quota, caller)) is not None}
        used: Mapping[Quota, Decimal] | None = None
        for quota, limit in limited.items():
            amount, delta = more[quota]
            if quota.is_of_each:
                if amount > limit:
                    raise _exceeded(quota, limit, Decimal(0), amount)
                continue
            if used is None:
                used = _amounts(self._taken(caller, after))
            utilization = used.get(quota, Decimal(0)) + amount - delta
            if utilization + delta > limit:
                raise _exceeded(quota, limit, utilization, delta)

    def _taken(self, caller: Caller, but: Record) -> "Demands":
        """What all other records of the account take, in its region."""
        return tuple(demand for record in self._holders(caller) if record.key != but.key for demand in self._of(record))

    def _holders(self, caller: Caller) -> Iterator[Record]:
        for kind, takes in self._takes.items():
            if takes.holds:
                yield from self._store.each(kind, caller.account, caller.region, statuses=takes.statuses)

    def _asked(self, record: Record) -> "Demands":
        statuses = self._takes[record.key.kind].statuses
        return self._of(record) if statuses is None or record.status in statuses else ()

    def _of(self, record: Record) -> "Demands":
        return self._takes[record.key.kind].asked(self._store, record)


def _amounts(demands: "Demands") -> "dict[Quota, Decimal]":
    """Of what requests ask for, all is known: the least is the most."""
    amounts: dict[Quota, Decimal] = {}
    for each in demands:
        amounts[each.quota] = amounts.get(each.quota, Decimal(0)) + each.amount.low
    return amounts


def _exceeded(quota: "Quota", limit: Decimal, utilization: Decimal, delta: Decimal) -> ApiError:
    unit = quota.unit
    return ApiError(
        LIMIT_EXCEEDED,
        f"The account-level service limit '{quota.name}' is {limit:f} {unit}, with current utilization of "
        f"{utilization:f} {unit} and a request delta of {delta:f} {unit}. Please use AWS Service Quotas to request an "
        "increase for this quota. If AWS Service Quotas is not available, contact AWS support to request an increase "
        "for this quota.",
    )
