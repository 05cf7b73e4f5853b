"""Records, their transitions, tags and images, also across a kill."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import InvalidTransition, RecordExists, RecordMissing
from sagecraft_emulator.state.store import READ_AT_ONCE, Record, RecordKey, Store

KEY = RecordKey("TrainingJob", "000000000000", "us-east-1", "job")
ARN = "arn:aws:sagemaker:us-east-1:000000000000:training-job/job"
WRITER = """
import sys
from pathlib import Path
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.state.store import Record, RecordKey, Store

store = Store(Path(sys.argv[1]), NOUNS.states)
number = 0
while True:
    key = RecordKey("Model", "000000000000", "us-east-1", f"model-{number}")
    store.create(key, arn=f"arn:{number}", status=None, body={"Filler": "x" * 20_000}, tags={"number": str(number)})
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "sagemaker.sqlite3"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    opened = Store(database, NOUNS.states)
    yield opened
    opened.close()


def create(store: Store, key: RecordKey = KEY, status: str | None = "InProgress") -> None:
    store.create(key, arn=ARN.replace("/job", f"/{key.name}"), status=status, body={"Answer": 42})


def test_names_may_be_alike_in_upper_and_lower_case(store: Store) -> None:
    upper = KEY._replace(name="Job")
    create(store, upper)
    with pytest.raises(RecordMissing):
        store.get(KEY)
    assert store.get(KEY, alike=True).key == upper
    with pytest.raises(RecordExists):
        store.create(KEY, arn=ARN, status="InProgress", body={}, alike=True)
    create(store)
    assert (store.get(KEY, alike=True).key, store.get(upper, alike=True).key) == (KEY, upper)
    with pytest.raises(RecordMissing):
        store.get(KEY._replace(account="111111111111"), alike=True)


def test_a_record_is_read_as_it_was_written(store: Store, database: Path) -> None:
    create(store)
    store.update(KEY, body={"Answer": 43, "_Process": {"pid": 1}})
    again = Store(database, NOUNS.states)
    record = again.get(KEY)
    assert (record.key, record.arn, record.status) == (KEY, ARN, "InProgress")
    assert record.body == {"Answer": 43, "_Process": {"pid": 1}}
    assert record.modified > record.created
    assert again.find_arn(ARN) == record
    again.close()


def test_a_member_that_is_set_to_none_is_removed(store: Store) -> None:
    create(store)
    store.update(KEY, body={"Answer": None, "Empty": ""})
    assert store.get(KEY).body == {"Empty": ""}


def test_a_taken_name_is_refused_and_the_record_stays(store: Store) -> None:
    create(store)
    with pytest.raises(RecordExists, match="TrainingJob 'job' exists"):
        store.create(KEY, arn="arn:other", status="InProgress", body={}, tags={"a": "b"})
    assert store.get(KEY).body == {"Answer": 42}
    assert store.tags("arn:other") == {}


def test_the_same_name_in_another_region_account_or_kind_is_another_record(store: Store) -> None:
    create(store)
    others = [KEY._replace(region="eu-west-1"), KEY._replace(account="111111111111"), KEY._replace(kind="Endpoint")]
    for key, status in zip(others, ["InProgress", "InProgress", "Creating"], strict=True):
        create(store, key, status)
    assert [record.key for record in store.find("TrainingJob", "000000000000", "us-east-1")] == [KEY]
    assert len(store.find("TrainingJob")) == 3
    assert store.find("TrainingJob", statuses={"Completed"}) == []


def test_what_is_not_there_is_named(store: Store) -> None:
    for act in (store.get, store.update, store.delete):
        with pytest.raises(RecordMissing, match="TrainingJob 'job' does not exist"):
            act(KEY)
    with pytest.raises(RecordMissing, match="nothing has the ARN 'arn:none'"):
        store.find_arn("arn:none")


def test_a_status_that_cannot_follow_changes_nothing(store: Store) -> None:
    create(store)
    store.update(KEY, status="Completed")
    with pytest.raises(InvalidTransition, match="'InProgress' cannot follow 'Completed'; allowed: nothing"):
        store.update(KEY, status="InProgress", body={"Answer": 0})
    record = store.get(KEY)
    assert (record.status, record.body) == ("Completed", {"Answer": 42})


def test_a_change_can_ask_for_the_status_that_it_was_decided_on(store: Store) -> None:
    create(store)
    store.update(KEY, status="Stopping", present_status="InProgress")
    with pytest.raises(InvalidTransition, match="'job' is 'Stopping', no longer 'InProgress'"):
        store.update(KEY, status="Stopping", present_status="InProgress")


def test_a_record_cannot_begin_in_the_middle(store: Store) -> None:
    with pytest.raises(InvalidTransition, match="'Completed' cannot follow 'None'; allowed: InProgress"):
        create(store, status="Completed")


def test_every_status_that_may_follow_is_one_of_the_kind() -> None:
    for kind, states in NOUNS.states.items():
        for following in states.following.values():
            assert states.all.issuperset(following), kind
    assert NOUNS.states["TrainingJob"].final == {"Completed", "Failed", "Stopped"}


def test_tags_go_with_their_record(store: Store) -> None:
    store.create(KEY, arn=ARN, status="InProgress", body={}, tags={"a": "1"})
    store.set_tags(ARN, {"a": "2", "b": "3"})
    assert store.tags(ARN) == {"a": "2", "b": "3"}
    store.remove_tags(ARN, ["a", "none"])
    assert store.tags(ARN) == {"b": "3"}
    store.delete(KEY)
    assert store.tags(ARN) == {}


def test_images_are_registered_replaced_and_forgotten(store: Store) -> None:
    store.set_image("image:1", {"train": ["a"]})
    store.set_image("image:1", {"train": ["b"]})
    assert store.images() == {"image:1": {"train": ["b"]}}
    assert store.remove_image("image:1")
    assert not store.remove_image("image:1")


def test_threads_that_write_at_once_lose_nothing(store: Store) -> None:
    create(store)

    def write(thread: int) -> None:
        for number in range(25):
            store.update(KEY, body={f"{thread}-{number}": number})

    threads = [Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.get(KEY).body) == 1 + 8 * 25


def test_records_are_read_a_few_at_a_time_and_each_once_whatever_comes_and_goes_meanwhile(store: Store) -> None:
    keys = [
        KEY._replace(account=f"{number % 3:012}", name=f"job-{number:04}") for number in range(2 * READ_AT_ONCE + 7)
    ]
    for key in keys:
        store.create(key, arn=key.name, status="InProgress", body={})
    store.update(keys[4], status="Completed")
    reading = store.each("TrainingJob")
    first = next(reading).key
    assert first == keys[0]
    store.delete(first)
    store.create(first, arn="again", status="InProgress", body={})
    assert sorted([first, *(record.key for record in reading)]) == sorted(keys)
    assert [record.key for record in store.find("TrainingJob")] == [*keys[1:], first]  # the oldest first
    running = store.each("TrainingJob", keys[4].account, statuses={"InProgress"})
    assert {record.key for record in running} == {key for key in keys if key.account == keys[4].account} - {keys[4]}


def test_a_change_may_be_made_of_what_is_there(store: Store) -> None:
    store.create(KEY, arn=ARN, status="InProgress", body={"Number": 1})
    for _ in range(2):
        store.update(KEY, body=lambda present: {"Number": 10 * present.body["Number"]})
    assert store.get(KEY).body == {"Number": 100}


def test_what_was_acknowledged_survives_a_kill_in_the_middle_of_writing(database: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(database)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [int(line) for line in writer.stdout]
    store = Store(database, NOUNS.states)
    records = {record.key.name: record for record in store.find("Model")}
    assert {f"model-{number}" for number in acknowledged} <= records.keys()
    for name, record in records.items():
        assert record.body == {"Filler": "x" * 20_000}
        assert store.tags(record.arn) == {"number": name.removeprefix("model-")}
    store.close()


def test_a_listener_is_told_each_change_of_a_status_and_nothing_else(store: Store) -> None:
    told: list[tuple[str | None, str | None, str | None]] = []

    def listen(before: Record | None, after: Record) -> None:
        told.append((None if before is None else before.status, after.status, after.body.get("SecondaryStatus")))

    store.on_change(listen)
    store.create(KEY, arn="arn", status="InProgress", body={"SecondaryStatus": "Starting"})
    store.update(KEY, body={"SecondaryStatus": "Training"})
    store.update(KEY, body={"Other": 1})
    store.update(KEY, status="Completed")
    with pytest.raises(InvalidTransition):
        store.update(KEY, status="InProgress")
    assert told == [
        (None, "InProgress", "Starting"),
        ("InProgress", "InProgress", "Training"),
        ("InProgress", "Completed", "Training"),
    ]


def test_listeners_are_told_changes_of_several_threads_in_their_order(store: Store) -> None:
    told: list[str | None] = []
    first, go_on = Event(), Event()

    def listen(before: Record | None, after: Record) -> None:
        told.append(after.status)
        if before is None:
            first.set()
            assert go_on.wait(10)

    store.on_change(listen)
    creating = Thread(target=lambda: store.create(KEY, arn="arn", status="InProgress", body={}))
    creating.start()
    assert first.wait(10)
    store.update(KEY, status="Stopping")
    store.update(KEY, status="Stopped")
    assert told == ["InProgress"]
    go_on.set()
    creating.join()
    assert told == ["InProgress", "Stopping", "Stopped"]


def test_a_listener_may_change_a_record(store: Store) -> None:
    told: list[str | None] = []

    def listen(_before: Record | None, after: Record) -> None:
        told.append(after.status)
        if after.status == "InProgress":
            store.update(KEY, status="Failed")

    store.on_change(listen)
    store.create(KEY, arn="arn", status="InProgress", body={})
    assert told == ["InProgress", "Failed"]


def test_a_listener_is_told_a_deletion_with_the_tags_that_there_were(store: Store) -> None:
    told: list[tuple[str, dict[str, str]]] = []
    store.on_delete(lambda record, tags: told.append((record.key.name, tags)))
    store.create(KEY, arn="arn", status="InProgress", body={}, tags={"team": "data"})
    store.delete(KEY)
    with pytest.raises(RecordMissing):
        store.delete(KEY)
    assert told == [("job", {"team": "data"})]
