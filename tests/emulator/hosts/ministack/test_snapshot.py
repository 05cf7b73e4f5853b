"""The snapshot of the host's services: what is written is read again, whole or not at all."""

import copy
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.snapshot import BLOB_BYTES, HostSnapshot, SnapshotSaver, copy_states_quickly


def encode(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"__hex__": value.hex()}
    raise TypeError(type(value).__name__)


def decode(value: dict[str, Any]) -> Any:
    return bytes.fromhex(value["__hex__"]) if "__hex__" in value else value


def bytes_read() -> int:
    return int(Path("/proc/self/io").read_text().split()[1])


OpenSnapshot = Callable[[Path], HostSnapshot]


@pytest.fixture
def snapshot() -> Iterator[OpenSnapshot]:
    with ExitStack() as opened:
        yield lambda path: opened.enter_context(closing(HostSnapshot(path, encode, decode)))


def test_a_state_is_read_as_it_was_saved_small_and_large_bytes_included(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    state = {"name": "a", "small": b"\x00\x01", "large": b"\x02" * BLOB_BYTES}
    first = snapshot(tmp_path / "state")
    first.save({"lambda": lambda: state})
    first.close()
    assert snapshot(tmp_path / "state").read("lambda") == state


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process has read")
def test_a_service_is_read_without_the_large_ones_beside_it(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    first = snapshot(tmp_path / "state")
    first.save({"iam": lambda: "roles", "logs": lambda: "lines" * 4_000_000, "sns": lambda: "topics"})
    first.close()
    second = snapshot(tmp_path / "state")
    before = bytes_read()
    assert second.read("sns") == "topics"
    assert bytes_read() - before < 1_000_000


def test_only_what_changed_is_written(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    path = tmp_path / "state"
    first = snapshot(path)
    services: dict[str, Any] = {"iam": {"roles": ["a"]}, "sns": {"topics": ["b"]}}
    first.save({"iam": lambda: services["iam"], "sns": lambda: services["sns"]})
    with sqlite3.connect(path) as other:
        other.execute("UPDATE service SET state = '\"touched\"' WHERE name = 'iam'")
    other.close()
    services["sns"] = {"topics": ["b", "c"]}
    first.save({"iam": lambda: services["iam"], "sns": lambda: services["sns"]})
    first.close()
    second = snapshot(path)
    assert second.read("iam") == "touched"
    assert second.read("sns") == {"topics": ["b", "c"]}


def test_a_service_that_holds_nothing_is_not_there_at_the_next_start(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    first = snapshot(tmp_path / "state")
    empty = {"stacks": {"__account_region_scoped__": True, "data": {}}, "list": [], "count": 0}
    first.save({"cloudformation": lambda: {"stacks": ["a"]}})
    assert first.read("cloudformation") is not None
    first.save({"cloudformation": lambda: empty})
    assert first.read("cloudformation") is None


def test_a_service_that_holds_something_again_is_there_again(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    first = snapshot(tmp_path / "state")
    state: dict[str, list[str]] = {}
    for topics in ([], ["a"], [], ["b"]):
        state["topics"] = topics
        first.save({"sns": lambda: state})
        assert first.read("sns") == ({"topics": topics} if topics else None)


class Scoped:
    """As ministack's dictionaries are."""

    def __init__(self) -> None:
        self._data: dict[Any, Any] = {}


def test_a_quick_copy_shares_nothing_with_the_state_but_large_bytes() -> None:
    copy_states_quickly((Scoped,))
    large = b"\x01" * BLOB_BYTES
    state, inner = Scoped(), Scoped()
    inner._data = {"a": [1]}
    state._data = {("1", "eu", "name"): {"list": [{"x": 1}], "code": large, "inner": inner, "set": {1}, "pair": ([1],)}}
    copied = copy.deepcopy({"state": state})["state"]
    ((key, members),) = copied._data.items()
    original = state._data[key]
    assert members["inner"]._data == inner._data
    assert {**members, "inner": None} == {**original, "inner": None}
    assert members["code"] is large
    for name in ("list", "inner", "set", "pair"):
        assert members[name] is not original[name]
    assert members["list"][0] is not original["list"][0]
    assert members["inner"]._data["a"] is not inner._data["a"]


def test_large_bytes_that_nothing_holds_any_more_are_not_kept(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    path = tmp_path / "state"
    first = snapshot(path)
    first.save({"lambda": lambda: {"code": b"\x01" * BLOB_BYTES}})
    first.save({"lambda": lambda: {"code": b"\x02" * BLOB_BYTES}})
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT count(*) FROM blob").fetchone() == (1,)
    other.close()
    assert first.read("lambda") == {"code": b"\x02" * BLOB_BYTES}


def test_a_state_that_changes_while_it_is_read_is_read_again(tmp_path: Path, snapshot: OpenSnapshot) -> None:
    tries = iter([RuntimeError("dictionary changed size during iteration"), {"a": 1}])

    def get_state() -> Any:
        result = next(tries)
        if isinstance(result, Exception):
            raise result
        return result

    first = snapshot(tmp_path / "state")
    first.save({"logs": get_state})
    assert first.read("logs") == {"a": 1}


def test_a_state_that_cannot_be_saved_keeps_the_last_one_that_could(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, snapshot: OpenSnapshot
) -> None:
    first = snapshot(tmp_path / "state")
    first.save({"logs": lambda: {"a": 1}})
    first.save({"logs": lambda: {"a": object()}})
    assert first.read("logs") == {"a": 1}
    assert "The state of the host's service 'logs' cannot be saved" in caplog.text


def test_the_saver_saves_soon_after_a_touch_and_a_last_time_at_the_end() -> None:
    saved: list[float] = []
    done = threading.Event()

    def save() -> None:
        saved.append(time.monotonic())
        done.set()

    saver = SnapshotSaver(save)
    saver.start()
    saver.touch()
    assert done.wait(10)
    before = len(saved)
    saver.stop()
    assert len(saved) > before


def test_the_saver_tells_when_all_is_saved_and_nobody_asks_for_anything() -> None:
    saves: list[None] = []
    at_rest = threading.Event()
    saver = SnapshotSaver(lambda: saves.append(None), at_rest.set)
    saver.touch()
    saver.start()
    assert at_rest.wait(30)
    assert saves
    saver.stop()


def test_a_flush_waits_for_a_save_that_began_after_it() -> None:
    state, saved = 0, []
    reading, go_on = threading.Event(), threading.Event()

    def save() -> None:
        read = state
        reading.set()
        assert go_on.wait(10)
        saved.append(read)

    saver = SnapshotSaver(save)
    saver.start()
    saver.touch()
    assert reading.wait(10)  # the first save has read what was
    state = 1
    flushing = threading.Thread(target=saver.flush)
    flushing.start()
    go_on.set()
    flushing.join(10)
    assert not flushing.is_alive()
    assert saved[-1] == 1
    saver.stop()


def test_a_flush_before_the_saver_begins_waits_for_it() -> None:
    """An emulator answers requests a moment before."""
    saved = threading.Event()
    saver = SnapshotSaver(saved.set)
    with ThreadPoolExecutor() as threads:
        flushing = threads.submit(saver.flush)
        assert not wait([flushing], timeout=0.1).done
        saver.start()
        flushing.result(10)
    assert saved.is_set()
    saver.stop()


def test_a_flush_after_the_end_waits_for_nothing() -> None:
    saver = SnapshotSaver(lambda: None)
    saver.start()
    saver.stop()
    saver.flush()


def test_a_save_that_fails_keeps_nobody_waiting() -> None:
    def save() -> None:
        raise OSError("No space left on device")

    saver = SnapshotSaver(save)
    saver.start()
    saver.flush()
    saver.stop()
