"""The emulator's control plane, for functions that do more with SageMaker than a few calls."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.emulator.control_plane import ControlPlane


@pytest.fixture
def control_plane(tmp_path: Path) -> Iterator[ControlPlane]:
    plane = ControlPlane(tmp_path / "sagemaker.sqlite3")
    yield plane
    plane.close()
