"""Events on their way: none is lost, none out of order, none holds up who changes a record."""

import logging
import time
from threading import Event as Signal
from types import SimpleNamespace

import pytest
from sagecraft_emulator.api.service_model import service_model
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.events.event import Event
from sagecraft_emulator.events.sender import EventSender
from sagecraft_emulator.hosts.loop_thread import LoopThread
from sagecraft_emulator.hosts.ministack.event_bus import EventBus

from tests.emulator.control_plane import ControlPlane


class Bus:
    """Takes events; refuses those of a resource whose ARN ends with `refused`, and waits as long as it is told to."""

    def __init__(self) -> None:
        self.taken: list[Event] = []
        self.open = Signal()
        self.open.set()

    def put(self, event: Event) -> None:
        assert self.open.wait(20)
        if event.resources[0].endswith("refused"):
            raise OSError("the bus is full")
        self.taken.append(event)


@pytest.fixture
def bus() -> Bus:
    return Bus()


@pytest.fixture
def sender(control_plane: ControlPlane, bus: Bus) -> EventSender:
    return EventSender(control_plane.store, control_plane.service.describe, bus.put, NOUNS.events)


def names(bus: Bus) -> list[str]:
    return [event.resources[0].rpartition("/")[2] for event in bus.taken]


def test_an_event_that_cannot_be_sent_is_logged_and_holds_up_no_other(
    control_plane: ControlPlane, bus: Bus, sender: EventSender, caplog: pytest.LogCaptureFixture
) -> None:
    sender.start()
    for name in ("first", "refused", "last"):
        control_plane.make_model(name)
    with caplog.at_level(logging.ERROR):
        sender.stop()
    assert names(bus) == ["first", "last"]
    assert "model/refused, None, was not sent." in caplog.text
    assert "the bus is full" in caplog.text


def test_a_slow_bus_holds_up_no_change_and_gets_every_event(
    control_plane: ControlPlane, bus: Bus, sender: EventSender
) -> None:
    bus.open.clear()
    sender.start()
    made = [f"model-{number}" for number in range(50)]
    for name in made:
        control_plane.make_model(name)
    assert bus.taken == []
    bus.open.set()
    sender.stop()
    assert names(bus) == made


def test_what_happens_before_the_start_is_sent_after_it(
    control_plane: ControlPlane, bus: Bus, sender: EventSender
) -> None:
    control_plane.make_model()
    assert bus.taken == []
    sender.start()
    sender.stop()
    (event,) = bus.taken
    assert abs(event.time - time.time()) < 60
    assert event.detail["CreationTime"] == round(control_plane.record("Model", "model").created * 1000)


def test_every_kind_that_is_told_of_is_one_of_sagemaker() -> None:
    described = {f"Describe{kind}" for kind, change in NOUNS.events.items() if change.tell is None}
    assert described <= set(service_model().operation_names)


def test_an_event_is_made_only_where_a_rule_or_an_archive_waits_for_some() -> None:
    class Places(dict[tuple[str, str], list[str]]):
        def values_scoped(self, account: str, region: str) -> list[str]:
            return self.get((account, region), [])

    made: list[str] = []

    def event(region: str) -> Event:
        def detail() -> dict[str, str]:
            made.append(region)
            return {}

        return Event("000000000001", region, 0.0, "aws.sagemaker", "type", (region,), detail)

    rules = Places({("000000000001", "eu-west-1"): ["rule"]})
    archives = Places({("000000000001", "us-west-2"): ["archive"]})
    module = SimpleNamespace(
        _rules=rules,
        _archives=archives,
        _pattern_event_view=lambda record: record["Detail"],
        _dispatch_event=lambda record, view: None,
        _archive_event=lambda record, view: None,
    )
    thread = LoopThread("events")
    event_bus = EventBus(lambda: module, lambda: thread._loop, lambda account, region: None, lambda: None)
    for region in ("us-east-1", "eu-west-1", "us-west-2", "eu-west-2"):
        event_bus.put(event(region))
    thread.stop()
    assert made == ["eu-west-1", "us-west-2"]
