"""A queue of tiny training jobs: how fast it drains, whether steadily, and what it costs the emulator in memory.

Each job runs `true`, so what is measured is the emulator: scheduling, sandboxes, records, logs, an empty model.tar.gz.

usage: job_queue.py [JOBS]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from measure import REGION, Row, emulator, execution_role, print_rows
from sagecraft_catalog import algorithm

JOBS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
PARTS = 4
POLL_SECONDS = 1.0
SETTLE_SECONDS = 3.0
MIB = 1024 * 1024


def create(sagemaker: Any, role_arn: str, name: str) -> None:
    sagemaker.create_training_job(
        TrainingJobName=name,
        RoleArn=role_arn,
        AlgorithmSpecification={
            "TrainingImage": algorithm("xgboost").image_uri("3.2-0", REGION),
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["true"],
        },
        OutputDataConfig={"S3OutputPath": "s3://benchmark/output"},
        ResourceConfig={"InstanceType": "ml.t3.medium", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )


def ended(sagemaker: Any) -> list[float]:
    """When each completed job had ended, in epoch seconds, the first one first."""
    pages = sagemaker.get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 100})
    jobs = [job for page in pages for job in page["TrainingJobSummaries"]]
    failed = [job["TrainingJobName"] for job in jobs if job["TrainingJobStatus"] != "Completed"]
    if failed:
        raise RuntimeError(f"{len(failed)} jobs did not complete, {failed[0]} among them")
    return sorted(job["TrainingEndTime"].timestamp() for job in jobs)


def is_busy(sagemaker: Any) -> bool:
    return bool(sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"])


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, emulator(Path(scratch) / "state") as host:
        sagemaker = host.client("sagemaker")
        role_arn = execution_role(host)
        host.client("s3").create_bucket(Bucket="benchmark")
        process = psutil.Process(host.process.pid)
        time.sleep(SETTLE_SECONDS)  # it loads some of its host's services when it has started
        idle = process.memory_info().rss
        begin = time.time()
        for number in range(JOBS):
            create(sagemaker, role_arn, f"tiny-{number:05}")
        submitted = time.time() - begin
        peak = 0
        while is_busy(sagemaker):
            peak = max(peak, process.memory_info().rss)
            time.sleep(POLL_SECONDS)
        time.sleep(SETTLE_SECONDS)
        after = process.memory_info().rss
        times = ended(sagemaker)
    part = JOBS // PARTS
    rates = [part / (times[index + part - 1] - times[index]) for index in range(0, part * PARTS, part)]
    print_rows(
        f"A queue of {JOBS:,} jobs that do nothing",
        [
            Row("submitted in", f"{submitted:.1f} s"),
            *(Row(f"jobs per second, part {number} of {PARTS}", f"{rate:.2f}") for number, rate in enumerate(rates, 1)),
            Row("jobs per second, median of the parts", f"{statistics.median(rates):.2f}", ">= 40"),
            Row("the slowest part over the fastest", f"{min(rates) / max(rates):.2f}", ">= 0.7"),
            Row(
                "memory before, at most, after", " ".join(f"{each / MIB:.0f}" for each in (idle, peak, after)) + " MiB"
            ),
            Row("memory after, over before", f"{after / idle:.2f}", "<= 1.3"),
        ],
    )


if __name__ == "__main__":
    main()
