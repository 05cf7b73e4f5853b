"""A pipeline of thirty steps in ten parallel branches against the same jobs, begun by a client as soon as they may.

Each step is a processing job that prints a line. The bare side begins ten jobs, and for each that has ended the next
of its branch, looking as often as the machine lets it; a pipeline begins them by itself. The difference, divided by
thirty, is what a step costs besides its job. The second row is of an emulator whose jobs are complete at once.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from measure import ACCOUNT, REGION, Emulator, Row, emulator, execution_role, print_rows, side_by_side

BRANCHES, DEPTH, REPEATS = 10, 3, 3
STEPS = BRANCHES * DEPTH
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/print:1"
GOAL_SECONDS = 0.1
ENDED = {"Completed", "Failed", "Stopped"}


def arguments(role: str) -> dict[str, Any]:
    """Of `CreateProcessingJob`, without a name."""
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    return {
        "ProcessingResources": {"ClusterConfig": cluster},
        "AppSpecification": {"ImageUri": IMAGE},
        "RoleArn": role,
    }


def definition(role: str) -> str:
    """The pipeline."""
    steps = [
        {
            "Name": f"step-{branch}-{depth}",
            "Type": "Processing",
            "Arguments": arguments(role),
            "DependsOn": [f"step-{branch}-{depth - 1}"] if depth else [],
        }
        for branch in range(BRANCHES)
        for depth in range(DEPTH)
    ]
    return json.dumps({"Version": "2020-12-01", "Metadata": {}, "Parameters": [], "Steps": steps})


def time_bare(host: Emulator, role: str) -> float:
    """The jobs, begun by a client."""
    client, run = host.client("sagemaker"), uuid.uuid4().hex[:8]
    begin = time.perf_counter()
    running = {}

    def start(branch: int, depth: int) -> None:
        name = f"bare-{run}-{branch}-{depth}"
        client.create_processing_job(ProcessingJobName=name, **arguments(role))
        running[name] = branch, depth

    for branch in range(BRANCHES):
        start(branch, 0)
    while running:
        for name, (branch, depth) in list(running.items()):
            status = client.describe_processing_job(ProcessingJobName=name)["ProcessingJobStatus"]
            if status in ENDED:
                assert status == "Completed", name
                del running[name]
                if depth + 1 < DEPTH:
                    start(branch, depth + 1)
    return time.perf_counter() - begin


def time_pipeline(host: Emulator, name: str) -> float:
    """An execution, by its own times: nobody looks at it meanwhile more often than a few times a second."""
    client = host.client("sagemaker")
    arn = client.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    while (found := client.describe_pipeline_execution(PipelineExecutionArn=arn))[
        "PipelineExecutionStatus"
    ] == "Executing":
        time.sleep(0.2)
    assert found["PipelineExecutionStatus"] == "Succeeded", found
    steps = client.list_pipeline_execution_steps(PipelineExecutionArn=arn, MaxResults=100)["PipelineExecutionSteps"]
    assert len(steps) == STEPS, steps
    return float((max(each["EndTime"] for each in steps) - found["CreationTime"]).total_seconds())


def measure(execute: str) -> dict[str, float]:
    """Seconds of both sides, on an emulator of their own."""
    with tempfile.TemporaryDirectory() as directory, emulator(Path(directory), "--execute", execute) as host:
        role = execution_role(host)
        program = {"uri": IMAGE, "process": [sys.executable, "-S", "-c", "print('done')"]}
        with urlopen(Request(f"{host.url}/_sagecraft/images", json.dumps(program).encode(), method="POST"), timeout=10):
            pass
        host.client("sagemaker").create_pipeline(
            PipelineName="thirty", PipelineDefinition=definition(role), RoleArn=role
        )
        time_pipeline(host, "thirty")  # what is loaded once
        return side_by_side(REPEATS, bare=lambda: time_bare(host, role), pipeline=lambda: time_pipeline(host, "thirty"))


def main() -> int:
    """Measures; whether a step costs more than it may."""
    within = True
    for execute, what in (("real", "jobs that run"), ("instant", "jobs that are complete at once")):
        seconds = measure(execute)
        over = (seconds["pipeline"] - seconds["bare"]) / STEPS
        within = within and over <= GOAL_SECONDS
        print_rows(
            f"{STEPS} steps in {BRANCHES} branches, {what}",
            [
                Row("bare", f"{seconds['bare']:.2f} s"),
                Row("pipeline", f"{seconds['pipeline']:.2f} s"),
                Row("over the bare jobs, a step", f"{over * 1000:.0f} ms", f"<= {GOAL_SECONDS * 1000:.0f} ms"),
            ],
        )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
