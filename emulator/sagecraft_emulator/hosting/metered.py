"""What an endpoint costs: the instances of its variants, from its first moment in service until it is deleted."""

from collections.abc import Hashable
from typing import Final

from sagecraft_catalog.charge.charge import Charge
from sagecraft_catalog.price.row import Component

from sagecraft_emulator.metering.metered import Members, Metered, machines
from sagecraft_emulator.state.store import Record, Store

_VARIANTS: Final = "ProductionVariants"
_SERVING: Final = frozenset({"InService", "Updating", "SystemUpdating", "RollingBack", "UpdateRollbackFailed"})


def _by(status: str | None, body: Members) -> Hashable:
    if status not in _SERVING or _VARIANTS not in body:
        return None
    return body["EndpointConfigName"], *_counts(body).items()


def _charges(store: Store, record: Record) -> list[Charge]:
    config = store.get(record.key._replace(kind="EndpointConfig", name=record.body["EndpointConfigName"])).body
    counts = _counts(record.body)
    charges: list[Charge] = []
    for variant in config[_VARIANTS]:
        group = {"InstanceType": variant["InstanceType"], "InstanceCount": counts[variant["VariantName"]]}
        charges += machines(Component.HOSTING, [group], gib=variant.get("VolumeSizeInGB", 0))
    return charges


def _counts(body: Members) -> dict[str, int]:
    return {each["VariantName"]: each["CurrentInstanceCount"] for each in body[_VARIANTS]}


ENDPOINT: Final = Metered(by=_by, charges=_charges)
