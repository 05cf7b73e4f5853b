"""What the suites of both SDKs share.

They run in the SDKs' own environments, started by `run.py`; where the other tests are collected they are left out.
"""

from __future__ import annotations

import io
import os
import tarfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
from numpy.typing import NDArray

SCRIPTS = Path(__file__).parent / "scripts"
POLL_SECONDS = 0.5
WAIT_SECONDS = 240
ROLE_VARIABLE = "SAGECRAFT_SDK_ROLE"
IMAGE_VARIABLE = "SAGECRAFT_SDK_IMAGE"

collect_ignore = [] if ROLE_VARIABLE in os.environ else ["v2", "v3", "base_python"]

Description = dict[str, Any]
Table = NDArray[np.float64]


@pytest.fixture(scope="session")
def boto() -> boto3.Session:
    """Boto3 as it is: what `sagecraft env` exports leads it to the emulator."""
    return boto3.Session()


@pytest.fixture(scope="session")
def role() -> str:
    """The ARN of the execution role."""
    return os.environ[ROLE_VARIABLE]


@pytest.fixture(scope="session")
def sdk_image() -> str:
    """The image that has the SDK in it."""
    return os.environ[IMAGE_VARIABLE]


@pytest.fixture(scope="session")
def bucket(boto: boto3.Session) -> str:
    """A bucket of this process."""
    name = f"sdk-{uuid.uuid4().hex[:12]}"
    boto.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def unique() -> Callable[[str], str]:
    """Makes names that no other test has."""
    return lambda prefix: f"{prefix}-{uuid.uuid4().hex[:8]}"


class Objects:
    """Objects in S3."""

    def __init__(self, boto: boto3.Session, bucket: str) -> None:
        self._s3 = boto.client("s3")
        self.bucket = bucket

    def put(self, key: str, body: bytes) -> str:
        """Puts an object; returns its URI."""
        self._s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return f"s3://{self.bucket}/{key}"

    def get(self, uri: str) -> bytes:
        """An object's bytes."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        body: bytes = self._s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        return body

    def keys(self, uri: str) -> list[str]:
        """The keys of all objects below a URI, without that URI's own key."""
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        listed = self._s3.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", [])
        return sorted(each["Key"].removeprefix(prefix).lstrip("/") for each in listed)

    def unpack(self, uri: str) -> dict[str, bytes]:
        """The files of a tar.gz object."""
        with tarfile.open(fileobj=io.BytesIO(self.get(uri))) as archive:
            return {each.name: (archive.extractfile(each) or io.BytesIO()).read() for each in archive if each.isfile()}


@pytest.fixture(scope="session")
def objects(boto: boto3.Session, bucket: str) -> Objects:
    """Objects in the bucket of this process."""
    return Objects(boto, bucket)


class Flowers:
    """Rows of a label and four features, the same ones every time: 1 where the first two outweigh the others."""

    def __init__(self) -> None:
        random = np.random.default_rng(11)
        self.features: Table = random.normal(size=(400, 4)).round(4)
        noise = random.normal(scale=0.3, size=400)
        self.labels: Table = (self.features @ [1.0, 1.0, -0.5, -0.5] + noise > 0).astype(np.float64)

    @property
    def unseen(self) -> Table:
        """The features of rows to predict."""
        return np.random.default_rng(12).normal(size=(20, 4)).round(4)


def csv(*columns: NDArray[Any]) -> bytes:
    """Lines of CSV, without a header."""
    text = io.StringIO()
    np.savetxt(text, np.column_stack(columns), delimiter=",", fmt="%.4f")
    return text.getvalue().encode()


@pytest.fixture(scope="session")
def flowers() -> Flowers:
    """What the tests learn from."""
    return Flowers()


@pytest.fixture(scope="session")
def train_uri(objects: Objects, flowers: Flowers) -> str:
    """The first 300 rows as CSV, the label first."""
    return objects.put("flowers/train/rows.csv", csv(flowers.labels[:300], flowers.features[:300]))


@pytest.fixture(scope="session")
def validation_uri(objects: Objects, flowers: Flowers) -> str:
    """The other 100 rows."""
    return objects.put("flowers/validation/rows.csv", csv(flowers.labels[300:], flowers.features[300:]))


class Ends:
    """Waits for the ends of jobs: the SDKs' own waiting asks every 30 seconds."""

    def __init__(self, boto: boto3.Session) -> None:
        self._sagemaker: Any = boto.client("sagemaker")

    def training_job(self, name: str) -> Description:
        """The description of a training job that has ended."""
        return self._wait(lambda: self._sagemaker.describe_training_job(TrainingJobName=name), "TrainingJobStatus")

    def tuning_job(self, name: str) -> Description:
        """The description of a tuning job that has ended."""
        return self._wait(
            lambda: self._sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name),
            "HyperParameterTuningJobStatus",
        )

    def transform_job(self, name: str) -> Description:
        """The description of a transform job that has ended."""
        return self._wait(lambda: self._sagemaker.describe_transform_job(TransformJobName=name), "TransformJobStatus")

    def processing_job(self, name: str) -> Description:
        """The description of a processing job that has ended."""
        return self._wait(
            lambda: self._sagemaker.describe_processing_job(ProcessingJobName=name), "ProcessingJobStatus"
        )

    def automl_job(self, name: str) -> Description:
        """The description of an AutoML job that has ended."""
        return self._wait(lambda: self._sagemaker.describe_auto_ml_job_v2(AutoMLJobName=name), "AutoMLJobStatus")

    def endpoint(self, name: str) -> Description:
        """The description of an endpoint that is ready, or has failed."""
        return self._wait(lambda: self._sagemaker.describe_endpoint(EndpointName=name), "EndpointStatus")

    @staticmethod
    def _wait(describe: Callable[[], Description], status: str) -> Description:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            description = describe()
            if description[status] in {"Completed", "Failed", "Stopped", "InService"}:
                return description
            assert time.monotonic() < deadline, f"It stayed {description[status]}: {description}"
            time.sleep(POLL_SECONDS)


@pytest.fixture(scope="session")
def ends(boto: boto3.Session) -> Ends:
    """Waits for the ends of jobs."""
    return Ends(boto)
