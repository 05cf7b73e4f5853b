import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sagecraft_catalog import MetricDefinition
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.jobs import logs
from sagecraft_emulator.jobs.logs import (
    MAX_BATCH_BYTES,
    MAX_EVENTS,
    MAX_LINE_BYTES,
    MAX_READ_BYTES,
    LogShipper,
    batches,
    last_lines,
)
from sagecraft_emulator.metrics.reader import MetricReader
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

GROUP = "/aws/sagemaker/TrainingJobs"


def shipper(world: World, log: Path, metrics: MetricReader | None = None) -> tuple[LogShipper, str]:
    stream = f"job-{uuid.uuid4().hex[:8]}/algo-1-1"
    key = RecordKey("TrainingJob", ACCOUNT, REGION, stream.partition("/")[0])
    return LogShipper(world.clients, key, log, GROUP, stream, metrics), stream


def lines(world: World, stream: str) -> list[str]:
    logs = world.clients.logs(ACCOUNT, REGION)
    try:
        return world.log_lines(GROUP, stream)
    except logs.exceptions.ResourceNotFoundException:
        return []


def test_lines_are_shipped_while_the_log_grows_and_an_unfinished_one_at_the_end(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    made, stream = shipper(world, log)
    with log.open("ab") as file:
        file.write("first\tcafé\n\nsec".encode())
        file.flush()
        wait_until(lambda: lines(world, stream) == ["first#011café"])
        file.write(b"ond\r\n\xff\nlast")
    made.close()
    assert lines(world, stream) == ["first#011café", "second", "\N{REPLACEMENT CHARACTER}", "last"]


def test_a_log_in_which_nothing_was_written_is_no_stream_and_no_group(world: World, tmp_path: Path) -> None:
    group = f"/silent/{uuid.uuid4().hex[:8]}"
    key = RecordKey("TrainingJob", ACCOUNT, REGION, "silent")
    for number in range(2):
        LogShipper(world.clients, key, tmp_path / f"log-{number}", group, "silent/algo-1-1").close()
        (tmp_path / "log-1").touch()
    assert world.clients.logs(ACCOUNT, REGION).describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def test_a_group_that_was_deleted_is_made_again(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a line\n")
    shipper(world, log)[0].close()
    world.clients.logs(ACCOUNT, REGION).delete_log_group(logGroupName=GROUP)
    made, stream = shipper(world, log)
    made.close()
    assert lines(world, stream) == ["a line"]


def test_a_line_without_end_is_shipped_in_parts(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    made, stream = shipper(world, log)
    log.write_bytes(b"x" * (MAX_LINE_BYTES + 10))
    wait_until(lambda: lines(world, stream) == ["x" * MAX_LINE_BYTES])
    made.close()
    assert lines(world, stream) == ["x" * MAX_LINE_BYTES, "x" * 10]


def test_what_follows_a_megabyte_of_empty_lines_is_shipped(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\r\n" * MAX_READ_BYTES + b"last\r\n")
    made, stream = shipper(world, log)
    made.close()
    assert lines(world, stream) == ["last"]


def test_metrics_are_read_from_each_line_as_cloudwatch_shows_it(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("epoch\tloss:0.5\nepoch\tloss:none\nepoch\tloss:2.5e-1\n")
    no_value = [MetricDefinition("no group", "epoch"), MetricDefinition("absent group", "epoch(x)?")]
    metrics = MetricReader([*no_value, MetricDefinition("loss", "#011loss:(.*)")])
    made, _ = shipper(world, log, metrics)
    made.close()
    metrics.close()
    assert {name: datum.value for name, datum in metrics.final.items()} == {"loss": 0.25}


def test_each_value_of_a_log_that_is_full_of_them_is_counted(world: World, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"loss={number}; acc={-number};\n" for number in range(400)))
    metrics = MetricReader([MetricDefinition(name, f"{name}=(.*?);") for name in ("loss", "acc")])
    made, stream = shipper(world, log, metrics)
    made.close()
    metrics.close()
    now = datetime.now(UTC)
    for name, least, most in (("loss", 0, 399), ("acc", -399, 0)):
        (point,) = world.clients.cloudwatch(ACCOUNT, REGION).get_metric_statistics(
            Namespace=GROUP,
            MetricName=name,
            Dimensions=[{"Name": "TrainingJobName", "Value": stream.partition("/")[0]}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=86_400,
            Statistics=["SampleCount", "Minimum", "Maximum", "Sum"],
        )["Datapoints"]
        told = (point["SampleCount"], point["Minimum"], point["Maximum"], abs(point["Sum"]))
        assert told == (400, least, most, sum(range(400)))


def test_batches_keep_to_the_limits_of_cloudwatch_logs() -> None:
    small = [{"timestamp": 1, "message": str(number)} for number in range(2 * MAX_EVENTS + 1)]
    assert [len(batch) for batch in batches(small)] == [MAX_EVENTS, MAX_EVENTS, 1]  # type: ignore[arg-type]  # plain dicts
    large = [{"timestamp": 1, "message": "é" * 100_000} for _ in range(12)]
    parts = list(batches(large))  # type: ignore[arg-type]  # as above
    assert [len(part) for part in parts] == [5, 5, 2]
    for part in parts:
        assert sum(len(event["message"].encode()) + 26 for event in part) <= MAX_BATCH_BYTES
    assert list(batches([])) == []


def test_the_last_lines_of_a_log_are_those_with_something_in_them(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert last_lines(log, 2) == []
    log.write_text("one\n\ntwo\n  \nthree\n\n")
    assert last_lines(log, 2) == ["two", "three"]


def test_a_log_that_grows_faster_than_it_is_kept_fails_its_job_and_its_end_is_kept(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "SHIP_EVERY_SECONDS", 60.0)  # nothing is shipped before the end
    monkeypatch.setattr(logs, "MOST_WAITING_BYTES", 1_000_000)
    log = tmp_path / "log"
    made, stream = shipper(world, log)
    made.check()
    line = b"y" * 99 + b"\n"
    log.write_bytes(line * 10_000)
    made.check()
    with log.open("ab") as file:
        file.write(line * 5_000 + b"last\n")
    with pytest.raises(JobFailed, match=f"ClientError: The log '{stream}' grows faster than it can be kept"):
        made.check()
    made.close()
    told, *kept = lines(world, stream)
    assert told.startswith("[1,434,469 bytes are left out here")
    assert (len(kept), kept[-1]) == (logs.KEPT_BYTES // len(line) + 2, "last")


def test_a_job_of_either_kind_that_writes_without_end_fails(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MOST_WAITING_BYTES", 20_000_000)
    script = "import os\nwhile True: os.write(1, b'y' * 65_535 + b'\\n')"
    for record in (world.run_job(script), world.end(world.processing_job(script))):
        assert record.status == "Failed"
        assert record.body["FailureReason"].startswith(f"ClientError: The log '{record.key.name}/algo-1-")


def test_a_large_log_fails_its_job_where_the_disk_is_nearly_full(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage(tmp_path)._replace(free=logs.RESERVED_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    monkeypatch.setattr(logs, "LARGE_BYTES", 100_000)
    log = tmp_path / "log"
    made, stream = shipper(world, log)
    log.write_bytes(b"a line\n")
    made.check()
    log.write_bytes(b"a line\n" * 100_000)
    with pytest.raises(JobFailed, match=f"ClientError: No space left on device for the log '{stream}'"):
        made.check()
    made.close()
    assert "bytes are left out here" in "".join(lines(world, stream))


def test_what_is_shipped_of_a_log_takes_no_space_and_the_end_can_still_be_read(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "FREE_EVERY_BYTES", 200_000)
    log = tmp_path / "log"
    with log.open("ab") as file:
        file.writelines(f"line {number} {'x' * 1000}\n".encode() for number in range(800))
        file.flush()
        made, stream = shipper(world, log)
        wait_until(lambda: log.stat().st_blocks * 512 < 200_000)
        assert log.stat().st_size > 800_000
        file.write(b"last\n")
    made.close()
    shipped = lines(world, stream)
    assert [line.split()[1] for line in shipped[:-1]] == [str(number) for number in range(800)]
    assert shipped[-1] == "last"
    assert last_lines(log, 1) == ["last"]
