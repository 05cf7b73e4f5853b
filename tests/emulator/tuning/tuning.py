"""Tuning jobs whose training jobs are a small Python program."""

import json
import sys
import textwrap
import time
import uuid
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator

ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
WAIT_SECONDS = 120
# The loss is (x - 0.3)² in each epoch, and something on top that gets less with each.
TRAIN = """
    import json, pathlib, signal, sys, time

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    root = pathlib.Path("/opt/ml")
    parameters = json.loads((root / "input/config/hyperparameters.json").read_text())
    x = float(parameters.get("x", 0))
    if x > float(parameters.get("fails_above", 9)):
        sys.exit("x is too great")
    epochs = int(parameters.get("epochs", 3))
    for epoch in range(epochs):
        if "silent" not in parameters:
            print(f"loss={(x - 0.3) ** 2 + 1 - (epoch + 1) / epochs};", flush=True)
        time.sleep(float(parameters.get("seconds", 0)) * (20 if x > float(parameters.get("slow_above", 9)) else 1))
    (root / "model/model").write_text(str(x))
"""


class TinyTuning:
    """Registers the program with an emulator, and makes requests and runs jobs that use it.

    Args:
        emulator: Where the jobs run.
        directory: Where the program is kept.
    """

    def __init__(self, emulator: RunningEmulator, directory: Path) -> None:
        self.client = emulator.client("sagemaker")
        name = uuid.uuid4().hex[:8]
        program = directory / f"{name}.py"
        program.write_text(textwrap.dedent(TRAIN))
        self.image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"
        self.program = str(program)
        self.bucket = f"bucket-{name}"
        emulator.client("s3").create_bucket(Bucket=self.bucket)
        emulator.make_role()
        body = json.dumps({"uri": self.image, "train": [sys.executable, str(program)]}).encode()
        with urlopen(Request(f"{emulator.url}/_sagecraft/images", body, method="POST"), timeout=10):
            pass

    @property
    def output(self) -> str:
        """Where training jobs write."""
        return f"s3://{self.bucket}/output"

    def name(self) -> str:
        """A name that no tuning job has."""
        return f"t-{uuid.uuid4().hex[:12]}"

    def begin(
        self, jobs: int | None = 4, parallel: int = 2, static: dict[str, str] | None = None, **config: Any
    ) -> str:
        """Starts a tuning job; `config` is of its HyperParameterTuningJobConfig, but for `warm_start` and `tags`."""
        name = self.name()
        others = {
            member: config.pop(given)
            for given, member in (("warm_start", "WarmStartConfig"), ("tags", "Tags"))
            if given in config
        }
        self.client.create_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name,
            HyperParameterTuningJobConfig=tuning_config(jobs, parallel, **config),
            TrainingJobDefinition=definition(self.image, self.output, static or {}),
            **others,
        )
        return name

    def describe(self, name: str) -> dict[str, Any]:
        """What is told of a tuning job."""
        job: dict[str, Any] = self.client.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        return job

    def end(self, name: str) -> dict[str, Any]:
        """What is told of a tuning job that has ended."""
        return self.wait(name, lambda job: job["HyperParameterTuningJobStatus"] not in {"InProgress", "Stopping"})

    def wait(self, name: str, until: Any) -> dict[str, Any]:
        """What is told of a tuning job once it is as wanted."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not until(job := self.describe(name)):
            assert time.monotonic() < deadline, job
            time.sleep(0.05)
        return job

    def run(self, **members: Any) -> dict[str, Any]:
        """Runs a tuning job to its end."""
        return self.end(self.begin(**members))

    def trials(self, name: str, **members: Any) -> list[dict[str, Any]]:
        """The training jobs of a tuning job."""
        listed = self.client.list_training_jobs_for_hyper_parameter_tuning_job(
            HyperParameterTuningJobName=name, **{"MaxResults": 100, **members}
        )
        trials: list[dict[str, Any]] = listed["TrainingJobSummaries"]
        return trials


def tuning_config(jobs: int | None, parallel: int, **config: Any) -> dict[str, Any]:
    """A `HyperParameterTuningJobConfig` that searches `x` from 0 to 1; a member that is None is left out."""
    limits = {"MaxParallelTrainingJobs": parallel, **({} if jobs is None else {"MaxNumberOfTrainingJobs": jobs})}
    members = {
        "Strategy": "Random",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"},
        "ResourceLimits": limits,
        "ParameterRanges": {"ContinuousParameterRanges": [{"Name": "x", "MinValue": "0", "MaxValue": "1"}]},
        "RandomSeed": 7,
        **config,
    }
    return {member: value for member, value in members.items() if value is not None}


def definition(image: str, output: str, static: dict[str, str], **members: Any) -> dict[str, Any]:
    """A `TrainingJobDefinition`."""
    return {
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
        },
        "StaticHyperParameters": static,
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": output},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        **members,
    }
