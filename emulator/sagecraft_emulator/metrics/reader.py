"""Metrics that are read from the lines of a training job's log."""

import json
import logging
import socket
import threading
import time
from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, BinaryIO, Final, NamedTuple

from sagecraft_catalog import MetricDefinition

from .process import DEFINITIONS, SCANNERS, VALUES

logger = logging.getLogger(__name__)

_TRIES: Final = 2


class MetricDatum(NamedTuple):
    """A value that was read.

    Attributes:
        name: The metric's name.
        value: Its value.
        timestamp: When the line was read, in epoch seconds.
    """

    name: str
    value: float
    timestamp: float


class MetricReader:
    """Reads lines as CloudWatch shows them, a tab as `#011`, and keeps the last value of each metric.

    The lines are searched in another process, so that none of them, however long, and no expression keeps others
    waiting. Safe for use from several threads.

    Args:
        definitions: What to look for; the first group of a regular expression is the value.
        listener: Is told each value as it is read.
    """

    def __init__(
        self, definitions: Iterable[MetricDefinition], listener: Callable[[MetricDatum], None] | None = None
    ) -> None:
        self.final: dict[str, MetricDatum] = {}
        self._definitions, self._listener = list(definitions), listener
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    def read(self, lines: Sequence[str]) -> list[MetricDatum]:
        """The values in lines."""
        if not self._definitions or not lines:
            return []
        text = "\n".join(lines).encode()
        with self._lock:
            found, now = self._scan(text), time.time()
            names = [each.name for each in self._definitions]
            data = [MetricDatum(names[definition], value, now) for definition, value in found]
            self.final |= {datum.name: datum for datum in data}
        if self._listener is not None:
            for datum in data:
                self._listener(datum)
        return data

    def close(self) -> None:
        """Ends the reading."""
        with self._lock:
            self._disconnect()

    def _scan(self, text: bytes) -> Iterable[tuple[int, float]]:
        for _ in range(_TRIES):
            try:
                return self._ask(text)
            except (OSError, ValueError):  # the process has ended
                self._disconnect()
        logger.error("The process that reads metrics ends again and again: %d bytes of a log were not read", len(text))
        return []

    def _ask(self, text: bytes) -> Iterable[tuple[int, float]]:
        if self._connection is None:
            self._connection = SCANNERS.connect()
            self._connection.sendall(json.dumps([each.regex for each in self._definitions]).encode() + b"\n")
        self._connection.sendall(b"%d\n" % len(text))
        self._connection.sendall(text)
        with self._connection.makefile("rb") as answers:
            count = int(answers.readline())
            definitions, values = (_array(kind, count, answers) for kind in (DEFINITIONS, VALUES))
        return zip(definitions, values, strict=True)

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _array(kind: str, count: int, answers: BinaryIO) -> "array[Any]":
    found = array(kind)
    found.frombytes(answers.read(count * found.itemsize))
    if len(found) != count:
        raise ConnectionError("the answer has no end")
    return found
