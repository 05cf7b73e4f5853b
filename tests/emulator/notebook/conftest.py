"""What the tests of notebook instances share."""

from collections.abc import Iterator

import pytest

from tests.emulator.world import World

from .started import Instance


@pytest.fixture
def instance(world: World) -> Iterator[Instance]:
    """A notebook instance that is not started yet."""
    made = Instance(world)
    yield made
    if made.server is not None:
        made.server.stop(0)
