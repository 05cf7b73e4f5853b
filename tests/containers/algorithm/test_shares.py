"""Several hosts: the first one trains with the data of all, the others end with it."""

import socket
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sagecraft_containers.algorithm import shares as module
from sagecraft_containers.algorithm.shares import shares
from sagecraft_containers.algorithm.sources import all_sources
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError

from tests.containers.serving_container import free_port
from tests.containers.training_job import TrainingJob

HOSTS = ("algo-1", "algo-2")


@pytest.fixture(autouse=True)
def port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PORT", free_port())
    monkeypatch.setattr(module, "resolve", lambda _host: "127.0.0.1")


def host(base: Path, name: str, files: Mapping[str, bytes], distribution: str) -> ContainerPaths:
    job = TrainingJob(base / name, "none", hosts=HOSTS, current_host=name)
    job.add_channel("train", files)
    job.channels["train"]["S3DistributionType"] = distribution
    job._write_configuration()
    return ContainerPaths(job.base)


@pytest.fixture(params=["ShardedByS3Key", "FullyReplicated"])
def distribution(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def others_end(tmp_path: Path, distribution: str) -> Iterator[threading.Event]:
    """Set when the other host may end."""
    ended = threading.Event()
    paths = host(tmp_path, "algo-2", {"part-1": b"b" * 3_000_000, "deep/part-3": b"d"}, distribution)

    def run() -> None:
        with shares(paths, channels(distribution)) as others:
            assert others is None
            ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    yield ended
    thread.join(timeout=30)
    assert ended.is_set()


def channels(distribution: str) -> dict[str, dict[str, Any]]:
    return {"train": {"TrainingInputMode": "File", "S3DistributionType": distribution}}


def test_the_first_host_reads_the_shares_of_all_in_the_order_of_their_names(
    tmp_path: Path, distribution: str, others_end: threading.Event
) -> None:
    paths = host(tmp_path, "algo-1", {"part-0": b"a", "part-2": b"c"}, distribution)
    with shares(paths, channels(distribution)) as others:
        assert others is not None
        opened = list(all_sources(paths, "train", channels(distribution)["train"], others)(0))
        contents = []
        for _, stream in opened:
            with stream:
                contents.append(stream.read()[:1])
        assert not others_end.is_set()
    sharded = distribution == "ShardedByS3Key"
    assert contents == ([b"d", b"a", b"b", b"c"] if sharded else [b"a", b"c"])
    assert others_end.wait(timeout=30)


def test_a_host_that_ends_before_its_data_is_there_fails_the_job(tmp_path: Path) -> None:
    def break_off() -> None:
        while True:
            try:
                connection = socket.create_connection(("127.0.0.1", module.PORT))
            except ConnectionRefusedError:
                continue
            with connection:
                module._send_text(connection, "algo-2")
                return

    thread = threading.Thread(target=break_off)
    thread.start()
    paths = host(tmp_path, "algo-1", {"part-0": b"a"}, "ShardedByS3Key")
    with pytest.raises(UserError, match=r"^algo-2 of the job ended before its data was here"), shares(paths, {}):
        pass
    thread.join(timeout=30)
