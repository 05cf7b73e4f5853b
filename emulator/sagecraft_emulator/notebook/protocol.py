"""What stands behind the records of notebook instances."""

from typing import Protocol

from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey


class NotebookInstances(Protocol):
    """Brings notebook instances to what their records ask for. Each returns at once, whatever it takes."""

    def start(self, key: RecordKey) -> None:
        """Brings one that is `Pending` into service."""

    def stop(self, key: RecordKey) -> None:
        """Ends one that is `Stopping`; its volume stays."""

    def update(self, key: RecordKey) -> None:
        """Takes note of the changes of one that is `Updating`."""

    def delete(self, key: RecordKey) -> None:
        """Removes one that is `Deleting`, with its volume and its record."""

    def present(self, record: Record) -> Record:
        """The record as it is by now."""

    def open(self, record: Record, session_seconds: int, may_go_on: MayGoOn) -> str:
        """A URL at which one that is in service opens in a browser.

        Args:
            record: Of the instance.
            session_seconds: How long a browser may go on with it.
            may_go_on: Is asked at each of its requests.

        Raises:
            ApiError: It does not open.
        """
