"""The objects of a bucket as the host sees them: a dictionary, of which little is in memory."""

import json
import sqlite3
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.hosts.ministack.objects.index import AT_HAND, Buckets, ObjectIndex
from sagecraft_emulator.hosts.ministack.objects.store import ObjectStore

PLACE = ("1", "bucket")


class Keys:
    """A bucket, and what the host does with it."""

    def __init__(self, directory: Path) -> None:
        self.store = ObjectStore(directory)
        self.index = ObjectIndex(self.store)
        self.buckets = Buckets(self.index, {PLACE: {"objects": {}}})

    @property
    def objects(self) -> Any:
        return self.buckets[PLACE]["objects"]

    def put(self, key: str, **members: Any) -> None:
        self.objects[key] = record = {"key": key, **members}
        self.save(key, record)

    def save(self, key: str, record: dict[str, Any] | None) -> None:
        self.store.save_object(*PLACE, key, record)
        self.index.saved((*PLACE, key), record)

    def fill(self) -> None:
        for number in range(AT_HAND + 1):
            self.put(f"other-{number}")


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path)


def test_a_listed_key_needs_no_look_at_the_store(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    body = keys.store.write(b"1")
    keys.put("of the store", body=body)
    keys.fill()
    keys.put("at hand")
    keys.objects["at hand"]["note"] = "not said to be saved"
    keys.objects["not saved"] = {"key": "not saved"}
    listed = keys.objects.listed(["at hand", "deleted since", "not saved", "of the store"])
    assert listed == ["at hand", "deleted since", "not saved", "of the store"]
    monkeypatch.setattr(keys.store, "object", lambda *_: None)
    assert keys.objects[listed[0]] == {"key": "at hand", "note": "not said to be saved"}
    assert keys.objects[listed[2]] == {"key": "not saved"}
    assert keys.objects[listed[3]]["key"] == "of the store"
    with pytest.raises(KeyError):
        keys.objects[listed[1]]


def test_objects_are_a_dictionary_in_the_order_of_their_keys(keys: Keys) -> None:
    for key in ("b", "é", "a/1", "\U0001f600", "\uffff"):
        keys.put(key)
    assert list(keys.objects) == sorted(["b", "é", "a/1", "\U0001f600", "\uffff"])
    assert keys.objects["b"] == {"key": "b"}
    assert "b" in keys.objects
    assert len(keys.objects) == 5
    assert keys.objects.get("c") is None
    assert "c" not in keys.objects
    with pytest.raises(KeyError):
        keys.objects["c"]
    assert keys.objects.pop("b") == {"key": "b"}
    assert keys.objects.pop("b", None) is None
    keys.save("b", None)
    assert list(keys.objects) == sorted(["é", "a/1", "\U0001f600", "\uffff"])


def test_what_is_not_saved_yet_is_seen(keys: Keys) -> None:
    keys.put("saved")
    keys.put("deleted")
    keys.objects["begun"] = {"key": "begun"}
    del keys.objects["deleted"]
    assert list(keys.objects) == ["begun", "saved"]
    assert keys.objects.keys_between("b", "d", 1) == ["begun"]
    assert "deleted" not in keys.objects
    assert bool(keys.objects)
    keys.objects.pop("saved")
    keys.objects.pop("begun")
    assert not keys.objects


def test_what_the_host_writes_into_an_object_is_not_lost_with_its_place_in_memory(keys: Keys, tmp_path: Path) -> None:
    keys.put("key")
    record = keys.objects["key"]
    record["restore"] = {"days": 3}
    assert keys.objects["key"] is record
    keys.fill()
    assert keys.objects["key"] is not record
    assert keys.objects["key"] == {"key": "key", "restore": {"days": 3}}
    assert ObjectIndex(ObjectStore(tmp_path)).get((*PLACE, "key")) == record


def test_an_object_takes_no_memory_when_others_were_used(keys: Keys) -> None:
    keys.fill()
    tracemalloc.start()
    for number in range(1000):
        keys.put(f"many-{number}", metadata={"text": f"{number}" * 100})
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 1000 * 400


def test_a_bucket_of_the_name_of_a_deleted_one_is_empty(keys: Keys) -> None:
    keys.put("key")
    assert keys.buckets.pop(PLACE)["objects"] is not None
    assert keys.buckets.pop(PLACE, None) is None
    assert keys.buckets.setdefault(PLACE, {"objects": {}})["objects"] == {}
    assert keys.store.keys(*PLACE) == []


def test_buckets_are_apart(keys: Keys) -> None:
    others: dict[tuple[str, str], dict[str, Any]] = {
        ("1", "bucket2"): {"objects": {"key": {"of": 2}}},
        ("2", "bucket"): {"objects": {}},
    }
    for place, bucket in others.items():
        keys.buckets[place] = bucket
    keys.put("key")
    assert keys.buckets["1", "bucket2"]["objects"] == {"key": {"of": 2}}
    assert keys.buckets["2", "bucket"]["objects"] == {}
    assert list(keys.store.buckets()) == [PLACE]


def test_rows_of_an_earlier_emulator_are_taken_over(tmp_path: Path) -> None:
    ObjectStore(tmp_path)
    versions = [{"version_id": "v", "is_delete_marker": True}]
    rows = {
        "plain": {"current": {"size": 1}, "versions": [], "_object_tags": {}},
        "tagged": {"current": {"size": 2}, "versions": [], "_object_tags": {"null": {"a": "b"}}},
        "deleted": {"current": None, "versions": versions, "_object_tags": {}},
    }
    with sqlite3.connect(tmp_path / "objects.sqlite3") as database:
        database.execute("PRAGMA user_version = 0")
        for key, state in rows.items():
            database.execute("INSERT INTO object VALUES (?, ?, ?, ?)", (*PLACE, key, json.dumps(state)))
    store = ObjectStore(tmp_path)
    index = ObjectIndex(store)
    assert [index.get((*PLACE, key)) for key in rows] == [{"size": 1}, {"size": 2}, None]
    assert list(store.histories()) == [
        (*PLACE, "deleted", {"versions": versions, "_object_tags": {}}),
        (*PLACE, "tagged", {"versions": [], "_object_tags": {"null": {"a": "b"}}}),
    ]
