"""Managed spot training, and trying again."""

from typing import Any

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.state.store import Record, RecordKey
from sagecraft_emulator.training.input import TrainingInput
from sagecraft_emulator.training.spot import ManagedSpot, billable_seconds

from tests.emulator.world import World

AFTER, AWAY = "sagecraft:interrupt-after-seconds", "sagecraft:interrupted-for-seconds"
COUNT_RUNS = """
    import signal, sys, time
    from pathlib import Path
    runs = Path("/opt/ml/checkpoints/runs")
    done = int(runs.read_text()) if runs.exists() else 0
    print("run", done)
    def save(number, frame):
        runs.write_text(str(done + 1))
        sys.exit(0)
    signal.signal(signal.SIGTERM, save)
    while done < 2:
        time.sleep(0.1)
    Path("/opt/ml/model/runs").write_text(str(done))
"""


def begin(world: World, program: str, tags: dict[str, str], **members: Any) -> RecordKey:
    condition = {"MaxRuntimeInSeconds": 300, "MaxWaitTimeInSeconds": 600, **members.pop("condition", {})}
    members = {"EnableManagedSpotTraining": True, "StoppingCondition": condition, **members}
    return world.job(world.register(program, use="train"), tags=tags, **members)


def phases(record: Record) -> list[str]:
    return [each["Status"] for each in record.body["SecondaryStatusTransitions"]]


def test_an_interrupted_job_saves_a_checkpoint_starts_again_from_it_and_is_billed_less(world: World) -> None:
    hosts = 2 if namespaces_allowed() else 1
    uri = f"s3://{world.bucket}/checkpoints"
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 1}
    tags = {AFTER: "0.5 0.5", AWAY: "0.7"}
    key = begin(world, COUNT_RUNS, tags, CheckpointConfig={"S3Uri": uri}, ResourceConfig=resources)
    record = world.end(key)
    assert record.status == "Completed", record.body.get("FailureReason")
    run = ["Starting", "Downloading", "Training"]
    assert phases(record) == [*run, "Interrupted", *run, "Interrupted", *run, "Uploading", "Completed"]
    assert world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"]) == {"runs": b"2"}
    assert world.get(f"{uri}/runs") == b"2"
    assert 1 <= record.body["BillableTimeInSeconds"] < record.body["TrainingTimeInSeconds"]
    for transition in record.body["SecondaryStatusTransitions"]:
        assert transition["StartTime"] <= transition["EndTime"]


def test_managed_spot_is_billed_at_a_part_of_the_time_that_instances_ran() -> None:
    assert billable_seconds(100) == 30
    assert billable_seconds(0.1) == 1


def test_a_job_that_waits_longer_than_it_may_is_stopped_without_a_model(world: World) -> None:
    condition = {"MaxRuntimeInSeconds": 5, "MaxWaitTimeInSeconds": 6}
    record = world.end(begin(world, COUNT_RUNS, {AFTER: "0.2", AWAY: "600"}, condition=condition))
    assert record.status == "Stopped"
    assert phases(record)[-3:] == ["Training", "Interrupted", "MaxWaitTimeExceeded"]
    assert record.body["SecondaryStatus"] == "MaxWaitTimeExceeded"
    assert "ModelArtifacts" not in record.body


def test_the_runs_of_a_job_share_its_max_runtime(world: World) -> None:
    condition = {"MaxRuntimeInSeconds": 2, "MaxWaitTimeInSeconds": 600}
    record = world.end(begin(world, "import time; time.sleep(600)", {AFTER: "1.2"}, condition=condition))
    assert record.body["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert phases(record).count("Interrupted") == 1


def test_a_job_is_stopped_while_it_has_no_instances(world: World) -> None:
    key = begin(world, COUNT_RUNS, {AFTER: "0.2", AWAY: "600"})
    world.wait(key, lambda record: record.body["SecondaryStatus"] == "Interrupted")
    world.stop_job(key)
    record = world.end(key)
    assert (record.status, record.body["SecondaryStatus"]) == ("Stopped", "Stopped")


def test_a_job_on_demand_is_never_interrupted(world: World) -> None:
    record = world.end(begin(world, "", {AFTER: "0"}, EnableManagedSpotTraining=False))
    assert record.status == "Completed", record.body.get("FailureReason")
    assert "Interrupted" not in phases(record)


def test_a_tag_that_is_no_number_of_seconds_is_named() -> None:
    for value in ("soon", "-1", "1,5", "nan"):
        with pytest.raises(JobFailed, match=f"the tag {AFTER} is '{value}'; it must be a number of seconds from 0"):
            ManagedSpot.of({AFTER: value})


@pytest.mark.parametrize(("attempts", "status"), [(1, "Completed"), (0, "Failed")])
def test_a_job_is_tried_again_when_the_emulator_itself_failed(
    world: World, monkeypatch: pytest.MonkeyPatch, attempts: int, status: str
) -> None:
    download, failures = TrainingInput.download, iter([OSError("the disk is gone")])

    def fail_once(*arguments: Any) -> None:
        for failure in failures:
            raise failure
        download(*arguments)

    monkeypatch.setattr(TrainingInput, "download", fail_once)
    retries: dict[str, Any] = {"RetryStrategy": {"MaximumRetryAttempts": attempts}} if attempts else {}
    record = world.end(world.job(world.register("", use="train"), **retries))
    assert record.status == status
    if attempts:
        run = ["Starting", "Downloading"]
        assert phases(record) == [*run, *run, "Training", "Uploading", "Completed"]
    else:
        assert record.body["FailureReason"].startswith("InternalServerError: the disk is gone")


def test_a_program_that_fails_is_not_tried_again(world: World) -> None:
    record = world.run_job("raise SystemExit(1)", RetryStrategy={"MaximumRetryAttempts": 3})
    assert record.status == "Failed"
    assert phases(record) == ["Starting", "Downloading", "Training", "Failed"]
