"""`@remote` of the SDK v3, in an image that is the SDK's own environment."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.remote_function import remote

from tests.sdk.conftest import Flowers

# The functions below are defined within the tests, so that they are sent by value, as those of a notebook are.


@pytest.fixture
def settings(session: Session, role: str, bucket: str, sdk_image: str) -> dict[str, Any]:
    """How a function is run elsewhere."""
    return {
        "sagemaker_session": session,
        "role": role,
        "image_uri": sdk_image,
        "instance_type": "ml.m5.large",
        "s3_root_uri": f"s3://{bucket}/remote",
    }


def test_a_remote_function_returns_its_value(settings: dict[str, Any], flowers: Flowers) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def fit(features: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
        weights, *_ = np.linalg.lstsq(features, labels, rcond=None)
        return {"weights": weights, "job": os.environ["TRAINING_JOB_NAME"]}

    answer = fit(flowers.features, flowers.labels)
    expected, *_ = np.linalg.lstsq(flowers.features, flowers.labels, rcond=None)
    np.testing.assert_allclose(answer["weights"], expected)
    assert answer["job"].startswith("fit-")


def test_a_function_finds_out_its_own_role(settings: dict[str, Any], role: str) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def own_role() -> str:
        from sagemaker.core.helper.session_helper import get_execution_role

        found: str = get_execution_role()
        return found

    assert own_role() == role


def test_an_exception_of_a_remote_function_comes_through(settings: dict[str, Any]) -> None:
    @remote(**settings)  # type: ignore[untyped-decorator]  # the SDK has no types
    def divide(dividend: int, divisor: int) -> float:
        return dividend / divisor

    with pytest.raises(ZeroDivisionError, match="division by zero"):
        divide(1, 0)
