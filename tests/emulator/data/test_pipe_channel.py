import gzip
import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.data.channel import Channel
from sagecraft_emulator.data.pipe_channel import PipeChannel
from sagecraft_emulator.data.record_io import MAX_RECORD_BYTES, wrap
from sagecraft_emulator.data.storage import StorageError

from tests.emulator.world import World, wait_until


def channel(uri: str, source: dict[str, Any] | None = None, **members: Any) -> Channel:
    data_source = {"S3DataType": "S3Prefix", "S3Uri": uri, **(source or {})}
    described = {"ChannelName": "train", "DataSource": {"S3DataSource": data_source}, **members}
    return Channel.of(described, "Pipe")


@contextmanager
def pipes(world: World, described: Channel, directory: Path, index: int = 0, count: int = 1) -> Iterator[PipeChannel]:
    directory.mkdir(exist_ok=True)
    pipe = PipeChannel(world.s3, described.records(world.s3), index, count, directory)
    try:
        yield pipe
    finally:
        pipe.close()


def records(stream: bytes) -> list[bytes]:
    """The records of a RecordIO stream."""
    found = []
    while stream:
        magic, size = struct.unpack_from("<II", stream)
        assert magic == 0xCED7230A
        found.append(stream[8 : 8 + size])
        stream = stream[8 + (size + 3) // 4 * 4 :]
    return found


def test_each_epoch_flows_once_through_a_fifo_of_its_own(world: World, tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        world.put(f"data/{name}", name.encode() * 100_000)
    whole = b"a" * 100_000 + b"b" * 100_000 + b"c" * 100_000
    with pipes(world, channel(f"s3://{world.bucket}/data/"), tmp_path / "data"):
        for epoch in range(3):
            assert (tmp_path / "data" / f"train_{epoch}").read_bytes() == whole
            assert (tmp_path / "data" / f"train_{epoch + 1}").is_fifo()
        wait_until(lambda: not (tmp_path / "data" / "train_2").exists())


def test_a_program_that_reads_only_the_beginning_of_an_epoch_gets_the_next_one_whole(
    world: World, tmp_path: Path
) -> None:
    uri = world.put("data/a", b"x" * 1_000_000)
    with pipes(world, channel(uri), tmp_path / "data"):
        with (tmp_path / "data" / "train_0").open("rb") as fifo:
            assert fifo.read(10) == b"x" * 10
        assert len((tmp_path / "data" / "train_1").read_bytes()) == 1_000_000


def test_a_fifo_that_nobody_opens_ends_when_it_is_closed(world: World, tmp_path: Path) -> None:
    with pipes(world, channel(world.put("data/a", b"1")), tmp_path / "data") as pipe:
        assert pipe.error is None


def test_objects_are_wrapped_as_records_and_gzip_is_undone(world: World, tmp_path: Path) -> None:
    world.put("data/a", gzip.compress(b"one") + gzip.compress(b" and a half"))
    world.put("data/b", gzip.compress(b""))
    uri = f"s3://{world.bucket}/data/"
    described = channel(uri, CompressionType="Gzip", RecordWrapperType="RecordIO")
    with pipes(world, described, tmp_path / "wrapped"):
        assert records((tmp_path / "wrapped" / "train_0").read_bytes()) == [b"one and a half", b""]
    with pipes(world, channel(uri, CompressionType="Gzip"), tmp_path / "plain"):
        assert (tmp_path / "plain" / "train_0").read_bytes() == b"one and a half"


def test_each_attribute_of_a_line_is_a_record(world: World, tmp_path: Path) -> None:
    lines = [{"source-ref": world.put(f"images/{name}", name.encode()), "class": name == "a"} for name in ("a", "b")]
    uri = world.put("augmented.manifest", "\n".join(map(json.dumps, lines)).encode())
    source = {"S3DataType": "AugmentedManifestFile", "AttributeNames": ["source-ref", "class"]}
    with pipes(world, channel(uri, source, RecordWrapperType="RecordIO"), tmp_path / "data"):
        assert records((tmp_path / "data" / "train_0").read_bytes()) == [b"a", b"true", b"b", b"false"]


def test_a_seed_gives_each_epoch_another_order_and_each_run_the_same(world: World, tmp_path: Path) -> None:
    for number in range(10):
        world.put(f"data/{number}", str(number).encode())
    described = channel(f"s3://{world.bucket}/data/", ShuffleConfig={"Seed": 7})
    runs = []
    for run in ("first", "second"):
        with pipes(world, described, tmp_path / run):
            runs.append([(tmp_path / run / f"train_{epoch}").read_bytes() for epoch in range(3)])
    assert runs[0] == runs[1]
    assert len({b"0123456789", *runs[0]}) == 4
    assert {bytes(sorted(epoch)) for epoch in runs[0]} == {b"0123456789"}


def test_shuffled_shards_are_others_in_each_epoch_and_together_all_objects(world: World) -> None:
    for number in range(10):
        world.put(f"data/{number}", b"")
    source = {"S3DataDistributionType": "ShardedByS3Key"}
    found = channel(f"s3://{world.bucket}/data/", source, ShuffleConfig={"Seed": 1}).records(world.s3)
    epochs = [[set(found.of_host(host, 2, epoch)) for host in range(2)] for epoch in range(3)]
    assert len({frozenset(hosts[0]) for hosts in epochs}) == 3
    for first, second in epochs:
        assert first | second == set(found.members)
        assert not first & second


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b"plain", "channel 'train': 's3://{bucket}/data/a' is not a gzip file, but CompressionType is Gzip: "),
        (
            gzip.compress(b"cut off", mtime=0)[:-4],
            "channel 'train': 's3://{bucket}/data/a' is not a whole gzip file, but CompressionType is Gzip",
        ),
    ],
)
def test_what_cannot_be_fed_is_told(world: World, tmp_path: Path, body: bytes, wrong: str) -> None:
    with pipes(world, channel(world.put("data/a", body), CompressionType="Gzip"), tmp_path / "data") as pipe:
        (tmp_path / "data" / "train_0").read_bytes()
        wait_until(lambda: pipe.error is not None)
        assert str(pipe.error).startswith(wrong.format(bucket=world.bucket))


def test_an_object_that_is_gone_when_its_turn_comes_is_told(world: World, tmp_path: Path) -> None:
    with pipes(world, channel(world.put("data/a", b"1")), tmp_path / "data") as pipe:
        world.s3.delete_object(Bucket=world.bucket, Key="data/a")
        (tmp_path / "data" / "train_0").read_bytes()
        wait_until(lambda: pipe.error is not None)
        assert str(pipe.error).startswith(f"channel 'train': Cannot read 's3://{world.bucket}/data/a'")


def test_an_object_that_is_too_long_for_a_record_is_refused() -> None:
    with pytest.raises(StorageError, match="An object of 536870912 bytes cannot be wrapped as RecordIO"):
        list(wrap(MAX_RECORD_BYTES + 1, []))
