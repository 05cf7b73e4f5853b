"""What a notebook instance costs: the instance while it is in service, and its volume for as long as it is there."""

from collections.abc import Hashable
from typing import Final

from sagecraft_catalog.charge.charge import Charge
from sagecraft_catalog.price.row import Component

from sagecraft_emulator.metering.metered import Members, Metered, machines, volume
from sagecraft_emulator.state.store import Record, Store

_RUNNING: Final = frozenset({"InService", "InMaintenance"})


def _by(status: str | None, body: Members) -> Hashable:
    return status in _RUNNING, body["InstanceType"], body["VolumeSizeInGB"]


def _charges(store: Store, record: Record) -> tuple[Charge, ...]:
    del store
    gib = record.body["VolumeSizeInGB"]
    if record.status in _RUNNING:
        return machines(Component.NOTEBOOK, [record.body], gib=gib)
    return volume(Component.NOTEBOOK, gib)


NOTEBOOK_INSTANCE: Final = Metered(by=_by, charges=_charges)
