"""The size of a job's volume."""

import os
from pathlib import Path
from typing import Any

import psutil
import pytest
from sagecraft_emulator.container.quota import GIB, VolumeQuota, disk_usage
from sagecraft_emulator.errors import JobFailed
from sagecraft_emulator.training.hosts import training_hosts
from sagecraft_emulator.training.input import TrainingInput

from tests.emulator.world import REGION, World, wait_until

FILL = """
    import os, time
    if os.environ["CURRENT_HOST"] == os.environ["FULL"]:
        file = os.open(os.environ["WHERE"], os.O_CREAT | os.O_WRONLY)
        os.posix_fallocate(file, 0, 1100 << 20)
    if "WAIT" in os.environ:
        time.sleep(600)
"""


def resources(hosts: int = 1) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 1}


def test_a_host_that_fills_its_volume_fails_the_job_and_all_hosts_are_ended(world: World) -> None:
    environment = {"FULL": "algo-2", "WHERE": "/opt/ml/model/file", "WAIT": "yes"}
    key = world.job(world.register(FILL, use="train"), Environment=environment, ResourceConfig=resources(2))
    record = world.wait(key, lambda record: "_Processes" in record.body)
    outer = [psutil.Process(each["pid"]) for each in record.body["_Processes"]]
    record = world.end(key)
    assert record.status == "Failed"
    assert record.body["FailureReason"] == (
        "ClientError: No space left on device: /opt/ml and /tmp of algo-2 hold 1.07 GiB and VolumeSizeInGB is 1. "
        "Increase VolumeSizeInGB, or write less."
    )
    wait_until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in outer))


def test_a_program_that_ends_before_it_is_measured_fails_too(world: World) -> None:
    record = world.run_job(FILL, Environment={"FULL": "algo-1", "WHERE": "/opt/ml/output/data/file"})
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith("ClientError: No space left on device: /opt/ml and /tmp of algo-1")


def test_input_that_does_not_fit_is_refused_before_it_is_copied(world: World) -> None:
    for name in ("a", "b", "c"):
        world.put(f"data/{name}", b"x" * 1000)
    request = {
        "AlgorithmSpecification": {"TrainingInputMode": "File"},
        "InputDataConfig": [world.channel("train", f"s3://{world.bucket}/data/")],
    }
    hosts = training_hosts(resources())
    assert TrainingInput(world.s3, request, REGION, hosts).size(hosts[0]) == 3000
    VolumeQuota([], 1).check_download("algo-1", GIB)
    VolumeQuota([], 0).check_download("algo-1", 2 * GIB)
    with pytest.raises(JobFailed) as raised:
        VolumeQuota([], 1).check_download("algo-1", 1100 << 20)
    assert str(raised.value) == (
        "ClientError: Data download failed:Insufficient disk space. The input of algo-1 has 1.07 GiB and "
        "VolumeSizeInGB is 1. Increase VolumeSizeInGB, or use the input mode Pipe."
    )


def test_what_takes_room_on_the_disk_is_counted_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"x" * 10_000)
    (tmp_path / "sparse").touch()
    os.truncate(tmp_path / "sparse", 1 << 30)
    (tmp_path / "link").symlink_to("/usr")
    os.mkfifo(tmp_path / "fifo")
    assert 10_000 <= disk_usage([tmp_path, tmp_path / "missing"]) < 100_000
