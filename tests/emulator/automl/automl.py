"""AutoML jobs of a running emulator, on tables of a few rows."""

import random
import uuid
from typing import Any

from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until

ENDED = {"Completed", "Failed", "Stopped"}


def table(rows: int = 120, seed: int = 1) -> str:
    """Who buys: the older and richer of one colour."""
    drawn = random.Random(seed)
    lines = ["age,income,colour,bought"]
    for _ in range(rows):
        age, income, colour = drawn.randint(18, 80), drawn.randint(10, 99), drawn.choice(["red", "blue"])
        bought = "yes" if age + income + 30 * (colour == "red") > 110 else "no"
        lines.append(f"{age},{income},{colour},{bought}")
    return "\n".join(lines) + "\n"


class AutoML:
    """Begins AutoML jobs, and waits for them."""

    def __init__(self, emulator: RunningEmulator) -> None:
        self.client, self.s3 = emulator.client("sagemaker"), emulator.client("s3")
        self.role = emulator.make_role()
        self.bucket = f"automl-{uuid.uuid4().hex[:12]}"
        self.s3.create_bucket(Bucket=self.bucket)
        self.put("train/part-1.csv", table())

    def put(self, key: str, text: str) -> str:
        """Puts an object; returns its URI."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """The content of an object."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content: bytes = self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return content

    def exists(self, uri: str) -> bool:
        """Whether there is anything below a URI."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return bool(self.s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("KeyCount"))

    def request(self, problem: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
        """Of `CreateAutoMLJobV2`."""
        criteria = {"MaxCandidates": 2, "MaxAutoMLJobRuntimeInSeconds": 300}
        tabular = {"TargetAttributeName": "bought", "CompletionCriteria": criteria, **(problem or {})}
        data = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/train/"}}
        return {
            "AutoMLJobName": f"job-{uuid.uuid4().hex[:12]}",
            "AutoMLJobInputDataConfig": [{"DataSource": data}],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/output/"},
            "AutoMLProblemTypeConfig": {"TabularJobConfig": tabular},
            "RoleArn": self.role,
            **members,
        }

    def begin(self, problem: dict[str, Any] | None = None, **members: Any) -> str:
        """Begins a job; returns its name."""
        request = self.request(problem, **members)
        self.client.create_auto_ml_job_v2(**request)
        return str(request["AutoMLJobName"])

    def describe(self, name: str) -> dict[str, Any]:
        """As `DescribeAutoMLJobV2` answers."""
        described: dict[str, Any] = self.client.describe_auto_ml_job_v2(AutoMLJobName=name)
        return described

    def end(self, name: str) -> dict[str, Any]:
        """Waits for the end of a job."""
        wait_until(lambda: self.describe(name)["AutoMLJobStatus"] in ENDED, seconds=180, pause=0.5)
        return self.describe(name)

    def candidates(self, name: str, **chosen: Any) -> list[dict[str, Any]]:
        """All candidates of a job."""
        pages = self.client.get_paginator("list_candidates_for_auto_ml_job").paginate(AutoMLJobName=name, **chosen)
        return [each for page in pages for each in page["Candidates"]]
