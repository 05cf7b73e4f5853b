"""What the emulator is told of notebook instances, their lifecycle configurations and their code repositories."""

from typing import Final

from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.state.states import CREATED, States

from .code_repository import CodeRepositoryKind
from .fleet import NotebookFleet
from .instance import NotebookInstanceKind
from .lifecycle_config import LifecycleConfigKind
from .metered import NOTEBOOK_INSTANCE
from .records import RecordedInstances
from .resource_types import RESOURCE_TYPES
from .takes import NOTEBOOK_INSTANCE_TAKES

KIND: Final = NotebookInstanceKind.kind
_STATES: Final = States(
    {
        CREATED: {"Pending"},
        "Pending": {"InService", "Failed"},
        "InService": {"Stopping", "InMaintenance", "Failed"},
        "InMaintenance": {"InService", "Failed"},
        "Stopping": {"Stopped", "Failed"},
        "Stopped": {"Pending", "Updating", "Deleting"},
        "Updating": {"Stopped", "Failed"},
        "Failed": {"Pending", "Deleting"},
        "Deleting": {"Failed"},
    }
)
"""Source: `NotebookInstanceStatus` in SageMaker's service model, and the description of each in the API reference."""


def _make(means: Means) -> Made:
    store = means.store
    others = [LifecycleConfigKind(store), CodeRepositoryKind(store)]
    if means.execute == "instant" or means.notebooks == "records":
        records = RecordedInstances(store)
        return Made(kinds=[NotebookInstanceKind(store, records), *others], start=records.begin, stop=records.end)
    fleet = NotebookFleet(store, means.machine)
    return Made(
        kinds=[NotebookInstanceKind(store, fleet), *others],
        recover=fleet.recover,
        reset=fleet.reset,
        stop=fleet.shutdown,
        admit=fleet.gate.admit,
    )


NOTEBOOK: Final = Noun(
    make=_make,
    states={KIND: _STATES},
    events=(StateChange(kind=KIND, detail_type="SageMaker Notebook Instance State Change"),),
    resource_types=RESOURCE_TYPES,
    roles={KIND: own_roles},
    metered={KIND: NOTEBOOK_INSTANCE},
    shown=(KIND,),
    takes={KIND: NOTEBOOK_INSTANCE_TAKES},
)
