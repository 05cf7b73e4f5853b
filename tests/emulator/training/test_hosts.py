"""Training jobs of several hosts."""

import json
import time
from typing import Any

import psutil
import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="several hosts need Linux namespaces")

SLEEP = "import time; print('ready'); time.sleep(600)"


def instances(count: int) -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InstanceCount": count, "VolumeSizeInGB": 1}


def sharded(uri: str, **source: Any) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "ShardedByS3Key", **source}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}}


def files(world: World, record: Record) -> dict[str, Any]:
    assert record.status == "Completed", record.body.get("FailureReason")
    packed = world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"])
    return {name: json.loads(content) for name, content in packed.items()}


def processes(world: World, key: RecordKey) -> list[psutil.Process]:
    """The outermost processes of a job whose programs run."""
    lines: list[str] = []
    record = world.wait(key, lambda record: "_Processes" in record.body)
    logs = world.clients.logs(ACCOUNT, REGION)

    def all_are_ready() -> bool:
        try:
            lines[:] = world.log_lines("/aws/sagemaker/TrainingJobs", f"{key.name}/")
        except logs.exceptions.ResourceNotFoundException:
            return False
        return lines.count("ready") == len(record.body["_Processes"])

    wait_until(all_are_ready)
    return [psutil.Process(each["pid"]) for each in record.body["_Processes"]]


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_hosts_know_themselves_and_each_other_and_talk_by_name(world: World) -> None:
    program = """
        import json, os, socket
        from pathlib import Path
        resources = json.loads(Path("/opt/ml/input/config/resourceconfig.json").read_text())
        me, [first, *others] = resources["current_host"], resources["hosts"]
        if me == first:
            with socket.create_server((first, 7777)) as server:
                heard = []
                for _ in others:
                    connection, _ = server.accept()
                    heard.append(connection.recv(100).decode())
        else:
            heard = []
            while True:
                try:
                    connection = socket.create_connection((first, 7777))
                    break
                except ConnectionRefusedError:
                    pass
            connection.sendall(me.encode())
        seen = {"resources": resources, "heard": sorted(heard), "host": socket.gethostname()}
        seen["environment"] = os.environ["CURRENT_HOST"]
        print(f"loss={len(heard)}")
        Path(f"/opt/ml/model/{me}.json").write_text(json.dumps(seen))
        Path("/opt/ml/output/data/report").write_text(me)
        Path(f"/opt/ml/output/data/{me}").write_text(me)
    """
    image = world.register(program, use="train")
    specification = {
        "TrainingImage": image,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=([0-9.]+)"}],
    }
    record = world.end(world.job(image, AlgorithmSpecification=specification, ResourceConfig=instances(3)))
    seen = files(world, record)
    names = ["algo-1", "algo-2", "algo-3"]
    assert seen.keys() == {f"{name}.json" for name in names}
    for name in names:
        own = seen[f"{name}.json"]
        assert own["host"] == own["environment"] == own["resources"]["current_host"] == name
        assert own["resources"]["hosts"] == names
        assert own["resources"]["instance_groups"][0]["hosts"] == names
    assert seen["algo-1.json"]["heard"] == ["algo-2", "algo-3"]
    output = f"s3://{world.bucket}/output/{record.key.name}/output/output.tar.gz"
    assert world.unpack(output) == {"report": b"algo-1", **{name: name.encode() for name in names}}
    logs = world.clients.logs(ACCOUNT, REGION)
    streams = logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=f"{record.key.name}/"
    )["logStreams"]
    assert [each["logStreamName"].rpartition("-")[0] for each in streams] == [
        f"{record.key.name}/{name}" for name in names
    ]
    assert record.body["FinalMetricDataList"][0]["MetricName"] == "loss"


def test_each_host_gets_every_nth_object_and_one_may_get_none(world: World) -> None:
    for name in ("c", "a", "b"):
        world.put(f"data/{name}", b"")
    world.put("single/a", b"")
    program = """
        import json, os
        from pathlib import Path
        files = {channel.name: sorted(os.listdir(channel)) for channel in Path("/opt/ml/input/data").iterdir()}
        Path(f"/opt/ml/model/{os.environ['CURRENT_HOST']}").write_text(json.dumps(files))
    """
    channels = [
        sharded(f"s3://{world.bucket}/data/"),
        {**sharded(f"s3://{world.bucket}/single/"), "ChannelName": "single"},
        {**sharded(f"s3://{world.bucket}/data/", S3DataDistributionType="FullyReplicated"), "ChannelName": "all"},
    ]
    record = world.run_job(program, InputDataConfig=channels, ResourceConfig=instances(2))
    assert files(world, record) == {
        "algo-1": {"train": ["a", "c"], "single": ["a"], "all": ["a", "b", "c"]},
        "algo-2": {"train": ["b"], "single": [], "all": ["a", "b", "c"]},
    }


def test_instance_groups_are_numbered_through_and_get_their_own_channels(world: World) -> None:
    program = """
        import json, os
        from pathlib import Path
        resources = json.loads(Path("/opt/ml/input/config/resourceconfig.json").read_text())
        del resources["network_interface_name"]
        seen = {"channels": sorted(os.listdir("/opt/ml/input/data")), **resources}
        Path(f"/opt/ml/model/{os.environ['CURRENT_HOST']}").write_text(json.dumps(seen))
    """
    groups = [
        {"InstanceGroupName": "cpu", "InstanceType": "ml.c5.xlarge", "InstanceCount": 1},
        {"InstanceGroupName": "big", "InstanceType": "ml.m5.large", "InstanceCount": 1},
    ]
    channel = sharded(world.put("data/a", b""), InstanceGroupNames=["big"])
    resources = {"InstanceGroups": groups, "VolumeSizeInGB": 1}
    record = world.run_job(program, InputDataConfig=[channel], ResourceConfig=resources)
    described = {
        "hosts": ["algo-1", "algo-2"],
        "instance_groups": [
            {"instance_group_name": "cpu", "instance_type": "ml.c5.xlarge", "hosts": ["algo-1"]},
            {"instance_group_name": "big", "instance_type": "ml.m5.large", "hosts": ["algo-2"]},
        ],
    }
    first = {"current_host": "algo-1", "current_instance_type": "ml.c5.xlarge", "current_group_name": "cpu"}
    second = {"current_host": "algo-2", "current_instance_type": "ml.m5.large", "current_group_name": "big"}
    assert files(world, record) == {
        "algo-1": {"channels": [], **first, **described},
        "algo-2": {"channels": ["train"], **second, **described},
    }


def test_a_host_that_fails_fails_the_job_and_the_others_are_stopped(world: World) -> None:
    program = """
        import os, sys, time
        from pathlib import Path
        if os.environ["CURRENT_HOST"] == "algo-2":
            Path("/opt/ml/output/failure").write_text("no rows in my shard")
            sys.exit(3)
        time.sleep(600)
    """
    began = time.time()
    record = world.run_job(program, ResourceConfig=instances(2))
    assert record.status == "Failed"
    assert record.body["FailureReason"] == "AlgorithmError: algo-2: no rows in my shard, exit code: 3"
    assert record.body["TrainingEndTime"] >= began
    assert "_Processes" not in record.body


def test_a_host_that_is_killed_fails_the_job_by_its_name_though_others_fail_of_it(world: World) -> None:
    program = """
        import os, socket
        if os.environ["CURRENT_HOST"] == "algo-2":
            with socket.create_server(("algo-2", 7778)) as server:
                server.accept()[0].recv(1)
        while True:
            try:
                connection = socket.create_connection(("algo-2", 7778))
                break
            except ConnectionRefusedError:
                pass
        print("ready")
        raise SystemExit(7 if connection.recv(1) == b"" else 0)
    """
    key = world.job(world.register(program, use="train"), ResourceConfig=instances(2))
    record = world.wait(key, lambda record: "_Processes" in record.body)
    outer = [psutil.Process(each["pid"]) for each in record.body["_Processes"]]
    logs = world.clients.logs(ACCOUNT, REGION)

    def connected() -> bool:
        try:
            return "ready" in world.log_lines("/aws/sagemaker/TrainingJobs", f"{key.name}/")
        except logs.exceptions.ResourceNotFoundException:
            return False

    wait_until(connected)
    outer[1].kill()
    record = world.end(key)
    assert record.status == "Failed"
    reason = record.body["FailureReason"]
    assert reason.startswith("AlgorithmError: algo-2: the process was killed by signal SIGKILL (9)"), reason
    wait_until(lambda: all(map(is_gone, outer)))


def test_all_hosts_are_asked_to_end_when_the_job_is_stopped(world: World) -> None:
    program = """
        import os, signal, sys, time
        from pathlib import Path
        def leave(number, frame):
            Path(f"/opt/ml/model/{os.environ['CURRENT_HOST']}").write_text('"so far"')
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        print("ready")
        while True:
            time.sleep(0.1)
    """
    key = world.job(world.register(program, use="train"), ResourceConfig=instances(2))
    outer = processes(world, key)
    world.stop_job(key)
    record = world.end(key)
    assert record.status == "Stopped"
    uploaded = world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"])
    assert uploaded == {"algo-1": b'"so far"', "algo-2": b'"so far"'}
    assert all(map(is_gone, outer))


def test_checkpoints_of_all_hosts_are_kept_and_given_to_all_hosts(world: World) -> None:
    uri = world.put("checkpoints/epoch", b"7").removesuffix("/epoch")
    program = """
        import os
        from pathlib import Path
        checkpoints = Path("/opt/ml/checkpoints")
        (checkpoints / os.environ["CURRENT_HOST"]).write_text((checkpoints / "epoch").read_text())
    """
    record = world.run_job(program, CheckpointConfig={"S3Uri": uri}, ResourceConfig=instances(2))
    assert record.status == "Completed", record.body.get("FailureReason")
    assert world.get(f"{uri}/algo-1") == world.get(f"{uri}/algo-2") == b"7"
