"""A queue of 1,000 tiny training jobs: whether it drains steadily, and what it costs the emulator in memory.

Each job runs `true`, so what is measured is the emulator: scheduling, sandboxes, records, logs, an empty model.tar.gz.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

from measure import REGION, Emulator, Row, emulator, execution_role, print_rows
from sagecraft_catalog import algorithm

JOBS, PARTS = 1_000, 4
POLL_SECONDS = 1.0
MIB = 1024 * 1024


def create(host: Emulator, role_arn: str, name: str) -> None:
    host.client("sagemaker").create_training_job(
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


def status(host: Emulator) -> dict[str, object]:
    with urlopen(f"{host.url}/_sagecraft/status", timeout=60) as answer:
        content: dict[str, object] = json.load(answer)
        return content


def ended(host: Emulator) -> list[float]:
    """When each completed job had ended, in epoch seconds, the first one first."""
    pages = host.client("sagemaker").get_paginator("list_training_jobs").paginate(PaginationConfig={"PageSize": 100})
    jobs = [job for page in pages for job in page["TrainingJobSummaries"]]
    failed = [job["TrainingJobName"] for job in jobs if job["TrainingJobStatus"] in {"Failed", "Stopped"}]
    if failed:
        raise RuntimeError(f"{len(failed)} jobs did not complete, {failed[0]} among them")
    return sorted(job["TrainingEndTime"].timestamp() for job in jobs if job["TrainingJobStatus"] == "Completed")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch, emulator(Path(scratch) / "state") as host:
        role_arn = execution_role(host)
        host.client("s3").create_bucket(Bucket="benchmark")
        before = status(host)["memory_bytes"]
        begin = time.time()
        for number in range(JOBS):
            create(host, role_arn, f"tiny-{number:04}")
        submitted = time.time() - begin
        peak = 0
        while len(times := ended(host)) < JOBS:
            peak = max(peak, int(str(status(host)["memory_bytes"])))
            time.sleep(POLL_SECONDS)
    part = JOBS // PARTS
    rates = [part / (times[index + part - 1] - times[index]) for index in range(0, JOBS, part)]
    print_rows(
        f"A queue of {JOBS:,} jobs that do nothing",
        [
            Row("submitted in", f"{submitted:.1f} s"),
            *(Row(f"jobs per second, part {number} of {PARTS}", f"{rate:.2f}") for number, rate in enumerate(rates, 1)),
            Row("the slowest part over the fastest", f"{min(rates) / max(rates):.2f}", ">= 0.7"),
            Row("memory before, at most", f"{int(str(before)) / MIB:.0f}, {peak / MIB:.0f} MiB"),
        ],
    )


if __name__ == "__main__":
    main()
