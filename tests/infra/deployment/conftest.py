"""An emulator with the quotas of a new account, in which nothing runs."""

from collections.abc import Iterator

import pytest
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import RunningEmulator, free_port


@pytest.fixture(scope="session")
def limited_emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """Tests that would meet in it take accounts of their own."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("limited"), free_port(), "instant", quotas="new-account")
    running = RunningEmulator(settings).start()
    yield running
    running.stop()
