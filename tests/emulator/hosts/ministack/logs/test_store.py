import random
import sqlite3
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_emulator.hosts.ministack.logs.event import EVENTS_OF_A_CHUNK, Line, Position
from sagecraft_emulator.hosts.ministack.logs.reading import Selection, event_at, events, events_backward
from sagecraft_emulator.hosts.ministack.logs.store import Group, LogStore, NoStream

GROUP = Group("1" * 12, "eu-west-1", "/group")
OTHERS = [GROUP._replace(account="2" * 12), GROUP._replace(region="us-east-1"), GROUP._replace(name="/group/other")]
MIB = 2**20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LogStore]:
    made = opened(tmp_path)
    yield made
    made.close()


def opened(directory: Path) -> LogStore:
    made = LogStore(directory / "logs.sqlite3")
    for group in (GROUP, *OTHERS):
        made.add_group(group, {})
        for name in ("a", "b"):
            made.add_stream(group, name, 1)
    return made


def messages(store: LogStore, selection: Selection) -> list[str]:
    return [event.message for event in events(store, selection)]


def test_events_come_in_the_order_of_time_from_any_place_on_in_both_directions(store: LogStore) -> None:
    source = random.Random(7)
    written: list[tuple[int, int]] = []  # what is late, and what overlaps, and many of one time
    for number in range(30):
        times = sorted(source.choices(range(20), k=source.randint(1, 5)))
        lines = [Line(time, str(len(written) + index)) for index, time in enumerate(times)]
        written += [(line.timestamp, int(line.message)) for line in lines]
        store.append(GROUP, "ab"[number % 2], lines, number)
    expected = [str(number) for _, number in sorted(written)]
    found = list(events(store, Selection(GROUP)))
    assert [event.message for event in found] == expected
    assert [event.message for event in events_backward(store, Selection(GROUP))] == expected[::-1]
    for index, event in enumerate(found):
        at = Position.read(str(event.position))
        assert messages(store, Selection(GROUP, begin=at)) == expected[index:]
        assert (
            messages(store, Selection(GROUP, begin=event.following, end=found[-1].position)) == expected[index + 1 : -1]
        )
        before = events_backward(store, Selection(GROUP, end=at))
        assert [each.message for each in before] == expected[:index][::-1]
        assert event_at(store, GROUP.account, GROUP.region, at) == (GROUP.name, event)


def test_streams_are_chosen_by_name_and_by_what_the_name_begins_with(store: LogStore) -> None:
    for name in ("job/1", "job/2", "job-2/1"):
        store.add_stream(GROUP, name, 1)
        store.append(GROUP, name, [Line(5, name)], 6)
    assert messages(store, Selection(GROUP, prefix="job/")) == ["job/1", "job/2"]
    assert messages(store, Selection(GROUP, ["job-2/1", "absent"])) == ["job-2/1"]
    assert messages(store, Selection(GROUP, [])) == []


def test_accounts_regions_and_groups_are_kept_apart(store: LogStore) -> None:
    for group in (GROUP, *OTHERS):
        store.append(group, "a", [Line(1, str(group))], 1)
    store.delete_stream(OTHERS[0], "a")
    store.delete_group(OTHERS[1])
    assert messages(store, Selection(GROUP)) == [str(GROUP)]
    assert messages(store, Selection(OTHERS[2])) == [str(OTHERS[2])]
    assert messages(store, Selection(OTHERS[0])) == messages(store, Selection(OTHERS[1])) == []
    [event] = events(store, Selection(GROUP))
    assert event_at(store, OTHERS[0].account, GROUP.region, event.position) is None


def test_what_was_deleted_does_not_come_back_with_its_name_and_gives_its_space_back(tmp_path: Path) -> None:
    store, file = opened(tmp_path), tmp_path / "logs.sqlite3"
    source = random.Random(1)
    for _ in range(20):
        store.append(GROUP, "a", [Line(1, source.randbytes(1000).hex()) for _ in range(200)], 1)
    store.append(GROUP, "b", [Line(1, "kept")], 1)
    store.delete_stream(GROUP, "a")
    with pytest.raises(NoStream):
        store.append(GROUP, "a", [Line(1, "late")], 1)
    store.add_stream(GROUP, "a", 2)
    assert messages(store, Selection(GROUP)) == ["kept"]
    assert store.size(GROUP) == len("kept") + 26
    store.settle()
    store.close()
    assert file.stat().st_size < MIB


def test_what_is_older_than_a_group_keeps_is_deleted(store: LogStore) -> None:
    for time in range(10):
        store.append(GROUP, "a", [Line(time, str(time))], 100)
    store.append(GROUP, "b", [Line(1, "old")], 100)
    store.expire(GROUP, 4)
    store.settle()
    assert messages(store, Selection(GROUP)) == [str(time) for time in range(4, 10)]
    found = store.streams(GROUP, "", by_time=False, descending=False, limit=10, offset=0)
    assert [(stream.name, stream.first, stream.last) for stream in found] == [("a", 4, 9), ("b", None, None)]
    assert store.size(GROUP) == 6 * 27


def test_streams_are_described_by_name_and_by_their_last_event_some_at_a_time(store: LogStore) -> None:
    store.append(GROUP, "a", [Line(5, "x"), Line(7, "y")], 8)
    store.add_stream(GROUP, "c", 3)
    store.append(GROUP, "c", [Line(6, "z")], 9)

    def names(
        prefix: str = "", *, by_time: bool = False, descending: bool = False, limit: int = 9, offset: int = 0
    ) -> str:
        found = store.streams(GROUP, prefix, by_time=by_time, descending=descending, limit=limit, offset=offset)
        return "".join(stream.name for stream in found)

    assert (names(), names(descending=True), names("c")) == ("abc", "cba", "c")
    assert (names(by_time=True), names(by_time=True, descending=True)) == ("bca", "acb")
    assert (names(limit=2), names(limit=2, offset=2)) == ("ab", "c")
    [first] = store.streams(GROUP, "a", by_time=False, descending=False, limit=1, offset=0)
    assert first == ("a", 1, 5, 7, 8)


def test_a_log_is_written_and_read_in_the_memory_of_a_part_of_it(store: LogStore) -> None:
    tracemalloc.start()
    try:
        for batch in range(40):
            lines = [Line(1, f"{'x' * 400} {batch} {number}") for number in range(EVENTS_OF_A_CHUNK)]
            store.append(GROUP, "a", lines, 1)
        assert sum(1 for _ in events(store, Selection(GROUP))) == 40 * EVENTS_OF_A_CHUNK
        [last] = [event.message for event, _ in zip(events_backward(store, Selection(GROUP)), range(1), strict=False)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert last.endswith(f" 39 {EVENTS_OF_A_CHUNK - 1}")
    assert peak < 4 * MIB  # the lines alone are 16


def test_nothing_is_left_of_what_was_cleared(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append(GROUP, "a", [Line(1, "x" * MIB)], 1)
    store.clear()
    store.close()
    again = LogStore(tmp_path / "logs.sqlite3")
    assert (again.groups(), messages(again, Selection(GROUP))) == ([], [])
    again.close()


def test_a_deletion_that_was_interrupted_goes_on_at_the_next_start(tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.append(GROUP, "a", [Line(1, "a line")], 1)
    store.settle()
    with store._transaction():  # as far as a killed process gets
        store._delete_streams(GROUP, "AND name = ?", "a")
    store.reader.close()
    store._database.close()
    again = LogStore(tmp_path / "logs.sqlite3")
    again.settle()
    assert again.reader.execute("SELECT (SELECT count(*) FROM chunk) + (SELECT count(*) FROM deleted)").fetchone() == (
        0,
    )
    again.close()


def test_a_message_is_read_as_it_was_written(store: LogStore) -> None:
    texts = ["", "é\t\r\n", "\ud800", "\x00", "🙂" * 1000]
    store.append(GROUP, "a", [Line(number, text) for number, text in enumerate(texts)], 1)
    assert messages(store, Selection(GROUP)) == texts
    assert store.size(GROUP) == sum(len(text.encode(errors="surrogatepass")) + 26 for text in texts)


def test_a_full_disk_refuses_what_is_written_and_nothing_else(store: LogStore) -> None:
    store.append(GROUP, "a", [Line(1, "kept")], 1)
    [[pages]] = store._database.execute("PRAGMA page_count")
    store._database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        store.append(GROUP, "a", [Line(1, random.Random(1).randbytes(10_000).hex())], 1)
    assert messages(store, Selection(GROUP)) == ["kept"]
    store._database.execute("PRAGMA max_page_count = 1000000")
    store.append(GROUP, "a", [Line(1, "later")], 1)
    assert messages(store, Selection(GROUP)) == ["kept", "later"]


@pytest.mark.parametrize("text", ["", "1", "f" * 56, "-" + "1" * 55, "٣" * 56])
def test_what_is_no_position_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="is not a position"):
        Position.read(text)
