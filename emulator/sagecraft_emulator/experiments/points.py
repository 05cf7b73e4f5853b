"""What trial components have measured: each value of each metric, and summaries of them."""

import math
import threading
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sagecraft_emulator.state.store import Store

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS trial_metric (
    component TEXT NOT NULL, name TEXT NOT NULL, timestamp REAL NOT NULL, step INTEGER, value REAL NOT NULL,
    source TEXT NOT NULL
)
"""
INDICES: Final = (
    "CREATE INDEX IF NOT EXISTS trial_metric_name ON trial_metric (component, name, timestamp)",
    "CREATE INDEX IF NOT EXISTS trial_metric_source ON trial_metric (source, name, timestamp)",
)
KEPT_AT_MOST: Final = 200
"""Of what jobs report, before it is written: a job may report thousands of values a second."""
_INSERT: Final = "INSERT INTO trial_metric VALUES (?, ?, ?, ?, ?, ?)"
_SUMMARIES: Final = """
WITH summary AS (
    SELECT name, source, min(value) AS low, max(value) AS high, count(*) AS count, avg(value) AS mean
    FROM trial_metric WHERE component = ?1 GROUP BY name
)
SELECT summary.name, summary.source, low, high, count, mean,
    (SELECT avg((value - mean) * (value - mean)) FROM trial_metric WHERE component = ?1 AND name = summary.name),
    point.value, point.timestamp
FROM summary JOIN trial_metric AS point ON point.rowid = (
    SELECT rowid FROM trial_metric WHERE component = ?1 AND name = summary.name
    ORDER BY timestamp DESC, coalesce(step, -1) DESC, rowid DESC LIMIT 1
) ORDER BY summary.name
"""


class Point(NamedTuple):
    """One value.

    Attributes:
        component: The ARN of the trial component.
        name: Of the metric.
        timestamp: Epoch seconds.
        step: The iteration that it is of, or None.
        value: It; finite.
        source: The ARN of what has reported it: a job, or the component itself.
    """

    component: str
    name: str
    timestamp: float
    step: int | None
    value: float
    source: str


class MetricPoints:
    """The values of all components, in the file of the records. Safe for use from several threads.

    Args:
        store: The records.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: list[Point] = []
        self._lock = threading.Lock()
        with store.transaction() as connection:
            for statement in (SCHEMA, *INDICES):
                connection.execute(statement)

    def put(self, points: Sequence[Point]) -> None:
        """Keeps values; they are durable when it returns."""
        with self._store.transaction() as connection:
            connection.executemany(_INSERT, points)

    def note(self, point: Point) -> None:
        """Keeps a value, and writes it with others when it is asked for, or when there are many."""
        if not math.isfinite(point.value):
            return
        with self._lock:
            self._noted.append(point)
            many = len(self._noted) >= KEPT_AT_MOST
        if many:
            self.flush()

    def flush(self) -> None:
        """Writes what was noted."""
        with self._lock:
            noted, self._noted = self._noted, []
            if noted:
                self.put(noted)

    def summaries(self, component: str) -> list[dict[str, Any]]:
        """The metrics of a component, as `TrialComponentMetricSummary` has them, by name."""
        self.flush()
        with self._store.transaction() as connection:
            rows = connection.execute(_SUMMARIES, (component,)).fetchall()
        return [
            {
                "MetricName": name,
                "SourceArn": source,
                "TimeStamp": timestamp,
                "Max": high,
                "Min": low,
                "Last": last,
                "Count": count,
                "Avg": mean,
                "StdDev": math.sqrt(variance),
            }
            for name, source, low, high, count, mean, variance, last, timestamp in rows
        ]

    def of(self, arn: str, name: str) -> list[Point]:
        """The values of a metric of a component, or that a job has reported, the oldest first."""
        self.flush()
        with self._store.transaction() as connection:
            rows = connection.execute(
                "SELECT * FROM trial_metric WHERE (component = ?1 OR source = ?1) AND name = ?2"
                " ORDER BY timestamp, coalesce(step, -1), rowid",
                (arn, name),
            ).fetchall()
        return [Point(*row) for row in rows]

    def forget(self, component: str) -> None:
        """Removes the values of a component."""
        self.flush()
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM trial_metric WHERE component = ?", (component,))

    def clear(self) -> None:
        """Removes all values."""
        with self._lock:
            self._noted.clear()
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM trial_metric")
