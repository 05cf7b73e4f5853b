"""Channels as a training container finds them."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.data import storage
from sagecraft_emulator.state.store import Record

from tests.emulator.world import World

TELL_WHAT_IS_THERE = """
    import json
    from pathlib import Path
    data = Path("/opt/ml/input/data")
    seen = {str(path.relative_to(data)): path.read_text() for path in data.rglob("*") if path.is_file()}
    seen["config"] = json.loads(Path("/opt/ml/input/config/inputdataconfig.json").read_text())
    Path("/opt/ml/model/seen.json").write_text(json.dumps(seen))
"""
READ_TWO_EPOCHS = """
    import json
    from pathlib import Path
    data = Path("/opt/ml/input/data")
    seen = [(data / f"train_{epoch}").read_text() for epoch in range(2)]
    seen.append(sorted(path.name for path in data.iterdir() if not path.is_fifo()))
    Path("/opt/ml/model/seen.json").write_text(json.dumps(seen))
"""


def channel(uri: str, mode: str = "File", name: str = "train", **members: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, **members.pop("source", {})}
    return {"ChannelName": name, "InputMode": mode, "DataSource": {"S3DataSource": source}, **members}


def seen(world: World, record: Record) -> Any:
    assert record.status == "Completed", record.body.get("FailureReason")
    return json.loads(world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"])["seen.json"])


def test_files_come_from_prefixes_and_manifests_in_file_and_fast_file_mode(world: World) -> None:
    world.put("data/a.csv", b"1")
    world.put("data/deep/b.csv", b"2")
    prefix = f"s3://{world.bucket}/data/"
    manifest = world.put("manifest", json.dumps([{"prefix": prefix}, "deep/b.csv"]).encode())
    channels = [
        channel(prefix, "FastFile", name="fast"),
        channel(manifest, name="listed", source={"S3DataType": "ManifestFile"}),
        channel(f"https://s3-us-east-1.amazonaws.com/{world.bucket}/data/a.csv", name="web", ContentType="text/csv"),
    ]
    found = seen(world, world.run_job(TELL_WHAT_IS_THERE, InputDataConfig=channels))
    config = found.pop("config")
    assert found == {"fast/a.csv": "1", "fast/deep/b.csv": "2", "listed/deep/b.csv": "2", "web/a.csv": "1"}
    assert {name: each["TrainingInputMode"] for name, each in config.items()} == {
        "fast": "FastFile",
        "listed": "File",
        "web": "File",
    }


def test_a_pipe_gives_every_epoch_and_no_files(world: World) -> None:
    world.put("data/a.csv", b"1\n")
    world.put("data/b.csv", b"2\n")
    record = world.run_job(READ_TWO_EPOCHS, InputDataConfig=[channel(f"s3://{world.bucket}/data/", "Pipe")])
    assert seen(world, record) == ["1\n2\n", "1\n2\n", []]


def test_a_job_that_reads_nothing_of_its_pipe_ends(world: World) -> None:
    record = world.run_job("", InputDataConfig=[channel(world.put("data/a", b"1" * 1_000_000), "Pipe")])
    assert record.status == "Completed", record.body.get("FailureReason")


def test_a_pipe_without_objects_fails_the_job_before_it_trains(world: World) -> None:
    uri = f"s3://{world.bucket}/nothing/"
    record = world.run_job(READ_TWO_EPOCHS, InputDataConfig=[channel(uri, "Pipe")])
    assert record.body["FailureReason"].startswith(
        "ClientError: Data download failed: channel 'train': No S3 objects found under S3 URL "
        f'"{uri}" given in input data source'
    )
    assert [each["Status"] for each in record.body["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Failed",
    ]


def test_a_pipe_that_breaks_fails_the_job_also_when_the_program_takes_it_for_the_end(world: World) -> None:
    uri = world.put("data/a.gz", b"this is not gzip")
    program = "from pathlib import Path; Path('/opt/ml/input/data/train_0').read_bytes()"
    record = world.run_job(program, InputDataConfig=[channel(uri, "Pipe", CompressionType="Gzip")])
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith(
        f"ClientError: Data download failed: channel 'train': '{uri}' is not a gzip file"
    )


def test_a_malformed_manifest_fails_the_job_and_what_is_wrong_is_named(world: World) -> None:
    uri = world.put("manifest", b'["a.csv"]')
    record = world.run_job("", InputDataConfig=[channel(uri, source={"S3DataType": "ManifestFile"})])
    assert record.body["FailureReason"] == (
        f"ClientError: Data download failed: channel 'train': The manifest '{uri}' is malformed: its first element "
        'must be {"prefix": "s3://BUCKET/PREFIX"}, but is "a.csv".'
    )


def test_an_object_that_a_manifest_lists_and_that_there_is_not_is_named(world: World) -> None:
    uri = world.put("manifest", json.dumps([{"prefix": f"s3://{world.bucket}/"}, "gone.csv"]).encode())
    record = world.run_job("", InputDataConfig=[channel(uri, source={"S3DataType": "ManifestFile"})])
    assert record.body["FailureReason"].startswith(
        f"ClientError: Data download failed: channel 'train': Cannot read 's3://{world.bucket}/gone.csv'"
    )


def test_a_job_is_stopped_in_the_middle_of_its_download(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        world.put(f"data/{number}", b"")
    began, go_on, fetched = threading.Event(), threading.Event(), list[str]()

    def wait_first(s3: Any, uri: str, target: Path, *, gunzip: bool) -> None:
        fetched.append(uri)
        began.set()
        go_on.wait(30)

    monkeypatch.setattr(storage, "download", wait_first)
    image = world.register("", use="train")
    key = world.job(image, InputDataConfig=[channel(f"s3://{world.bucket}/data/")])
    assert began.wait(30)
    world.stop_job(key)
    go_on.set()
    record = world.end(key)
    assert record.status == "Stopped"
    assert len(fetched) <= storage.PARALLEL
    assert record.body["SecondaryStatus"] == "Stopped"
