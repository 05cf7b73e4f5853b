"""How much an account may have at once."""

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.errors import RecordMissing
from sagecraft_emulator.state.store import Record, RecordKey, Store

if TYPE_CHECKING:
    from sagecraft_catalog.quota.quota import Quota

_KIND: Final = "ServiceQuota"
_VALUE: Final = "Value"


class Limits:
    """The quotas of the accounts: those of a new one, unless an increase was asked for.

    Args:
        store: Where increases are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def value(self, quota: "Quota", caller: Caller) -> Decimal | None:
        """How much there may be; None where nobody has published what a new account has."""
        try:
            return _value(self._store.get(_key(quota, caller)))
        except RecordMissing:
            return _default(quota)

    def values(self, caller: Caller) -> "Callable[[Quota], Decimal | None]":
        """As `value` says, for many: what was asked for is read once."""
        raised = {each.key.name: _value(each) for each in self._store.each(_KIND, caller.account, caller.region)}
        return lambda quota: raised[quota.name] if quota.name in raised else _default(quota)

    def increase(self, quota: "Quota", caller: Caller, value: float) -> None:
        """Gives an account more of a quota."""
        key, arn = _key(quota, caller), quota_arn(quota, caller)
        try:
            self._store.update(key, body={_VALUE: value})
        except RecordMissing:
            self._store.create(key, arn=arn, status=None, body={_VALUE: value})


def quota_code(quota: "Quota") -> str:
    """AWS's code of a quota; where that is not known, one that says so, and that AWS has for none."""
    if quota.code is not None:
        return quota.code
    return "unknown-" + "".join(each if each.isalnum() else "-" for each in quota.name)


def quota_arn(quota: "Quota", caller: Caller) -> str:
    """The ARN of a quota of an account.

    Source: https://docs.aws.amazon.com/servicequotas/latest/userguide/identity-access-management.html
    """
    return f"arn:aws:servicequotas:{caller.region}:{caller.account}:sagemaker/{quota_code(quota)}"


def _value(record: Record) -> Decimal:
    return Decimal(str(record.body[_VALUE])).normalize()


def _default(quota: "Quota") -> Decimal | None:
    return None if quota.default is None else Decimal(quota.default.value)


def _key(quota: "Quota", caller: Caller) -> RecordKey:
    return RecordKey(_KIND, caller.account, caller.region, quota.name)
