"""Jobs that are stopped, deleted and created again at the moments between two steps of their work."""

import threading
import tracemalloc

import pytest
from sagecraft_emulator.jobs.record import JobRecord
from sagecraft_emulator.jobs.runner import JobRunner
from sagecraft_emulator.jobs.scheduler import Scheduler
from sagecraft_emulator.jobs.work import JobContext, JobType
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.world import ACCOUNT, REGION, World

KEY = RecordKey("ProcessingJob", ACCOUNT, REGION, "job")
SAVE = """
    from pathlib import Path
    Path("/opt/ml/model/model").write_text("4")
"""


def create(world: World) -> None:
    world.store.create(KEY, arn="arn", status="InProgress", body={"ProcessingJobName": KEY.name})


def test_a_job_that_is_stopped_before_its_work_is_known_is_stopped(world: World) -> None:
    class Obedient:
        def __init__(self, context: JobContext) -> None:
            self._context = context

        def run(self) -> None:
            stopped = self._context.stopping.is_set()
            JobRecord(world.store, KEY).end("Stopped" if stopped else "Failed")

    jobs = JobRunner(world.store, world.machine, world.images, Scheduler(2), {KEY.kind: JobType(make=Obedient)})
    create(world)
    world.store.update(KEY, status="Stopping")
    jobs.stop(KEY)
    jobs.start(KEY)
    assert world.end(KEY).status == "Stopped"
    jobs.shutdown()


def test_a_job_that_waits_takes_little_memory_and_can_be_stopped(world: World) -> None:
    ending = threading.Event()

    class First:
        def __init__(self, context: JobContext) -> None:
            self._context = context

        def run(self) -> None:
            assert ending.wait(30)
            JobRecord(world.store, KEY).end("Completed")

    jobs = JobRunner(world.store, world.machine, world.images, Scheduler(1), {KEY.kind: JobType(make=First)})
    create(world)
    jobs.start(KEY)
    waiting = [KEY._replace(name=f"waiting-{number}") for number in range(100)]
    for key in waiting:
        world.store.create(key, arn="arn", status="InProgress", body={})
    tracemalloc.start()
    for key in waiting:
        jobs.start(key)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 100 * 1000
    world.store.update(waiting[-1], status="Stopping")
    jobs.stop(waiting[-1])
    assert world.store.get(waiting[-1]).status == "Stopped"
    ending.set()
    jobs.shutdown()


def test_a_job_that_took_the_name_of_one_that_tidies_up_can_be_stopped(world: World) -> None:
    tidy = threading.Event()
    began: list[JobContext] = []

    class Slow:
        def __init__(self, context: JobContext) -> None:
            self._context = context

        def run(self) -> None:
            began.append(self._context)
            if len(began) == 1:
                JobRecord(world.store, KEY).end("Completed")
                assert tidy.wait(30)
            else:
                assert self._context.stopping.wait(30)
                JobRecord(world.store, KEY).end("Stopped")

    jobs = JobRunner(world.store, world.machine, world.images, Scheduler(2), {KEY.kind: JobType(make=Slow)})
    create(world)
    jobs.start(KEY)
    world.end(KEY)
    world.store.delete(KEY)
    create(world)
    jobs.start(KEY)
    assert len(began) == 1
    tidy.set()
    world.wait(KEY, lambda _: len(began) == 2)
    world.store.update(KEY, status="Stopping")
    jobs.stop(KEY)
    assert world.end(KEY).status == "Stopped"
    jobs.shutdown()


@pytest.mark.parametrize("kind", ["ProcessingJob", "TransformJob"])
def test_a_job_that_is_told_to_stop_as_it_completes_has_stopped(world: World, kind: str) -> None:
    key = KEY._replace(kind=kind)
    world.store.create(key, arn="arn", status="InProgress", body={})
    world.store.update(key, status="Stopping")
    JobRecord(world.store, key).end("Completed")
    assert world.store.get(key).status == "Stopped"


def test_a_training_job_that_is_told_to_stop_as_it_uploads_has_stopped_with_its_model(world: World) -> None:
    def stop(before: Record | None, after: Record) -> None:
        if before is not None and after.body.get("SecondaryStatus") == "Uploading":
            world.store.update(after.key, status="Stopping")

    world.store.on_change(stop)
    record = world.run_job(SAVE)
    assert (record.status, record.body["SecondaryStatus"]) == ("Stopped", "Stopped"), record.body.get("FailureReason")
    assert world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"]) == {"model": b"4"}
