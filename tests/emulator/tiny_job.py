"""Jobs of a running emulator that take a moment: their image is a small Python program."""

import json
import sys
import textwrap
import uuid
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from .conftest import ACCOUNT, REGION, RunningEmulator

ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
TRAIN = """
    import json, pathlib, sys, time

    root = pathlib.Path("/opt/ml")
    parameters = json.loads((root / "input/config/hyperparameters.json").read_text())
    if "reason" in parameters:
        (root / "output/failure").write_text(parameters["reason"])
        sys.exit(1)
    time.sleep(float(parameters.get("seconds", 0)))
    (root / "model/model").write_text("4")
"""


class TinyJobs:
    """Registers the image with an emulator, and makes requests that use it.

    Args:
        emulator: Where the jobs run.
        directory: Where the program is kept.
    """

    def __init__(self, emulator: RunningEmulator, directory: Path) -> None:
        name = uuid.uuid4().hex[:12]
        program = directory / f"{name}.py"
        program.write_text(textwrap.dedent(TRAIN))
        self.image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"
        self._bucket = f"bucket-{name}"
        emulator.client("s3").create_bucket(Bucket=self._bucket)
        process = [sys.executable, "-c", "print('processed')"]
        body = json.dumps({"uri": self.image, "train": [sys.executable, str(program)], "process": process}).encode()
        with urlopen(Request(f"{emulator.url}/_sagecraft/images", body, method="POST"), timeout=10):
            pass

    def request(self, name: str, **hyperparameters: str) -> dict[str, Any]:
        """A request of `CreateTrainingJob`. A `reason` makes the job fail, and `seconds` is how long it takes."""
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": hyperparameters,
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{self._bucket}/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }

    def processing_request(self, name: str) -> dict[str, Any]:
        """A request of `CreateProcessingJob`."""
        cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
        return {
            "ProcessingJobName": name,
            "AppSpecification": {"ImageUri": self.image},
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": cluster},
        }
