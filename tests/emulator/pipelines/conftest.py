from collections.abc import Iterator

import pytest

from tests.emulator.control_plane import ControlPlane

from .pipeline import Pipelines


@pytest.fixture
def pipelines(control_plane: ControlPlane) -> Iterator[Pipelines]:
    yield Pipelines(control_plane)
    control_plane.stop("PipelineExecution")
