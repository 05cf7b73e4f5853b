"""Metrics that are read from the lines of a training job's log."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sagecraft_catalog import MetricDefinition


@dataclass(frozen=True)
class MetricDatum:
    """A value that was read.

    Attributes:
        name: The metric's name.
        value: Its value.
        timestamp: When the line was read, in epoch seconds.
    """

    name: str
    value: float
    timestamp: float


@dataclass
class MetricReader:
    """Reads lines as CloudWatch shows them, a tab as `#011`, and keeps the last value of each metric.

    Attributes:
        definitions: What to look for; the first group of a regular expression is the value.
        listener: Is told each value as it is read.
        final: The last value of each metric, by name.
    """

    definitions: Iterable[MetricDefinition]
    listener: Callable[[MetricDatum], None] | None = None
    final: dict[str, MetricDatum] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._patterns = [(definition.name, re.compile(definition.regex)) for definition in self.definitions]

    def read(self, line: str) -> list[MetricDatum]:
        """The values in a line."""
        found = []
        for name, pattern in self._patterns:
            match = pattern.search(line)
            if match is None or not match.groups() or match[1] is None:
                continue
            try:
                datum = MetricDatum(name, float(match[1]), time.time())
            except ValueError:
                continue
            self.final[name] = datum
            found.append(datum)
            if self.listener is not None:
                self.listener(datum)
        return found
