"""The emulator's control plane as what the functions talk to."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sagecraft_constructs.handlers import clients

from tests.emulator.control_plane import ACCOUNT, REGION, ControlPlane


@contextmanager
def clients_of_plane(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The functions' client of SageMaker talks to a control plane."""
    for name, value in {
        "AWS_ENDPOINT_URL": plane.client.meta.endpoint_url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    clients.sagemaker.cache_clear()
    yield
    clients.sagemaker().close()
    clients.sagemaker.cache_clear()
