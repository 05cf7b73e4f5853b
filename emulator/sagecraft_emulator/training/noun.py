"""What the emulator is told of training jobs."""

import time
from typing import Final

from sagecraft_catalog.price.row import Component

from sagecraft_emulator.authorization.demanded_permissions import needed_later
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.jobs.instant import MESSAGE
from sagecraft_emulator.jobs.metered import metered_job
from sagecraft_emulator.jobs.states import JOB_STATES
from sagecraft_emulator.jobs.work import JobType, Members
from sagecraft_emulator.noun.noun import Made, Noun, own_roles
from sagecraft_emulator.quotas import takes
from sagecraft_emulator.state.store import Record, Store

from .job import TrainingJob
from .kind import TrainingJobKind
from .output import model_uri
from .record import TrainingJobRecord

KIND: Final = TrainingJobKind.kind


def _instances(body: Members) -> list[Members]:
    resources = body["ResourceConfig"]
    return resources.get("InstanceGroups") or [resources]


def _volume_gib(body: Members) -> int:
    return int(body["ResourceConfig"].get("VolumeSizeInGB", 0))


def _complete(store: Store, record: Record) -> None:
    now = time.time()
    TrainingJobRecord(store, record.key).move(
        "Completed",
        status="Completed",
        message=MESSAGE,
        TrainingStartTime=now,
        TrainingEndTime=now,
        TrainingTimeInSeconds=0,
        BillableTimeInSeconds=0,
        ModelArtifacts={"S3ModelArtifacts": model_uri(record.key.name, record.body["OutputDataConfig"])},
    )


TRAINING: Final = Noun(
    make=lambda means: Made(kinds=[TrainingJobKind(means.store, means.jobs, means.surroundings)]),
    states={KIND: JOB_STATES},
    jobs={KIND: JobType(make=TrainingJob, record=TrainingJobRecord, instances=_instances, complete=_complete)},
    events=(StateChange(kind=KIND, detail_type="SageMaker Training Job State Change"),),
    tasks={"createTrainingJob": KIND},
    roles={KIND: own_roles},
    metered={KIND: metered_job(KIND, Component.TRAINING, _instances, _volume_gib)},
    demanded_permissions=needed_later("sagemaker:StopTrainingJob"),
    shown=(KIND,),
    takes={KIND: takes.job(KIND)},
)
