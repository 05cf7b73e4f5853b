"""The session of the SageMaker Python SDK v2."""

from __future__ import annotations

import pytest
import sagemaker


@pytest.fixture(scope="session")
def session(bucket: str) -> sagemaker.Session:
    """The SDK's own session."""
    return sagemaker.Session(default_bucket=bucket)
