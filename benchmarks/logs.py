"""What logs cost the emulator: a script that floods, many streams that are read whole, and thousands of small jobs.

For each: the processor time that the emulator's process took, its resident memory, and how long it takes to end and to
start again with those logs. While the script floods, how long another request waits.

usage: logs.py [flood] [streams] [jobs]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from measure import REGION, REPOSITORY, Emulator, Row, execution_role, free_port, print_rows, start
from sagecraft_catalog import algorithm

FLOOD_LINES = 1_500_000
STREAMS, LINES_OF_A_STREAM, BATCH = 100, 10_000, 10_000
JOBS, LINES_OF_A_JOB = 2_000, 30
GROUP = "/aws/sagemaker/TrainingJobs"
POLL_SECONDS, SETTLE_SECONDS = 0.5, 3.0
MIB = 2**20


def create(host: Emulator, role_arn: str, name: str, *command: str) -> None:
    host.client("sagemaker").create_training_job(
        TrainingJobName=name,
        RoleArn=role_arn,
        AlgorithmSpecification={
            "TrainingImage": algorithm("xgboost").image_uri("3.2-0", REGION),
            "TrainingInputMode": "File",
            "ContainerEntrypoint": list(command),
        },
        OutputDataConfig={"S3OutputPath": "s3://benchmark/output"},
        ResourceConfig={"InstanceType": "ml.t3.medium", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 3_600},
    )


def wait_for_jobs(host: Emulator) -> list[float]:
    """Returns when no job runs any more; how long each of the requests took meanwhile."""
    sagemaker, seconds = host.client("sagemaker"), []
    while True:
        begin = time.perf_counter()
        busy = sagemaker.list_training_jobs(StatusEquals="InProgress", MaxResults=1)["TrainingJobSummaries"]
        seconds.append(time.perf_counter() - begin)
        if not busy:
            return seconds
        time.sleep(POLL_SECONDS)


def lines_of(host: Emulator, stream: str) -> int:
    logs, count, token = host.client("logs"), 0, {}
    while True:
        place = {"logGroupName": GROUP, "logStreamName": stream, "startFromHead": True}
        page = logs.get_log_events(**place, **token)
        if page["nextForwardToken"] == token.get("nextToken"):
            return count
        count, token = count + len(page["events"]), {"nextToken": page["nextForwardToken"]}


def flood(host: Emulator, role_arn: str, rows: list[Row]) -> None:
    """One script writes short lines without a pause."""
    create(host, role_arn, "floods", "sh", "-c", f"yes | head -n {FLOOD_LINES}")
    waits = wait_for_jobs(host)
    rows.append(Row("  another request meanwhile, at most", f"{max(waits) * 1000:.0f} ms"))
    [stream] = host.client("logs").describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="floods/")["logStreams"]
    found = lines_of(host, stream["logStreamName"])
    rows.append(Row("  lines that are there", f"{found:,}", f"{FLOOD_LINES:,}"))


def streams(host: Emulator, role_arn: str, rows: list[Row]) -> None:
    """`sagecraft logs` writes all lines of a job with many streams."""
    create(host, role_arn, "wide", "true")
    wait_for_jobs(host)
    logs, now = host.client("logs"), int(time.time() * 1000)
    if not logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]:
        logs.create_log_group(logGroupName=GROUP)
    for number in range(STREAMS):
        place = {"logGroupName": GROUP, "logStreamName": f"wide/algo-{number}-1"}
        logs.create_log_stream(**place)
        for begin in range(0, LINES_OF_A_STREAM, BATCH):
            events = [{"timestamp": now + n, "message": f"step {n} of it"} for n in range(begin, begin + BATCH)]
            logs.put_log_events(**place, logEvents=events)
    command = [str(Path(sys.executable).with_name("sagecraft")), "logs", "wide", "--endpoint-url", host.url]
    before, began = cpu_seconds(host), time.perf_counter()
    children = psutil.Process().cpu_times()
    counted = subprocess.run([*command], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True).stdout.count(b"\n")
    after = psutil.Process().cpu_times()
    own = after.children_user + after.children_system - children.children_user - children.children_system
    rows += [
        Row("  lines that `sagecraft logs` wrote", f"{counted:,}", f"{STREAMS * LINES_OF_A_STREAM:,}"),
        Row("  it took", f"{time.perf_counter() - began:.1f} s"),
        Row("  of the processor, the command itself", f"{own:.1f} s"),
        Row("  of the processor, the emulator", f"{cpu_seconds(host) - before:.1f} s"),
    ]


def jobs(host: Emulator, role_arn: str, rows: list[Row]) -> None:
    """Many jobs write a few lines each."""
    for number in range(JOBS):
        create(host, role_arn, f"job-{number}", "seq", str(LINES_OF_A_JOB))
    waits = wait_for_jobs(host)
    rows.append(Row("  another request meanwhile, the median", f"{statistics.median(waits) * 1000:.0f} ms"))


def cpu_seconds(host: Emulator) -> float:
    times = psutil.Process(host.process.pid).cpu_times()
    return times.user + times.system


def resident(host: Emulator) -> float:
    return psutil.Process(host.process.pid).memory_info().rss / MIB


def measure(scenario: Callable[[Emulator, str, list[Row]], None]) -> list[Row]:
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        state = Path(scratch) / "state"
        host = start(state, free_port())
        role_arn = execution_role(host)
        host.client("s3").create_bucket(Bucket="benchmark")
        time.sleep(SETTLE_SECONDS)
        idle, cpu = resident(host), cpu_seconds(host)
        scenario(host, role_arn, rows)
        time.sleep(SETTLE_SECONDS)
        rows += [
            Row("  processor time of the emulator", f"{cpu_seconds(host) - cpu:.1f} s"),
            Row("  memory, idle and then", f"{idle:.0f}, {resident(host):.0f} MiB"),
            Row("  ratio", f"{resident(host) / idle:.2f}", "<= 1.3"),
        ]
        began = time.perf_counter()
        host.process.terminate()
        host.process.wait()
        rows.append(Row("  from SIGTERM to the end", f"{time.perf_counter() - began:.1f} s"))
        began = time.perf_counter()
        again = start(state, host.port)
        again.client("logs").describe_log_groups()
        rows.append(Row("  from the start to an answer", f"{time.perf_counter() - began:.1f} s"))
        rows.append(Row("  on the disk", f"{size_of(state):.0f} MiB"))
        again.process.terminate()
        again.process.wait()
    return rows


def size_of(directory: Path) -> float:
    return sum(each.stat().st_size for each in directory.rglob("*") if each.is_file()) / MIB


SCENARIOS: dict[str, Any] = {"flood": flood, "streams": streams, "jobs": jobs}


def main() -> None:
    titles = {
        "flood": f"One script writes {FLOOD_LINES:,} lines",
        "streams": f"{STREAMS} streams of {LINES_OF_A_STREAM:,} lines are read whole",
        "jobs": f"{JOBS:,} jobs write {LINES_OF_A_JOB} lines each",
    }
    for name in sys.argv[1:] or SCENARIOS:
        print_rows(titles[name], measure(SCENARIOS[name]))


if __name__ == "__main__":
    main()
