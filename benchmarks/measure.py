"""What every benchmark shares: an emulator of its own, repeated timing side by side, and one way to print a row."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import boto3
from botocore.config import Config

REPOSITORY = Path(__file__).resolve().parent.parent
ACCOUNT, REGION = "000000000000", "us-east-1"
READY_TIMEOUT_SECONDS = 60
JOB_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Row:
    """One measured line: what was measured, the number with its unit, and the goal where there is one."""

    what: str
    value: str
    goal: str = ""


def print_rows(title: str, rows: list[Row]) -> None:
    width = max(len(row.what) for row in rows)
    print(f"\n{title}")
    for row in rows:
        goal = f"   (goal {row.goal})" if row.goal else ""
        print(f"  {row.what:<{width}}  {row.value:>16}{goal}", flush=True)


def side_by_side(repeats: int, **runs: Callable[[], float]) -> dict[str, float]:
    """Run each callable `repeats` times in turn, so that they meet the same machine; the medians in seconds."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            seconds[name].append(run())
    return {name: statistics.median(values) for name, values in seconds.items()}


def installed_environment() -> dict[str, str]:
    """The shell's, in which Python keeps its bytecode: an installed program has its own beside it, whatever is set."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return once `url` answers 200; raise when the process ends first or nothing answers in time."""
    deadline = time.monotonic() + READY_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"The process for {url} ended with exit code {process.returncode}")
        try:
            with urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {READY_TIMEOUT_SECONDS} s")


@dataclass(frozen=True)
class Emulator:
    """A running emulator that belongs to one benchmark."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str, config: Config | None = None):
        """A boto3 client to it."""
        return boto3.client(
            service,
            config=config,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="sagecraft",
        )


def start(state_dir: Path, port: int, *arguments: str) -> Emulator:
    """An emulator that answers; who starts it ends it."""
    command = [sys.executable, "-m", "sagecraft_emulator", "--port", str(port), "--state-dir", str(state_dir)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/_sagecraft/health", process)
    except BaseException:
        process.kill()
        process.wait()
        raise
    return Emulator(port, process)


def time_training_job(host: Emulator, **request: object) -> float:
    """Seconds from the request for a training job to its end; raise with its reason when it does not complete."""
    sagemaker = host.client("sagemaker")
    begin = time.perf_counter()
    sagemaker.create_training_job(**request)
    while True:
        job = sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])
        match job["TrainingJobStatus"]:
            case "Completed":
                return time.perf_counter() - begin
            case "InProgress":
                time.sleep(JOB_POLL_SECONDS)
            case status:
                raise RuntimeError(f"The training job ended {status}: {job.get('FailureReason')}")


@contextmanager
def emulator(state_dir: Path, *arguments: str) -> Iterator[Emulator]:
    """An emulator on a free port that ends with the block."""
    host = start(state_dir, free_port(), *arguments)
    try:
        yield host
    finally:
        host.process.terminate()
        host.process.wait(60)


ROLE_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)


def execution_role(emulator: Emulator) -> str:
    """The ARN of a role that jobs and endpoints of a benchmark run under."""
    iam = emulator.client("iam")
    role: str = iam.create_role(RoleName="benchmark", AssumeRolePolicyDocument=ROLE_TRUST)["Role"]["Arn"]
    return role
