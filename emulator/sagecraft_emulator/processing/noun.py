"""What the emulator is told of processing jobs."""

import time
from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.authorization.demanded_permissions import needed_later
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.jobs.instant import MESSAGE
from sagecraft_emulator.jobs.metered import metered_job
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.states import JOB_STATES
from sagecraft_emulator.jobs.work import JobContext, JobType, JobWork, Members
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.quotas import takes
from sagecraft_emulator.state.store import Record, Store

from .kind import ProcessingJobKind

KIND: Final = ProcessingJobKind.kind


def _make(context: JobContext) -> JobWork:
    from .job import ProcessingJob  # noqa: PLC0415 - the start of an emulator takes less without it

    return ProcessingJob(context)


def _instances(body: Members) -> list[Members]:
    return [body["ProcessingResources"]["ClusterConfig"]]


def _volume_gib(body: Members) -> int:
    return int(_instances(body)[0]["VolumeSizeInGB"])


def _complete(store: Store, record: Record) -> None:
    JobRecord(store, record.key).end("Completed", ProcessingStartTime=time.time(), ExitMessage=MESSAGE)


PROCESSING: Final = Noun(
    make=lambda means: Made(kinds=[ProcessingJobKind(means.store, means.jobs, means.surroundings)]),
    states={KIND: JOB_STATES},
    jobs={
        KIND: JobType(
            make=_make,
            instances=_instances,
            complete=_complete,
        ),
    },
    events=(StateChange(kind=KIND, detail_type="SageMaker Processing Job State Change"),),
    tasks={"createProcessingJob": KIND},
    roles={KIND: own_roles},
    metered={KIND: metered_job(KIND, Component.PROCESSING, _instances, _volume_gib)},
    demanded_permissions=needed_later("sagemaker:StopProcessingJob"),
    shown=(KIND,),
    takes={KIND: takes.job(KIND)},
)
