"""What the emulator is told of batch transform jobs."""

import time
from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.authorization.demanded_permissions import needed_later
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.hosting.roles import roles_of_model
from sagecraft_emulator.jobs.metered import metered_job
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import JOB_STATES
from sagecraft_emulator.jobs.work import JobContext, JobType, JobWork, Members
from sagecraft_emulator.noun.noun import Made, Noun
from sagecraft_emulator.quotas import takes
from sagecraft_emulator.state.store import Record, Store

from .kind import TransformJobKind

KIND: Final = TransformJobKind.kind


def _make(context: JobContext) -> JobWork:
    from .job import TransformJob  # noqa: PLC0415 - the start of an emulator takes less without it

    return TransformJob(context)


def _instances(body: Members) -> list[Members]:
    return [body["TransformResources"]]


def _complete(store: Store, record: Record) -> None:
    JobRecord(store, record.key).end("Completed", TransformStartTime=time.time())


def _roles(store: Store, record: Record) -> list[str]:
    return roles_of_model(store, record, record.body.get("ModelName"))


TRANSFORM: Final = Noun(
    make=lambda means: Made(kinds=[TransformJobKind(means.store, means.jobs, means.surroundings)]),
    states={KIND: JOB_STATES},
    jobs={
        KIND: JobType(make=_make, instances=_instances, complete=_complete),
    },
    events=(StateChange(kind=KIND, detail_type="SageMaker Transform Job State Change"),),
    tasks={"createTransformJob": KIND},
    roles={KIND: _roles},
    metered={KIND: metered_job(KIND, Component.TRANSFORM, _instances)},
    demanded_permissions=needed_later("sagemaker:StopTransformJob"),
    shown=(KIND,),
    takes={KIND: takes.job(KIND)},
)
