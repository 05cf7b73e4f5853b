"""`@remote` functions, and jobs with an entry point of their own, in the image that the SDKs take for them by default.

Run by the SDK v2 and by v3, under the image's version of Python.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from tests.sdk.conftest import Ends, Objects

SDK = metadata.version("sagemaker")
if SDK.startswith("2."):
    from sagemaker import Session
    from sagemaker.image_uris import get_base_python_image_uri
    from sagemaker.remote_function import RemoteExecutor, remote
else:
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.image_uris import get_base_python_image_uri
    from sagemaker.core.remote_function import RemoteExecutor, remote

# The functions below are defined within the tests, so that they are sent by value, as those of a notebook are.


@pytest.fixture
def settings(role: str, bucket: str) -> dict[str, Any]:
    """How a function is run elsewhere: no image is named."""
    return {
        "sagemaker_session": Session(default_bucket=bucket),
        "role": role,
        "instance_type": "ml.m5.large",
        "s3_root_uri": f"s3://{bucket}/remote",
    }


@pytest.fixture
def image(boto: boto3.Session) -> str:
    """The image."""
    uri: str = get_base_python_image_uri(boto.region_name)
    return uri


def test_a_remote_function_runs_in_the_image_of_its_version_of_python(
    settings: dict[str, Any], image: str, boto: boto3.Session
) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def doubled(values: np.ndarray) -> dict[str, Any]:
        return {
            "values": 2 * values,
            "python": platform.python_version_tuple()[:2],
            "sdk": metadata.version("sagemaker"),
            "job": os.environ["TRAINING_JOB_NAME"],
        }

    answer = doubled(np.arange(3.0))
    np.testing.assert_array_equal(answer["values"], [0.0, 2.0, 4.0])
    assert answer["python"] == ("3", "10")
    assert answer["sdk"].split(".")[0] == SDK.split(".")[0]
    job = boto.client("sagemaker").describe_training_job(TrainingJobName=answer["job"])
    assert job["AlgorithmSpecification"]["TrainingImage"] == image


def test_an_exception_of_a_remote_function_comes_through(settings: dict[str, Any]) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def divide(dividend: int, divisor: int) -> float:
        return dividend / divisor

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        divide(1, 0)


def test_an_executor_runs_functions_side_by_side(settings: dict[str, Any]) -> None:
    def square(number: int) -> int:
        return number * number

    with RemoteExecutor(max_parallel_jobs=2, **settings) as executor:
        futures = [executor.submit(square, number) for number in (3, 4)]
        assert [future.result() for future in futures] == [9, 16]


def test_dependencies_the_working_directory_and_commands_before_are_there(
    settings: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("requirements.txt").write_text("roman==5.1\n", "utf-8")
    Path("helper.py").write_text("CENTURY = 100\n", "utf-8")

    @remote(
        dependencies="requirements.txt",
        include_local_workdir=True,
        pre_execution_commands=["python -m pip --version > /tmp/pip-version", "aws --version > /tmp/aws-version"],
        **settings,
    )  # type: ignore[untyped-decorator]  # the SDK has no types
    def told(number: int) -> dict[str, str]:
        import roman  # type: ignore[import-not-found]  # it is where the function runs
        from helper import CENTURY  # type: ignore[import-not-found]  # as above

        versions = {name: Path(f"/tmp/{name}-version").read_text("utf-8") for name in ("pip", "aws")}
        return {**versions, "year": roman.toRoman(number * CENTURY)}

    answer = told(20)
    assert answer["year"] == "MM"
    assert "python 3.10" in answer["pip"]
    assert answer["aws"].startswith("aws-cli/")


def test_jobs_run_by_an_entry_point_of_their_own(
    boto: boto3.Session, image: str, role: str, bucket: str, objects: Objects, ends: Ends, unique: Callable[[str], str]
) -> None:
    sagemaker: Any = boto.client("sagemaker")
    say = "import platform, sagemaker, sys; open(sys.argv[1], 'w').write(platform.python_version())"
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
    training, processing = unique("base-python"), unique("base-python")
    sagemaker.create_training_job(
        TrainingJobName=training,
        AlgorithmSpecification={
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", say],
            "ContainerArguments": ["/opt/ml/model/version"],
        },
        RoleArn=role,
        OutputDataConfig={"S3OutputPath": f"s3://{bucket}/models"},
        ResourceConfig=cluster,
        StoppingCondition={"MaxRuntimeInSeconds": 600},
    )
    output = {"S3Uri": f"s3://{bucket}/{processing}", "LocalPath": "/opt/ml/processing/out", "S3UploadMode": "EndOfJob"}
    sagemaker.create_processing_job(
        ProcessingJobName=processing,
        AppSpecification={
            "ImageUri": image,
            "ContainerEntrypoint": ["python", "-c", say],
            "ContainerArguments": ["/opt/ml/processing/out/version"],
        },
        RoleArn=role,
        ProcessingResources={"ClusterConfig": cluster},
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": output}]},
    )
    trained, processed = ends.training_job(training), ends.processing_job(processing)
    assert trained["TrainingJobStatus"] == processed["ProcessingJobStatus"] == "Completed", (trained, processed)
    assert objects.unpack(trained["ModelArtifacts"]["S3ModelArtifacts"])["version"].startswith(b"3.10.")
    assert objects.get(f"s3://{bucket}/{processing}/version").startswith(b"3.10.")
