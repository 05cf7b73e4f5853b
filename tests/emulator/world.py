"""What the tests of the work have to do with: records, images that are small Python programs, objects in S3."""

import io
import json
import os
import sys
import tarfile
import textwrap
import time
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry, LocalProgram
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.hosting.fleet import EndpointFleet
from sagecraft_emulator.jobs.runner import JobRunner
from sagecraft_emulator.jobs.scheduler import Scheduler
from sagecraft_emulator.state.store import Record, RecordKey, Store

ACCOUNT, REGION = "000000000000", "us-east-1"
CORES = 2
WAIT_SECONDS = 60

Body = dict[str, Any]


@cache
def _clients(host_url: str) -> Clients:
    """One for all tests, because each reads the service models anew."""
    return Clients(host_url)


class World:
    """The parts of an emulator that do the work."""

    def __init__(self, host_url: str, state_dir: Path, *, stop_grace_seconds: float = 5) -> None:
        state_dir.mkdir(parents=True, exist_ok=True)
        self.host_url, self.state_dir = host_url, state_dir
        self.programs = state_dir.with_name(f"{state_dir.name}-programs")
        self.programs.mkdir(exist_ok=True)
        self.caller = Caller(ACCOUNT, REGION)
        self.clients = _clients(host_url)
        self.store = Store(state_dir / "sagemaker.sqlite3", NOUNS.states)
        self.machine = Machine(self.clients, state_dir / "work")
        self.images = ImageRegistry(self.store)
        self.jobs = self.job_runner(stop_grace_seconds)
        self.endpoints = EndpointFleet(self.store, self.machine, self.images)
        self.s3 = self.clients.s3(ACCOUNT, REGION)
        self.bucket = f"bucket-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)

    def job_runner(self, stop_grace_seconds: float = 5) -> JobRunner:
        """What runs the jobs of an emulator."""
        return JobRunner(self.store, self.machine, self.images, Scheduler(CORES), NOUNS.jobs, stop_grace_seconds)

    def shutdown(self) -> None:
        """Ends all work."""
        self.jobs.shutdown()
        self.endpoints.shutdown()
        self.store.close()

    def register(self, program: str, *, use: str) -> str:
        """Writes a Python program and registers it as an image that trains, serves or processes; returns its URI."""
        name = uuid.uuid4().hex[:12]
        path = self.programs / f"{name}.py"
        path.write_text(textwrap.dedent(program))
        command = (sys.executable, str(path))
        uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/test:{name}"
        commands: dict[str, tuple[str, ...]] = {use: command}
        self.images.register(uri, LocalProgram(**commands))  # type: ignore[arg-type]  # of the members that are commands
        return uri

    def put(self, key: str, body: bytes) -> str:
        """Puts an object; returns its URI."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """An object's bytes."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    def unpack(self, uri: str) -> dict[str, bytes]:
        """The files of a tar.gz object."""
        with tarfile.open(fileobj=io.BytesIO(self.get(uri))) as tar:
            return {each.name: (tar.extractfile(each) or io.BytesIO()).read() for each in tar if each.isfile()}

    def job(self, image: str, tags: Mapping[str, str] | None = None, **members: Any) -> RecordKey:
        """Starts a training job, as the control plane does."""
        name = f"job-{uuid.uuid4().hex[:8]}"
        body = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"},
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/test",
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            "SecondaryStatus": "Starting",
            "SecondaryStatusTransitions": [{"Status": "Starting", "StartTime": time.time(), "StatusMessage": "…"}],
            **members,
        }
        return self.begin(RecordKey("TrainingJob", ACCOUNT, REGION, name), "training-job", body, tags)

    def processing_job(self, program: str, **members: Any) -> RecordKey:
        """Starts a Python program as a processing job, as the control plane does."""
        name = f"job-{uuid.uuid4().hex[:8]}"
        instances = members.pop("instances", 1)
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": instances, "VolumeSizeInGB": 1}
        body = {
            "ProcessingJobName": name,
            "AppSpecification": {"ImageUri": self.register(program, use="process")},
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/test",
            "ProcessingResources": {"ClusterConfig": cluster},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
            **members,
        }
        return self.begin(RecordKey("ProcessingJob", ACCOUNT, REGION, name), "processing-job", body)

    def transform_job(self, model: str, uri: str, **members: Any) -> RecordKey:
        """Starts a transform job, as the control plane does."""
        name = f"job-{uuid.uuid4().hex[:8]}"
        source = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}, "CompressionType": "None"}
        body = {
            "TransformJobName": name,
            "ModelName": model,
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
            **members,
            "TransformInput": {**source, "SplitType": "None", **members.get("TransformInput", {})},
            "TransformOutput": {
                "S3OutputPath": f"s3://{self.bucket}/transformed",
                "AssembleWith": "None",
                "KmsKeyId": "",
                **members.get("TransformOutput", {}),
            },
            "DataProcessing": {
                "InputFilter": "$",
                "OutputFilter": "$",
                "JoinSource": "None",
                **members.get("DataProcessing", {}),
            },
        }
        return self.begin(RecordKey("TransformJob", ACCOUNT, REGION, name), "transform-job", body)

    def begin(self, key: RecordKey, arn_type: str, body: Body, tags: Mapping[str, str] | None = None) -> RecordKey:
        """Adds the record of a job, and starts it."""
        self.store.create(key, arn=self.caller.arn(arn_type, key.name), status="InProgress", body=body, tags=tags)
        self.jobs.start(key)
        return key

    def stop_job(self, key: RecordKey) -> None:
        """Stops a job, as the control plane does."""
        self.store.update(key, status="Stopping")
        self.jobs.stop(key)

    def end(self, key: RecordKey) -> Record:
        """The record of a job that has ended."""
        return self.wait(key, lambda record: record.status in {"Completed", "Failed", "Stopped"})

    def run_job(self, program: str, **members: Any) -> Record:
        """Runs a Python program as a training job to its end."""
        return self.end(self.job(self.register(program, use="train"), **members))

    def channel(self, name: str, uri: str, **members: Any) -> Body:
        """A channel of a training job."""
        source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
        return {"ChannelName": name, "DataSource": {"S3DataSource": source}, **members}

    def wait(self, key: RecordKey, until: Callable[[Record], bool], seconds: float = WAIT_SECONDS) -> Record:
        """Waits until a record is as wanted."""
        deadline = time.monotonic() + seconds
        while not until(record := self.store.get(key)):
            assert time.monotonic() < deadline, f"{key.name} stayed {record.status}: {json.dumps(record.body)}"
            time.sleep(0.02)
        return record

    def files(self, ending: str) -> list[Path]:
        """What of its state ends so; folders that are removed meanwhile are passed over, where `rglob` fails."""
        found = (Path(folder, name) for folder, _, names in os.walk(self.state_dir) for name in names)
        return [file for file in found if file.match(ending)]

    def log_lines(self, group: str, prefix: str) -> list[str]:
        """The messages of all log streams that begin with a prefix."""
        logs = self.clients.logs(ACCOUNT, REGION)
        streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
        return [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(
                logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True
            )["events"]
        ]

    def archive(self, files: Mapping[str, bytes]) -> str:
        """Puts a model.tar.gz of files; returns its URI."""
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            for name, content in files.items():
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        return self.put(f"models/{uuid.uuid4().hex[:8]}/model.tar.gz", buffer.getvalue())


def wait_until(condition: Callable[[], bool], seconds: float = WAIT_SECONDS, pause: float = 0.02) -> None:
    """Waits until a condition is true; one that asks a busy emulator for long does so with longer pauses."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true in time"
        time.sleep(pause)
