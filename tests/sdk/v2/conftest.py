"""The session of the SageMaker Python SDK v2."""

from __future__ import annotations

import pytest
import sagemaker

from tests.sdk.conftest import EmulatorSession


@pytest.fixture(scope="session")
def session(boto: EmulatorSession, bucket: str) -> sagemaker.Session:
    """The SDK's session, all of whose requests go to the emulator."""
    return sagemaker.Session(boto_session=boto, default_bucket=bucket)
