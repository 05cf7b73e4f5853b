"""What the emulator is told of AutoML jobs."""

from typing import TYPE_CHECKING, Final

from sagecraft_emulator.authorization.demanded_permissions import needed_later
from sagecraft_emulator.jobs.conductor import Conductor
from sagecraft_emulator.jobs.states import JOB_STATES
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.quotas import takes
from sagecraft_emulator.state.store import RecordKey

from .kind import AutoMLJobKind
from .parts import is_part

if TYPE_CHECKING:
    from .job import AutoMLJob

KIND: Final = AutoMLJobKind.kind


def _make(means: Means) -> Made:
    if means.execute == "instant":
        return Made(kinds=[AutoMLJobKind(means.store, means.jobs)])

    def make(key: RecordKey) -> "AutoMLJob":
        from .job import AutoMLJob  # noqa: PLC0415 - loads NumPy

        return AutoMLJob(means.store, means.call, key, means.machine)

    conductor = Conductor(means.store, KIND, make, is_part)
    return Made(
        kinds=[AutoMLJobKind(means.store, conductor, means.surroundings)],
        recover=conductor.recover,
        reset=conductor.reset,
        stop=conductor.shutdown,
    )


AUTOML: Final = Noun(
    make=_make,
    states={KIND: JOB_STATES},
    roles={KIND: own_roles},
    demanded_permissions=needed_later("sagemaker:StopAutoMLJob"),
    shown=(KIND,),
    takes={KIND: takes.job(KIND)},
)
