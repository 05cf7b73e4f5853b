"""The values of metrics: those that jobs report come to their components."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_emulator.experiments.points import KEPT_AT_MOST, MetricPoints, Point
from sagecraft_emulator.state.store import Store

COMPONENT, JOB = "arn:component", "arn:job"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "state.sqlite3", {})
    yield made
    made.close()


def point(value: float, timestamp: float = 1.0, component: str = COMPONENT) -> Point:
    return Point(component, "loss", timestamp, None, value, JOB)


def test_what_a_job_reports_is_there_when_it_is_asked_for(store: Store) -> None:
    points = MetricPoints(store)
    for value in (3.0, float("nan"), 1.0):
        points.note(point(value))
    [summary] = points.summaries(COMPONENT)
    assert (summary["SourceArn"], summary["Count"], summary["Last"]) == (JOB, 2, 1.0)
    assert points.of(JOB, "loss") == points.of(COMPONENT, "loss") == [point(3.0), point(1.0)]


def test_a_job_that_reports_very_much_does_not_fill_the_memory(store: Store) -> None:
    points = MetricPoints(store)
    for value in range(KEPT_AT_MOST):
        points.note(point(float(value)))
    assert len(MetricPoints(store).of(COMPONENT, "loss")) == KEPT_AT_MOST  # another one reads what is written alone


def test_the_last_value_is_that_of_the_latest_time(store: Store) -> None:
    points = MetricPoints(store)
    points.put([point(1.0, timestamp=9.0), point(2.0, timestamp=3.0), point(5.0, component="arn:other")])
    [summary] = points.summaries(COMPONENT)
    assert (summary["Last"], summary["TimeStamp"], summary["Avg"]) == (1.0, 9.0, 1.5)
    points.forget(COMPONENT)
    assert points.summaries(COMPONENT) == []
    assert len(points.summaries("arn:other")) == 1
    points.clear()
    assert points.summaries("arn:other") == []
