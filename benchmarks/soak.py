"""Everything at work at once, while the emulator and what it started are killed at random moments.

Jobs, tunings, deployments, objects and invocations go on all the time. Every few seconds a SIGKILL meets the emulator,
which is started again, or one of the processes under it. In the end nothing that was acknowledged may be lost or still
under way, and nothing may be left: no process, no mount, no memory.

usage: soak.py [MINUTES] [SEED], at least 200 kills for each 30 minutes
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sys
import tempfile
import textwrap
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.request import Request, urlopen

import psutil
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from measure import ACCOUNT, REGION, Row, execution_role, free_port, print_rows, start

MINUTES: Final = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
SEED: Final = int(sys.argv[2]) if len(sys.argv) > 2 else 1
KILL_SECONDS: Final = (3.0, 14.0)
"""The shortest and the longest time between two kills."""
LEAST_KILLS: Final = 200 * MINUTES / 30
"""On a machine that has other work, too, an emulator starts slowly, and these take longer than the time given."""
EMULATOR_SHARE: Final = 0.6
"""How many of the kills meet the emulator itself."""
BUCKET: Final = "soak"
ENDPOINT: Final = "soak"
MOST_OPEN_JOBS: Final = 6
PAUSE_SECONDS: Final = 0.3
REST_SECONDS: Final = 300.0
"""How long the work that is under way in the end may take."""
SETTLE_SECONDS: Final = 6.0
MIB: Final = 2**20
PATIENCE: Final = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30)
TRAIN: Final = """
    import json, pathlib, random, time

    root = pathlib.Path("/opt/ml")
    time.sleep(random.random() * 3)
    print("objective=0.5", flush=True)
    (root / "model/model").write_text("4")
"""
SERVE: Final = """
    import http.server, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"")

        def do_POST(self):
            self.answer(self.rfile.read(int(self.headers["Content-Length"])).upper())

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    address = (os.environ["SAGEMAKER_BIND_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""


@dataclass
class Record:
    """What was acknowledged, and what went wrong; each list is written by one thread alone."""

    jobs: list[str] = field(default_factory=list)
    tunings: list[str] = field(default_factory=list)
    stacks: list[str] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)
    invocations: int = 0
    ended_stacks: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


class Soak:
    """An emulator under load that is killed again and again."""

    def __init__(self, directory: Path) -> None:
        self._state_dir, self._port = directory / "state", free_port()
        self.host = start(self._state_dir, self._port)
        self.record = Record()
        self.image = self._register(directory)
        self._done = threading.Event()
        self._chance = random.Random(SEED)
        self.kills: Counter[str] = Counter()

    def client(self, service: str) -> Any:
        """A client that tries once: what fails was not acknowledged."""
        return self.host.client(service, PATIENCE)

    def run(self) -> None:
        """Sets up, and lets everything go on under kills until the time is over."""
        role = execution_role(self.host)
        self.client("s3").create_bucket(Bucket=BUCKET)
        self._serve(role)
        time.sleep(SETTLE_SECONDS)  # the host saves its state some seconds after what it acknowledged
        steps = [partial(self._train, role), partial(self._tune, role), partial(self._deploy, role)]
        steps += [self._write, self._invoke, self._invoke]
        with ThreadPoolExecutor(len(steps)) as threads:
            running = [threads.submit(self._repeat, step) for step in steps]
            try:
                self._kill_until(time.monotonic() + MINUTES * 60)
            finally:
                self._done.set()
            for each in running:
                each.result()

    def memory(self) -> float:
        """MiB of the emulator's own process, once it has come to rest."""
        time.sleep(SETTLE_SECONDS)
        return psutil.Process(self.host.process.pid).memory_info().rss / MIB

    def stop(self) -> None:
        """Ends the emulator as a user would."""
        self.host.process.terminate()
        self.host.process.wait(60)

    def left(self) -> list[str]:
        """Processes and mounts that name the state's directory."""
        place = str(self._state_dir)
        mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if place in line]
        processes = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if process.pid != psutil.Process().pid and place in " ".join([process.cwd(), *process.cmdline()]):
                    processes.append(f"process {process.pid} {' '.join(process.cmdline())[:100]}")
        return mounts + processes

    def _register(self, directory: Path) -> str:
        programs = {}
        for use, program in (("train", TRAIN), ("serve", SERVE)):
            path = directory / f"{use}.py"
            path.write_text(textwrap.dedent(program))
            programs[use] = [sys.executable, str(path)]
        image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/soak:1"
        body = json.dumps({"uri": image, **programs}).encode()
        with urlopen(Request(f"{self.host.url}/_sagecraft/images", body, method="POST"), timeout=10):
            return image

    def _serve(self, role: str) -> None:
        sagemaker = self.client("sagemaker")
        sagemaker.create_model(ModelName=ENDPOINT, ExecutionRoleArn=role, PrimaryContainer={"Image": self.image})
        variant = {
            "VariantName": "one",
            "ModelName": ENDPOINT,
            "InstanceType": "ml.t2.medium",
            "InitialInstanceCount": 1,
        }
        sagemaker.create_endpoint_config(EndpointConfigName=ENDPOINT, ProductionVariants=[variant])
        sagemaker.create_endpoint(EndpointName=ENDPOINT, EndpointConfigName=ENDPOINT)
        sagemaker.get_waiter("endpoint_in_service").wait(EndpointName=ENDPOINT, WaiterConfig={"Delay": 1})

    def _repeat(self, step: Callable[[], None]) -> None:
        """One step after the other; what a step was not answered was not acknowledged."""
        while not self._done.is_set():
            try:
                step()
            except BotoCoreError as error:
                self.record.refused[type(error).__name__] += 1
            except ClientError as error:
                self.record.refused[error.response["Error"]["Code"]] += 1
                if error.response["ResponseMetadata"]["HTTPStatusCode"] == 500:
                    self.record.faults.append(f"{step}: {error}")
            self._done.wait(PAUSE_SECONDS)

    def _train(self, role: str) -> None:
        sagemaker = self.client("sagemaker")
        under_way = sagemaker.list_training_jobs(StatusEquals="InProgress", MaxResults=100)["TrainingJobSummaries"]
        if len(under_way) < MOST_OPEN_JOBS:
            name = unique("job")
            sagemaker.create_training_job(TrainingJobName=name, **training(self.image, role))
            self.record.jobs.append(name)

    def _tune(self, role: str) -> None:
        sagemaker = self.client("sagemaker")
        if self.record.tunings and tuning_status(sagemaker, self.record.tunings[-1]) == "InProgress":
            return
        name = unique("tuning")
        sagemaker.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig={
                "Strategy": "Random",
                "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "objective"},
                "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 2},
                "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]},
            },
            TrainingJobDefinition=training(self.image, role),
        )
        self.record.tunings.append(name)

    def _deploy(self, role: str) -> None:
        """Creates a stack, or deletes the last one once it is at rest."""
        cloudformation = self.client("cloudformation")
        status = self.stack_status()
        if status == "":
            name = unique("stack")
            cloudformation.create_stack(StackName=name, TemplateBody=template(self.image, role))
            self.record.stacks.append(name)
        elif not status.endswith("_IN_PROGRESS"):
            self.record.ended_stacks[status] += 1
            cloudformation.delete_stack(StackName=self.record.stacks[-1])

    def stack_status(self) -> str:
        """That of the last stack, empty where it is gone."""
        try:
            [stack] = self.client("cloudformation").describe_stacks(StackName=self.record.stacks[-1])["Stacks"]
        except (ClientError, IndexError):
            return ""
        status: str = stack["StackStatus"]
        return "" if status == "DELETE_COMPLETE" else status

    def _write(self) -> None:
        s3, key = self.client("s3"), unique("key")
        body = key.encode() * 20_000
        s3.put_object(Bucket=BUCKET, Key=key, Body=body)
        self.record.objects[key] = hashlib.sha256(body).hexdigest()
        self.read(random.choice(list(self.record.objects)))  # no secret

    def read(self, key: str) -> None:
        """Finds fault with an object that is not what was written."""
        with faults_noted(self.record, f"object {key}"):
            body = self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
            if hashlib.sha256(body).hexdigest() != self.record.objects[key]:
                self.record.faults.append(f"object {key} is not what was written")

    def _invoke(self) -> None:
        word = unique("word")
        runtime = self.client("sagemaker-runtime")
        for _ in range(50):
            answer = runtime.invoke_endpoint(EndpointName=ENDPOINT, ContentType="text/csv", Body=word.encode())
            if answer["Body"].read() != word.upper().encode():
                self.record.faults.append(f"{word} was answered by something else")
            self.record.invocations += 1

    def _kill_until(self, end: float) -> None:
        while time.monotonic() < end or self.kills.total() < LEAST_KILLS:
            time.sleep(self._chance.uniform(*KILL_SECONDS))
            children = psutil.Process(self.host.process.pid).children(recursive=True)
            if children and self._chance.random() > EMULATOR_SHARE:
                with contextlib.suppress(psutil.Error):
                    self._chance.choice(children).kill()
                    self.kills["children"] += 1
                continue
            if self.host.process.poll() is not None:
                self.record.faults.append(f"the emulator ended by itself: {self.host.process.returncode}")
            self.host.process.kill()
            self.host.process.wait()
            self.kills["emulator"] += 1
            self.host = start(self._state_dir, self._port)


def unique(noun: str) -> str:
    """A name that nothing has."""
    return f"{noun}-{uuid.uuid4().hex[:12]}"


def training(image: str, role: str) -> dict[str, Any]:
    """What a training job and the training jobs of a tuning have in common."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "objective", "Regex": "objective=([0-9.]+)"}],
        },
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
    }


def template(image: str, role: str) -> str:
    """A stack of a model, its configuration and an endpoint."""
    variant = {
        "VariantName": "one",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.t2.medium",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    config = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
    return json.dumps(
        {
            "Resources": {
                "Model": {
                    "Type": "AWS::SageMaker::Model",
                    "Properties": {"ExecutionRoleArn": role, "PrimaryContainer": {"Image": image}},
                },
                "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
                "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointConfigName": config}},
            }
        }
    )


def tuning_status(sagemaker: Any, name: str) -> str:
    """The status of a tuning job."""
    job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    status: str = job["HyperParameterTuningJobStatus"]
    return status


def come_to_rest(soak: Soak) -> None:
    """Waits for the work that is under way, and takes the last stack away."""
    sagemaker, deadline = soak.client("sagemaker"), time.monotonic() + REST_SECONDS
    while time.monotonic() < deadline:
        jobs = sagemaker.list_training_jobs(StatusEquals="InProgress")["TrainingJobSummaries"]
        tunings = sagemaker.list_hyper_parameter_tuning_jobs(StatusEquals="InProgress")
        status = soak.stack_status()
        if status and not status.endswith("_IN_PROGRESS"):
            soak.client("cloudformation").delete_stack(StackName=soak.record.stacks[-1])
        if not jobs and not tunings["HyperParameterTuningJobSummaries"] and not status:
            return
        time.sleep(1)
    soak.record.faults.append(f"still under way: {len(jobs)} jobs, {tunings}, the last stack {status or 'gone'}")


def judge(soak: Soak) -> Counter[str]:
    """How each acknowledged job ended; finds fault with what is lost, still under way or left behind."""
    record, sagemaker, ends = soak.record, soak.client("sagemaker"), Counter[str]()
    for name in record.jobs:
        with faults_noted(record, f"job {name}"):
            job = sagemaker.describe_training_job(TrainingJobName=name)
            ends[f"{job['TrainingJobStatus']} {job.get('FailureReason', '')}".strip()] += 1
            if job["TrainingJobStatus"] == "Completed":
                key = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{BUCKET}/")
                soak.client("s3").head_object(Bucket=BUCKET, Key=key)
    for name in record.tunings:
        with faults_noted(record, f"tuning {name}"):
            tuning_status(sagemaker, name)
    for key in record.objects:
        soak.read(key)
    for noun, listed, named in (
        ("endpoint", sagemaker.list_endpoints()["Endpoints"], "EndpointName"),
        ("endpoint configuration", sagemaker.list_endpoint_configs()["EndpointConfigs"], "EndpointConfigName"),
        ("model", sagemaker.list_models()["Models"], "ModelName"),
    ):
        left = [each[named] for each in listed if each[named] != ENDPOINT]
        record.faults.extend(f"{noun} {name} is left of a stack that is gone" for name in left)
    status = sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointStatus"]
    if status != "InService":
        record.faults.append(f"the endpoint is {status}")
    return ends


@contextlib.contextmanager
def faults_noted(record: Record, what: str) -> Iterator[None]:
    """Takes an error that AWS would answer for a fault."""
    try:
        yield
    except ClientError as error:
        record.faults.append(f"{what}: {error}")


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        soak = Soak(Path(scratch))
        try:
            before = soak.memory()
            soak.run()
            come_to_rest(soak)
            ends, after = judge(soak), soak.memory()
        finally:
            soak.stop()
        record = soak.record
        record.faults.extend(f"left: {each}" for each in soak.left())
    print_rows(
        f"{MINUTES:g} minutes of everything under kills, seed {SEED}",
        [
            Row("kills of the emulator, of what it started", f"{soak.kills['emulator']}, {soak.kills['children']}"),
            Row(
                "jobs, tunings, stacks acknowledged", f"{len(record.jobs)}, {len(record.tunings)}, {len(record.stacks)}"
            ),
            Row("objects acknowledged, invocations", f"{len(record.objects)}, {record.invocations:,}"),
            *(Row(f"jobs {end[:90]}", f"{count}") for end, count in ends.most_common()),
            *(Row(f"stacks {status}", f"{count}") for status, count in record.ended_stacks.most_common()),
            *(Row(f"steps that met {code}", f"{count}") for code, count in record.refused.most_common()),
            Row("memory before, after", f"{before:.0f}, {after:.0f} MiB"),
            Row("faults", f"{len(record.faults)}", "0"),
        ],
    )
    for fault in record.faults[:40]:
        print(f"  {fault[:400]}")
    sys.exit(1 if record.faults else 0)


if __name__ == "__main__":
    main()
