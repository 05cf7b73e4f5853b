"""`@remote` functions and `RemoteExecutor`, in an image that is the SDK's own environment."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest
import sagemaker
from sagemaker.remote_function import RemoteExecutor, remote

from tests.sdk.conftest import Flowers, Objects

# The functions below are defined within the tests, so that they are sent by value, as those of a notebook are.


@pytest.fixture
def settings(session: sagemaker.Session, role: str, bucket: str, sdk_image: str) -> dict[str, Any]:
    """How a function is run elsewhere."""
    return {
        "sagemaker_session": session,
        "role": role,
        "image_uri": sdk_image,
        "instance_type": "ml.m5.large",
        "s3_root_uri": f"s3://{bucket}/remote",
    }


def test_a_remote_function_returns_its_value(
    settings: dict[str, Any], flowers: Flowers, objects: Objects, boto: boto3.Session, unique: Callable[[str], str]
) -> None:
    prefix = unique("least-squares")

    @remote(job_name_prefix=prefix, **settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def fit(features: np.ndarray, labels: np.ndarray, host: str) -> dict[str, Any]:
        weights, *_ = np.linalg.lstsq(features, labels, rcond=None)
        return {
            "weights": weights,
            "same host": socket.gethostname() == host,
            "job": os.environ["TRAINING_JOB_NAME"],
            "python": platform.python_version(),
        }

    answer = fit(flowers.features, flowers.labels, socket.gethostname())
    expected, *_ = np.linalg.lstsq(flowers.features, flowers.labels, rcond=None)
    np.testing.assert_allclose(answer["weights"], expected)
    assert answer["same host"] is False
    assert answer["python"] == platform.python_version()
    assert answer["job"].startswith(prefix)
    job = boto.client("sagemaker").describe_training_job(TrainingJobName=answer["job"])
    assert job["AlgorithmSpecification"]["ContainerEntrypoint"][0] == "/bin/bash"
    stored = objects.keys(f"s3://{objects.bucket}/remote/{answer['job']}")
    assert {"results/payload.pkl", "results/metadata.json", "function/payload.pkl"} <= set(stored)


def test_an_exception_of_a_remote_function_comes_through(settings: dict[str, Any], boto: boto3.Session) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def divide(dividend: int, divisor: int) -> float:
        return dividend / divisor

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        divide(1, 0)


def test_a_function_finds_out_its_own_role(settings: dict[str, Any], role: str) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def own_role() -> str:
        found: str = sagemaker.get_execution_role()
        return found

    assert own_role() == role


def test_an_executor_runs_functions_side_by_side(settings: dict[str, Any]) -> None:
    def square(number: int) -> int:
        return number * number

    with RemoteExecutor(max_parallel_jobs=2, **settings) as executor:
        futures = [executor.submit(square, number) for number in (3, 4)]
        assert [future.result() for future in futures] == [9, 16]


def test_dependencies_are_installed_for_the_function_and_not_into_its_image(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("roman==5.1\n", "utf-8")

    @remote(dependencies=str(requirements), **settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def year(number: int) -> str:
        import roman  # type: ignore[import-not-found]  # it is where the function runs

        text: str = roman.toRoman(number)
        return text

    assert year(2026) == "MMXXVI"
    with pytest.raises(ModuleNotFoundError, match="roman"):
        __import__("roman")
