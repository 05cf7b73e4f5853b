"""What the emulator is told of hyperparameter tuning jobs."""

from typing import Final

from sagecraft_emulator.authorization.demanded_permissions import needed_later
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.jobs.states import JOB_STATES
from sagecraft_emulator.noun.means import Means
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.quotas import takes

from .kind import HyperParameterTuningJobKind
from .runner import TuningRunner

KIND: Final = HyperParameterTuningJobKind.kind


def _make(means: Means) -> Made:
    if means.execute == "instant":
        return Made(kinds=[HyperParameterTuningJobKind(means.store, means.jobs)])
    runner = TuningRunner(means.store, means.call, means.scheduler.cores)
    means.on_metric(runner.metric)
    return Made(
        kinds=[HyperParameterTuningJobKind(means.store, runner, means.surroundings)],
        recover=runner.recover,
        reset=runner.reset,
        stop=runner.shutdown,
    )


TUNING: Final = Noun(
    make=_make,
    states={KIND: JOB_STATES},
    events=(StateChange(kind=KIND, detail_type="SageMaker HyperParameter Tuning Job State Change"),),
    tasks={"createHyperParameterTuningJob": KIND},
    roles={KIND: own_roles},
    demanded_permissions=needed_later("sagemaker:StopHyperParameterTuningJob"),
    shown=(KIND,),
    takes={KIND: takes.job(KIND, holds=False)},
)
