"""Records: put, got and deleted, by event time, with a time to live, of the types that their features have."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.features.group import Group
from sagecraft_emulator.features.online.runtime import FeatureStoreRuntime, not_found
from sagecraft_emulator.features.records import PendingFile, Records
from sagecraft_emulator.features.request import body_of
from sagecraft_emulator.state.store import Record, RecordKey

from .groups import DEFINITIONS, offline, record, request

CALLER = Caller("000000000000", "us-east-1")
PATH = "/FeatureGroup/passengers"


class Plane:
    """The data plane of one group."""

    def __init__(self, directory: Path, **members: Any) -> None:
        asked = {name: value for name, value in request(**members).items() if value is not None}
        body = json.dumps({**asked, **body_of(CALLER, asked)})
        arn, key = CALLER.arn("feature-group", "passengers"), RecordKey("FeatureGroup", *CALLER, "passengers")
        self.group = Group(Record(key, arn, "Created", body, 0.0, 0.0))
        self.records = Records(directory / "features.sqlite3")
        self.service = FeatureStoreRuntime(self.records, self._find).service

    def _find(self, caller: Caller, name: str) -> Group:
        assert caller == CALLER
        if name not in {"passengers", self.group.record.arn}:
            raise not_found(name)
        return self.group

    def ask(self, method: str, path: str = PATH, body: Any = None, **query: Any) -> tuple[int, dict[str, Any]]:
        listed = {name: [value] if isinstance(value, str) else value for name, value in query.items()}
        call = self.service.find(method, path, listed, b"" if body is None else json.dumps(body).encode())
        assert call is not None
        answer = self.service.handle(call, CALLER)
        return answer.status, json.loads(answer.body or b"{}")

    def put(self, members: dict[str, Any] | None = None, **values: Any) -> tuple[int, dict[str, Any]]:
        return self.ask("PUT", body={"Record": record(**values), **(members or {})})

    def get(self, identifier: str = "1", **query: Any) -> dict[str, Any]:
        status, answer = self.ask("GET", RecordIdentifierValueAsString=identifier, **query)
        assert status == 200, answer
        return answer

    def delete(self, at: str, **query: Any) -> tuple[int, dict[str, Any]]:
        return self.ask("DELETE", RecordIdentifierValueAsString="1", EventTime=at, **query)

    def values(self, identifier: str = "1") -> dict[str, str]:
        return {each["FeatureName"]: each["ValueAsString"] for each in self.get(identifier).get("Record", [])}

    def pending(self) -> list[tuple[float, bool, dict[str, Any]]]:
        """What goes to the offline store: event time, whether it was deleted, the values."""
        found: list[tuple[float, bool, dict[str, Any]]] = []
        for count in range(100):
            file: PendingFile | None = self.records.next_file(lambda _, each=count: f"file-{each}", 1000, 1 << 20)  # type: ignore[misc]
            if file is None:
                return found
            found += [(event, deleted, json.loads(text)) for event, _, deleted, text in file.records]
            self.records.written(file)
        raise AssertionError(found)


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    """Of a group with both stores."""
    made = Plane(tmp_path, **offline("bucket"))
    yield made
    made.records.close()


def test_a_record_is_put_and_got(plane: Plane) -> None:
    assert plane.put(id="1", at="100", age="30", fare="7.25") == (200, {})
    assert plane.get() == {"Record": record(id="1", at="100", age="30", fare="7.25")}
    assert plane.get(FeatureName=["fare", "id"]) == {"Record": record(fare="7.25", id="1")}
    assert plane.get("2") == {}


def test_a_group_is_named_by_its_arn(plane: Plane) -> None:
    path = f"/FeatureGroup/{plane.group.record.arn}"
    assert plane.ask("PUT", path, {"Record": record(id="1", at="100")}) == (200, {})
    assert plane.ask("GET", path, RecordIdentifierValueAsString="1")[1] == {"Record": record(id="1", at="100")}


@pytest.mark.parametrize(("at", "shown"), [("99", "30"), ("100", "30"), ("100.5", "31")])
def test_what_is_not_newer_goes_to_the_offline_store_alone(plane: Plane, at: str, shown: str) -> None:
    plane.put(id="1", at="100", age="30")
    assert plane.put(id="1", at=at, age="31") == (200, {})
    assert plane.values()["age"] == shown
    assert sorted(event for event, *_ in plane.pending()) == sorted([100.0, float(at)])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"at": "1", "age": "3"}, "no value of its record identifier feature 'id'"),
        ({"id": "1", "age": "3"}, "no value of its event time feature 'at'"),
        ({"id": "1", "at": "soon"}, "'at' has FeatureType Fractional, and its value 'soon' is none"),
        ({"id": "1", "at": "-5"}, "EventTime '-5' of feature 'at' must be seconds since 1970"),
        ({"id": "1", "at": "1", "age": "3.5"}, "'age' has FeatureType Integral, and its value '3.5' is none"),
        ({"id": "1", "at": "1", "age": str(2**63)}, "'age' has FeatureType Integral"),
        ({"id": "1", "at": "1", "fare": "nan"}, "'fare' has FeatureType Fractional"),
        ({"id": "1", "at": "1", "fare": "1_0"}, "'fare' has FeatureType Fractional"),
        ({"id": "1", "at": "1", "deck": "B"}, "Feature 'deck' is not defined in FeatureGroup 'passengers'"),
        ({"id": "1", "at": "1", "age": ["3"]}, "'age' is a single value: give ValueAsString for it"),
    ],
)
def test_a_wrong_record_is_refused_and_nothing_is_kept(plane: Plane, values: dict[str, Any], said: str) -> None:
    status, answer = plane.put(**values)
    assert status == 400
    assert said in answer["Message"]
    assert plane.get() == {}
    assert plane.pending() == []


def test_a_feature_that_comes_twice_is_refused(plane: Plane) -> None:
    status, answer = plane.ask("PUT", body={"Record": record(id="1", at="1") + record(at="2")})
    assert (status, "Feature 'at' is there more than once." in answer["Message"]) == (400, True)


def test_errors_have_codes_and_statuses(plane: Plane) -> None:
    call = plane.service.find("GET", "/FeatureGroup/other", {"RecordIdentifierValueAsString": ["1"]}, b"")
    assert call is not None
    missing = plane.service.handle(call, CALLER)
    assert (missing.status, missing.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFound")
    wrong = plane.service.find("PUT", PATH, {}, b"[")
    assert wrong is not None
    assert plane.service.handle(wrong, CALLER).headers["x-amzn-ErrorType"] == "SerializationException"
    bare = plane.service.find("PUT", PATH, {}, b"{}")
    assert bare is not None
    told = plane.service.handle(bare, CALLER)
    assert (told.status, told.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert "Value null at 'record'" in told.body.decode()


def test_what_is_not_done_is_refused_by_name(plane: Plane) -> None:
    asked = {"RecordIdentifierValueAsString": "1", "Features": record(age="3")}
    status, answer = plane.ask("POST", f"{PATH}/Record", asked)
    assert status == 501
    assert "'UpdateRecord'" in answer["Message"]


def test_event_times_as_text(tmp_path: Path) -> None:
    definitions = [{**DEFINITIONS[1], "FeatureType": "String"}, *DEFINITIONS[:1], *DEFINITIONS[2:]]
    plane = Plane(tmp_path, FeatureDefinitions=definitions, **offline("bucket"))
    for good in ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.250Z"):
        assert plane.put(id="1", at=good) == (200, {})
    for wrong in ("2026-01-31T12:00:00", "2026-01-31", "2026-01-31T12:00:00+01:00", "2026-13-31T12:00:00Z", "5"):
        status, answer = plane.put(id="2", at=wrong)
        assert (status, f"EventTime '{wrong}' of feature 'at' must be ISO 8601" in answer["Message"]) == (400, True)
    assert plane.values()["at"] == "2026-01-31T12:00:00.250Z"
    assert [event % 1 for event, *_ in plane.pending()] == [0, 0.25]
    plane.records.close()


def test_a_soft_deletion_hides_what_is_older(plane: Plane) -> None:
    plane.put(id="1", at="100", age="30")
    assert plane.delete("99") == (200, {})
    assert plane.values()["age"] == "30"
    assert plane.delete("101") == (200, {})
    assert plane.get() == {}
    plane.put(id="1", at="100.5", age="31")
    assert plane.get() == {}
    plane.put(id="1", at="102", age="32")
    assert plane.values()["age"] == "32"
    deleted = [(event, values) for event, is_deleted, values in plane.pending() if is_deleted]
    assert deleted == [(99.0, {"id": "1", "at": "99"}), (101.0, {"id": "1", "at": "101"})]


def test_a_hard_deletion_leaves_nothing_and_must_be_later(plane: Plane) -> None:
    plane.put(id="1", at="100", age="30")
    status, answer = plane.delete("100", DeletionMode="HardDelete")
    assert (status, "EventTime '100' is not later" in answer["Message"]) == (400, True)
    assert plane.values()["age"] == "30"
    assert plane.delete("101", DeletionMode="HardDelete") == (200, {})
    plane.put(id="1", at="50", age="20")
    assert plane.values()["age"] == "20"
    assert [is_deleted for _, is_deleted, _ in plane.pending()] == [False, True, False]


def test_a_record_goes_to_the_stores_that_it_is_meant_for(plane: Plane) -> None:
    plane.put({"TargetStores": ["OnlineStore"]}, id="1", at="100")
    assert plane.pending() == []
    plane.put({"TargetStores": ["OfflineStore"]}, id="2", at="100")
    assert plane.get("2") == {}
    assert [values["id"] for *_, values in plane.pending()] == ["2"]


def test_a_store_that_the_group_has_not_is_refused(tmp_path: Path) -> None:
    plane = Plane(tmp_path)
    status, answer = plane.put({"TargetStores": ["OfflineStore"]}, id="1", at="100")
    assert (status, "TargetStores has OfflineStore" in answer["Message"]) == (400, True)
    assert plane.put(id="1", at="100") == (200, {})
    assert plane.pending() == []
    plane.records.close()


def test_a_group_without_an_online_store_has_no_records_to_get(tmp_path: Path) -> None:
    plane = Plane(tmp_path, OnlineStoreConfig=None, **offline("bucket"))
    assert plane.put(id="1", at="100") == (200, {})
    status, answer = plane.ask("GET", RecordIdentifierValueAsString="1")
    assert (status, "has no OnlineStore" in answer["Message"]) == (400, True)
    assert len(plane.pending()) == 1
    plane.records.close()


def test_records_expire_by_their_group_or_by_themselves(tmp_path: Path) -> None:
    config = {"EnableOnlineStore": True, "TtlDuration": {"Unit": "Hours", "Value": 1}}
    plane = Plane(tmp_path, OnlineStoreConfig=config, **offline("bucket"))
    plane.put(id="1", at="100")
    assert plane.get() == {}
    plane.put({"TtlDuration": {"Unit": "Weeks", "Value": 100_000}}, id="1", at="60")
    assert plane.get(ExpirationTimeResponse="Enabled")["ExpiresAt"] == "3886-07-15T00:01:00.000Z"
    assert "ExpiresAt" not in plane.get()
    now = time.time()
    plane.put(id="2", at=f"{now - 3599:.3f}")
    assert plane.values("2")
    plane.records.expire(now + 2)
    assert plane.get("2") == {}
    assert len(plane.pending()) == 3
    plane.records.close()


def test_what_has_expired_is_replaced_by_what_is_older(plane: Plane) -> None:
    soon = time.time() + 0.2
    plane.put({"TtlDuration": {"Unit": "Seconds", "Value": 1}}, id="1", at=str(soon - 1))
    while plane.get():
        time.sleep(0.02)
    plane.put(id="1", at="5", age="9")
    assert plane.values()["age"] == "9"


def test_features_that_are_not_defined_are_not_asked_for(plane: Plane) -> None:
    status, answer = plane.ask("GET", RecordIdentifierValueAsString="1", FeatureName=["age", "deck"])
    assert (status, "FeatureNames has deck" in answer["Message"]) == (400, True)


def test_a_batch_is_got(plane: Plane) -> None:
    plane.put(id="1", at="100", age="30")
    plane.put(id="2", at="100", age="40")
    asked = [
        {"FeatureGroupName": "passengers", "RecordIdentifiersValueAsString": ["2", "3", "1"], "FeatureNames": ["age"]},
        {"FeatureGroupName": "other", "RecordIdentifiersValueAsString": ["1"]},
    ]
    status, answer = plane.ask("POST", "/BatchGetRecord", {"Identifiers": asked})
    assert status == 200
    named = {"FeatureGroupName": "passengers"}
    assert answer["Records"] == [
        {**named, "RecordIdentifierValueAsString": "2", "Record": record(age="40")},
        {**named, "RecordIdentifierValueAsString": "1", "Record": record(age="30")},
    ]
    (error,) = answer["Errors"]
    assert (error["FeatureGroupName"], error["ErrorCode"]) == ("other", "ResourceNotFound")
    assert answer["UnprocessedIdentifiers"] == []


def test_a_batch_is_written_but_for_what_is_wrong(plane: Plane) -> None:
    entries = [{"FeatureGroupName": "passengers", "Record": record(id=each, at="1")} for each in ("1", "2")]
    wrong = {"FeatureGroupName": "passengers", "Record": record(id="3")}
    status, answer = plane.ask("POST", "/BatchWriteRecord", {"Entries": [*entries, wrong]})
    assert status == 200
    (error,) = answer["Errors"]
    assert (error["Entry"], error["ErrorCode"]) == (wrong, "ValidationError")
    assert [plane.values(each)["id"] for each in ("1", "2")] == ["1", "2"]


def test_identifiers_are_listed_in_pages(plane: Plane) -> None:
    for each in "abcd":
        plane.put(id=each, at="1")
    plane.ask("DELETE", RecordIdentifierValueAsString="b", EventTime="2")
    path = f"{PATH}/ListRecords"
    first = plane.ask("POST", path, {"MaxResults": 2})[1]
    assert first == {"RecordIdentifiers": ["a", "c"], "NextToken": "c"}
    assert plane.ask("POST", path, {"NextToken": "c"})[1] == {"RecordIdentifiers": ["d"]}
    deleted = plane.ask("POST", path, {"IncludeSoftDeletedRecords": True})[1]
    assert deleted["RecordIdentifiers"] == ["a", "b", "c", "d"]


def test_collections(tmp_path: Path) -> None:
    vector = {"CollectionType": "Vector", "CollectionConfig": {"VectorConfig": {"Dimension": 2}}}
    definitions = [
        *DEFINITIONS,
        {"FeatureName": "words", "FeatureType": "String", "CollectionType": "Set"},
        {"FeatureName": "place", "FeatureType": "Fractional", **vector},
    ]
    config = {"EnableOnlineStore": True, "StorageType": "InMemory"}
    plane = Plane(tmp_path, FeatureDefinitions=definitions, OnlineStoreConfig=config)
    good = record(id="1", at="1", words=["a", "b"], place=["1.5", "2"])
    assert plane.ask("PUT", body={"Record": good}) == (200, {})
    assert plane.get() == {"Record": good}
    for values, said in (
        ({"words": ["a", "a"]}, "'words' is a Set, and has a value more than once"),
        ({"place": ["1"]}, "'place' is a Vector of 2 values, got 1"),
        ({"place": ["1", "x"]}, "its value 'x' is none of that type"),
        ({"words": "a"}, "'words' is a Set: give ValueAsStringList for it"),
    ):
        status, answer = plane.put(id="1", at="2", **values)
        assert (status, said in answer["Message"]) == (400, True), answer
    plane.records.close()


def test_records_outlive_the_process_that_kept_them(plane: Plane, tmp_path: Path) -> None:
    plane.put(id="1", at="100", age="30")
    again = Records(tmp_path / "features.sqlite3")  # while the first has it open, as after a SIGKILL
    found = again.get("000000000000/us-east-1/passengers", "1", 0)
    assert found is not None
    assert json.loads(found.features)["age"] == "30"
    first = again.next_file(lambda latest: f"at-{latest:.0f}", 10, 1000)
    second = plane.records.next_file(lambda latest: f"other-{latest:.0f}", 10, 1000)
    assert first is not None
    assert (first.name, first) == ("at-100", second)
    again.close()


def test_a_file_has_records_of_one_hour_and_not_too_many(plane: Plane) -> None:
    for at in (100, 4000, 200, 300):
        plane.put(id="1", at=str(at))
    sizes = []
    while (file := plane.records.next_file(lambda latest: f"at-{latest:.0f}", 2, 1 << 20)) is not None:
        sizes.append((file.name, file.hour, len(file.records)))
        plane.records.written(file)
    assert sizes == [("at-200", 0, 2), ("at-4000", 1, 1), ("at-300", 0, 1)]


def test_a_group_that_goes_takes_its_records_along(plane: Plane) -> None:
    plane.put(id="1", at="100", age="30")
    owner = "000000000000/us-east-1/passengers"
    assert plane.records.size(owner) > 0
    plane.records.forget(owner)
    assert plane.get() == {}
    assert plane.records.size(owner) == 0
    assert len(plane.pending()) == 1
