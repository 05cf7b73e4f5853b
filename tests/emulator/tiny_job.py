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
    print("objective=" + parameters.get("x", "0"), flush=True)
    (root / "model/model").write_text("4")
"""
SERVE = """
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


class TinyJobs:
    """Registers the image with an emulator, and makes requests that use it.

    Args:
        emulator: Where the jobs run.
        directory: Where the program is kept.
        train: What trains in it. Left out, a program that is told by hyperparameters.
    """

    def __init__(self, emulator: RunningEmulator, directory: Path, train: str = TRAIN) -> None:
        name = uuid.uuid4().hex[:12]
        commands = {"process": [sys.executable, "-c", "print('processed')"]}
        for use, program in (("train", train), ("serve", SERVE)):
            path = directory / f"{name}-{use}.py"
            path.write_text(textwrap.dedent(program))
            commands[use] = [sys.executable, str(path)]
        self.image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"
        self.bucket = f"bucket-{name}"
        emulator.client("s3").create_bucket(Bucket=self.bucket)
        emulator.make_role()
        body = json.dumps({"uri": self.image, **commands}).encode()
        with urlopen(Request(f"{emulator.url}/_sagecraft/images", body, method="POST"), timeout=10):
            pass

    def request(self, name: str, **hyperparameters: str) -> dict[str, Any]:
        """A request of `CreateTrainingJob`. A `reason` makes the job fail, and `seconds` is how long it takes."""
        return {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": self.image, "TrainingInputMode": "File"},
            "HyperParameters": hyperparameters,
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output"},
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

    def tuning_request(self, name: str, **hyperparameters: str) -> dict[str, Any]:
        """A request of `CreateHyperParameterTuningJob` that looks for the greatest `x` among 1 and 2."""
        metric = {"Name": "objective", "Regex": "objective=([0-9.]+)"}
        definition = self.request(name, **hyperparameters)
        del definition["TrainingJobName"]
        specification = {**definition.pop("AlgorithmSpecification"), "MetricDefinitions": [metric]}
        return {
            "HyperParameterTuningJobName": name,
            "HyperParameterTuningJobConfig": {
                "Strategy": "Grid",
                "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "objective"},
                "ResourceLimits": {"MaxParallelTrainingJobs": 2},
                "ParameterRanges": {"CategoricalParameterRanges": [{"Name": "x", "Values": ["1", "2"]}]},
            },
            "TrainingJobDefinition": {
                **{
                    ("StaticHyperParameters" if key == "HyperParameters" else key): definition[key]
                    for key in definition
                },
                "AlgorithmSpecification": specification,
            },
        }

    def transform_request(self, name: str, model: str) -> dict[str, Any]:
        """A request of `CreateTransformJob` that reads what is below `input/` in the bucket, line by line."""
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/input/"}
        return {
            "TransformJobName": name,
            "ModelName": model,
            "TransformInput": {"DataSource": {"S3DataSource": source}, "SplitType": "Line", "ContentType": "text/csv"},
            "TransformOutput": {"S3OutputPath": f"s3://{self.bucket}/transformed", "AssembleWith": "Line"},
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        }
