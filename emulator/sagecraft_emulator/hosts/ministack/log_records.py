"""ministack's records of log lines: those that a query has found, and not one of each line that was ever written.

ministack makes one with each line, of a kilobyte, for `GetLogRecord`, whose pointers come from queries alone; and a
query makes those that are not there. What else it does for each line on the event loop is made quick: it asks the
system for randomness, and writes out a time, which is the same for many.
"""

import random
import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any, Final
from uuid import UUID

Put = Callable[[dict[str, Any]], Any]

_TIMES: Final = 64


def keep_records_of_queries(module: Any) -> None:
    """Has ministack's CloudWatch Logs make no records of lines as they come; once, however often it is called.

    Args:
        module: ministack's own.
    """
    own = module._put_log_events  # noqa: SLF001 - ministack has no public way to this
    if not isinstance(own, _PutWithoutRecords):
        module._put_log_events = put = _PutWithoutRecords(own)  # noqa: SLF001 - as above
        module._log_records = _records(module._log_records, put)  # noqa: SLF001 - as above


def write_lines_quickly(module: Any) -> None:
    """Makes quick what ministack's CloudWatch Logs do for each line; once, however often it is called.

    Args:
        module: ministack's own.
    """
    written = module._format_insights_timestamp  # noqa: SLF001 - as above
    if not hasattr(written, "cache_info"):
        module._format_insights_timestamp = lru_cache(_TIMES)(written)  # noqa: SLF001 - as above
        module.new_uuid = partial(_new_uuid, random.Random())  # noqa: S311 - what names a line is no secret


def _new_uuid(source: random.Random) -> str:
    return str(UUID(int=source.getrandbits(128), version=4))


class _PutWithoutRecords:
    """`PutLogEvents`."""

    def __init__(self, own: Put) -> None:
        self._own = own
        self._threads = threading.local()

    @property
    def runs(self) -> bool:
        """Whether the calling thread writes lines at this moment; others may query, and save the state."""
        return getattr(self._threads, "run", False)

    def __call__(self, request: dict[str, Any]) -> Any:
        self._threads.run = True
        try:
            return self._own(request)
        finally:
            self._threads.run = False


def _records(own: Any, put: _PutWithoutRecords) -> Any:
    """The records in a dictionary of the same kind, which takes none from a thread that writes lines."""

    class Records(type(own)):  # type: ignore[misc]  # ministack's class is known when it runs
        __slots__ = ()

        def __setitem__(self, pointer: str, record: object) -> None:
            if not put.runs:
                super().__setitem__(pointer, record)

    records = Records()
    records.update(own)
    return records
