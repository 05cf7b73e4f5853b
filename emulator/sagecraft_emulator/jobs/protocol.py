"""What the control plane asks of the part that runs jobs."""

from typing import Protocol

from sagecraft_emulator.state.store import RecordKey


class Jobs(Protocol):
    """Runs jobs; writes what becomes of them into their records."""

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is `InProgress`; returns at once."""

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
