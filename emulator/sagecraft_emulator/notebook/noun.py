"""What the emulator is told of notebook instances, their lifecycle configurations and their code repositories."""

from typing import Final

from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.state.states import CREATED, States

from .records import NotebookClock
from .code_repository import CodeRepositoryKind
from .instance import NotebookInstanceKind
from .lifecycle_config import LifecycleConfigKind
from .resource_types import RESOURCE_TYPES

KIND: Final = NotebookInstanceKind.kind
_STATES: Final = States(
    {
        CREATED: {"Pending"},
        "Pending": {"InService", "Failed"},
        "InService": {"Stopping", "Updating"},
        "Stopping": {"Stopped", "Failed"},
        "Stopped": {"Pending", "Updating", "Deleting"},
        "Updating": {"Stopped", "InService", "Failed"},
        "Failed": {"Deleting"},
        "Deleting": (),
    }
)
"""Source: `NotebookInstanceStatus` in SageMaker's service model, and the description of each in the API reference."""


def _make(means: Means) -> Made:
    kinds = [kind(means.store) for kind in (NotebookInstanceKind, LifecycleConfigKind, CodeRepositoryKind)]
    clock = NotebookClock(means.store)
    return Made(kinds=kinds, start=clock.start, stop=clock.stop)


NOTEBOOK: Final = Noun(
    make=_make,
    states={KIND: _STATES},
    events=(StateChange(kind=KIND, detail_type="SageMaker Notebook Instance State Change"),),
    resource_types=RESOURCE_TYPES,
    roles={KIND: own_roles},
    shown=(KIND,),
)
