"""The files of bodies, and who they belong to."""

import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest
from sagecraft_emulator.hosts.ministack.objects.body import Body
from sagecraft_emulator.hosts.ministack.objects.store import ObjectStore


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path)


@pytest.fixture
def files(tmp_path: Path, store: ObjectStore) -> Callable[[], set[str]]:
    """The files that there are, once those that nobody needs are gone."""

    def present() -> set[str]:
        store.settle()
        return {file.name for file in (tmp_path / "bodies").iterdir()}

    return present


def test_an_object_is_back_at_the_next_start_and_files_of_none_are_not(tmp_path: Path, store: ObjectStore) -> None:
    body = store.write(b"body")
    tags = {"null": {"__body__": "a tag"}}
    store.save_object("1", "bucket", "key", {"body": body}, {"tags": tags})
    store.new_file().write_bytes(b"half of an upl")
    again = ObjectStore(tmp_path)
    found = again.object("1", "bucket", "key")
    assert found is not None
    assert found[0] == {"body": body}
    assert list(again.histories()) == [("1", "bucket", "key", {"tags": tags})]
    assert {file.name for file in (tmp_path / "bodies").iterdir()} == body.files


def test_a_file_goes_with_the_last_that_names_it(store: ObjectStore, files: Callable[[], set[str]]) -> None:
    body = store.write(b"body")
    for key in ("one", "two"):
        store.save_object("1", "bucket", key, {"body": body})
    store.save_object("1", "bucket", "one", {"body": store.write(b"other")})
    store.discard(body.segments[0].file)
    assert body.files < files()
    store.save_object("1", "bucket", "two", None)
    assert not body.files & files()
    store.delete_bucket("1", "bucket")
    assert files() == set()


def test_the_end_of_a_reader_waits_for_nobody(store: ObjectStore, files: Callable[[], set[str]]) -> None:
    """A reader may end wherever garbage is collected, so also in a thread that another one waits for."""
    body = store.write(b"body")
    store.save_object("1", "bucket", "key", {"body": body})
    readers = [store.keep(body)]
    store.save_object("1", "bucket", "key", None)
    ends = threading.Thread(target=readers.clear, daemon=True)
    with store._transaction():
        ends.start()
        ends.join(10)
        assert not ends.is_alive()
    assert files() == set()


def test_a_file_stays_while_it_is_read(store: ObjectStore, files: Callable[[], set[str]]) -> None:
    body = store.write(b"body")
    store.save_object("1", "bucket", "key", {"body": body})
    one, other = store.keep(body), store.keep(body[1:])
    store.save_object("1", "bucket", "key", None)
    del one
    assert files() == body.files
    del other
    assert files() == set()


def test_the_parts_of_an_upload_are_back_and_go_with_it(
    tmp_path: Path, store: ObjectStore, files: Callable[[], set[str]]
) -> None:
    store.save_upload("id", "1", {"bucket": "bucket"})
    first, second = store.write(b"first"), store.write(b"second")
    store.save_part("id", 1, {"body": first})
    store.save_part("id", 1, {"body": second})
    assert files() == second.files
    assert list(ObjectStore(tmp_path).uploads()) == [("id", "1", {"bucket": "bucket"}, {1: {"body": second}})]
    whole = Body((*second.segments, replace(second.segments[0], begin=0, length=2)))
    store.save_object("1", "bucket", "key", {"body": whole})
    store.delete_upload("id")
    assert list(store.uploads()) == []
    assert files() == second.files
    store.clear()
    assert files() == set()


def test_a_file_that_is_written_back_may_be_closed_meanwhile(
    store: ObjectStore, caplog: pytest.LogCaptureFixture
) -> None:
    path = store.new_file()
    with FileIO(path, "wb") as file:
        file.write(b"body")
        store.write_back(file, 0, 4)
        store.settle()
    store.write_back(file, 0, 4)
    store.settle()
    assert path.read_bytes() == b"body"
    assert not caplog.records


def test_the_log_of_the_database_does_not_grow_without_end(tmp_path: Path, store: ObjectStore) -> None:
    for number in range(1000):
        store.save_object("1", "bucket", f"key-{number % 10}", {"metadata": "x" * 4096})
        if number % 50 == 0:
            store.settle()
    assert (tmp_path / "objects.sqlite3-wal").stat().st_size < 6 * 2**20
    assert len(ObjectStore(tmp_path).keys("1", "bucket")) == 10


def test_what_is_kept_of_a_body_in_memory_is_little_whatever_its_path(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "a" / "long" / "way" / "down")
    bodies = [store.write(b"body")]
    tracemalloc.start()
    bodies += [store.write(b"body") for _ in range(200)]
    assert b"".join(each.read() for each in bodies) == b"body" * 201
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown / 200 < 500
