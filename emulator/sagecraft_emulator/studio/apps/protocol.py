"""What stands behind the records of apps."""

from typing import Protocol

from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey


class Apps(Protocol):
    """Brings apps to what their records ask for. Each returns at once, whatever it takes."""

    def start(self, key: RecordKey) -> None:
        """Brings one that is `Pending` into service."""

    def stop(self, key: RecordKey) -> None:
        """Ends one that is `Deleting`; the volume of its space stays."""

    def open_app(self, record: Record, session_seconds: float, url_seconds: float, may_go_on: MayGoOn) -> str:
        """A URL at which one that is in service opens in a browser.

        Args:
            record: Of the app.
            session_seconds: How long a browser may go on with it.
            url_seconds: Within which the URL has to be opened.
            may_go_on: Is asked at each request of that browser.
        """

    def remove_space(self, space: Record) -> None:
        """Removes the volume of a space that has no app."""
