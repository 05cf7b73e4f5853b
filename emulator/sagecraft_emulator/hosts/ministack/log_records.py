"""ministack's records of log lines: those that a query has found, and not one of each line that was ever written.

ministack makes one with each line, of a kilobyte, for `GetLogRecord`, whose pointers come from queries alone; and a
query makes those that are not there.
"""

from collections.abc import Callable
from typing import Any

Put = Callable[[dict[str, Any]], Any]


def keep_records_of_queries(module: Any) -> None:
    """Has ministack's CloudWatch Logs make no records of lines as they come; once, however often it is called.

    Args:
        module: ministack's own.
    """
    own = module._put_log_events  # noqa: SLF001 - ministack has no public way to this
    if not isinstance(own, _PutWithoutRecords):
        module._put_log_events = _PutWithoutRecords(own, module)  # noqa: SLF001 - as above


class _Unkept:
    """Stands in the place of the records while lines are written."""

    def __setitem__(self, pointer: str, record: object) -> None:
        """Keeps nothing."""


class _PutWithoutRecords:
    """`PutLogEvents`."""

    def __init__(self, own: Put, module: Any) -> None:
        self._own, self._module = own, module
        self._records = module._log_records  # noqa: SLF001 - as above

    def __call__(self, request: dict[str, Any]) -> Any:
        self._module._log_records = _Unkept()  # noqa: SLF001 - as above
        try:
            return self._own(request)
        finally:
            self._module._log_records = self._records  # noqa: SLF001 - as above
