"""What the emulator is told of the feature store."""

from functools import partial
from typing import Final

from sagecraft_emulator.api.settling import SettlingClock
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles

from .kind import STATES, FeatureGroupKind
from .metadata_kind import FeatureMetadataKind
from .offline.delivery import Delivery
from .offline.store import OfflineStore
from .online.runtime import FeatureStoreRuntime
from .records import Records
from .resource_type import RESOURCE_TYPES

KIND: Final = FeatureGroupKind.kind
RECORDS: Final = "features.sqlite3"
"""The file of all records, beside the emulator's others."""


def _make(means: Means) -> Made:
    records = Records(means.machine.state_dir / RECORDS)
    offline = OfflineStore(means.machine)
    kind = FeatureGroupKind(means.store, records, None if means.surroundings is None else offline)
    delivery = Delivery(records, means.store, offline)
    clock = SettlingClock(means.store, [kind])
    return Made(
        kinds=[kind, FeatureMetadataKind(kind)],
        data_planes=[FeatureStoreRuntime(records, kind.ready).service],
        start=partial(_start, clock, delivery),
        reset=delivery.reset,
        stop=partial(_stop, clock, delivery, records),
    )


def _start(clock: SettlingClock, delivery: Delivery) -> None:
    clock.start()
    delivery.start()


def _stop(clock: SettlingClock, delivery: Delivery, records: Records) -> None:
    clock.stop()
    delivery.stop()
    records.close()


FEATURES: Final = Noun(
    make=_make,
    states={KIND: STATES},
    events=(StateChange(kind=KIND, detail_type="SageMaker Feature Group State Change"),),
    resource_types=RESOURCE_TYPES,
    roles={KIND: own_roles},
    shown=(KIND,),
)
