import json
from typing import Any

import psutil

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

COPY = """
    import shutil
    shutil.copytree("/opt/ml/processing/input/data", "/opt/ml/processing/output", dirs_exist_ok=True)
"""


def source(name: str, uri: str, **members: Any) -> dict[str, Any]:
    s3 = {"S3Uri": uri, "LocalPath": f"/opt/ml/processing/input/{name}", "S3DataType": "S3Prefix", **members}
    return {"InputName": name, "S3Input": s3}


def outputs(world: World, mode: str = "EndOfJob", **members: Any) -> dict[str, Any]:
    s3 = {"S3Uri": f"s3://{world.bucket}/processed", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": mode}
    return {"Outputs": [{"OutputName": "result", "S3Output": s3}], **members}


def processed(world: World) -> dict[str, bytes]:
    listing = world.s3.list_objects_v2(Bucket=world.bucket, Prefix="processed/").get("Contents", [])
    keys = [each["Key"] for each in listing]
    return {key.removeprefix("processed/"): world.get(f"s3://{world.bucket}/{key}") for key in keys}


def test_what_a_processing_job_writes_is_found_below_its_output_and_its_log_in_its_group(world: World) -> None:
    world.put("in/a.csv", b"1")
    world.put("in/deep/b.csv", b"2")
    record = world.end(
        world.processing_job(
            COPY + '    print("copied")\n',
            ProcessingInputs=[source("data", f"s3://{world.bucket}/in/")],
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert processed(world) == {"a.csv": b"1", "deep/b.csv": b"2"}
    assert record.body["ProcessingStartTime"] <= record.body["ProcessingEndTime"]
    assert world.log_lines("/aws/sagemaker/ProcessingJobs", f"{record.key.name}/algo-1-") == ["copied"]


def test_a_processing_job_finds_its_configuration_arguments_and_environment(world: World) -> None:
    record = world.end(
        world.processing_job(
            """
            import json, os, sys
            from pathlib import Path
            seen = {path.name: json.loads(path.read_text()) for path in Path("/opt/ml/config").iterdir()}
            seen |= {"arguments": sys.argv[1:], "mode": os.environ["MODE"], "threads": os.environ["OMP_NUM_THREADS"]}
            Path("/opt/ml/processing/output/seen.json").write_text(json.dumps(seen))
            """,
            Environment={"MODE": "fast"},
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    seen = json.loads(processed(world)["seen.json"])
    assert seen["resourceconfig.json"] == {"current_host": "algo-1", "hosts": ["algo-1"]}
    config = seen["processingjobconfig.json"]
    assert config["ProcessingJobName"] == record.key.name
    assert config["ProcessingJobArn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:processing-job/{record.key.name}"
    assert config["ProcessingResources"]["ClusterConfig"]["InstanceCount"] == 1
    assert config["Environment"] == {"MODE": "fast"}
    assert (seen["mode"], seen["threads"]) == ("fast", "2")


def test_the_message_of_a_processing_job_is_told_and_a_failed_one_uploads_nothing(world: World) -> None:
    record = world.end(
        world.processing_job(
            """
            import sys
            from pathlib import Path
            Path("/opt/ml/output/message").write_text("half of the rows are empty")
            Path("/opt/ml/processing/output/part").write_text("unfinished")
            sys.exit("cannot go on")
            """,
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Failed"
    assert record.body["ExitMessage"] == "half of the rows are empty"
    assert record.body["FailureReason"].startswith("AlgorithmError: ")
    assert "cannot go on" in record.body["FailureReason"]
    assert record.body["FailureReason"].endswith("exit code: 1")
    assert processed(world) == {}


def ended(pid: int) -> bool:
    """Whether a process is gone, or waits to be reaped."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_continuous_output_is_uploaded_while_the_job_runs_and_a_stopped_job_is_stopped(world: World) -> None:
    key = world.processing_job(
        """
        import time
        from pathlib import Path
        Path("/opt/ml/processing/output/early").write_text("done")
        time.sleep(600)
        """,
        ProcessingOutputConfig=outputs(world, "Continuous"),
    )
    wait_until(lambda: processed(world) == {"early": b"done"})
    assert world.store.get(key).status == "InProgress"
    [process] = world.store.get(key).body["_Processes"]
    world.stop_job(key)
    assert world.end(key).status == "Stopped"
    wait_until(lambda: ended(process["pid"]))


def test_several_hosts_each_with_a_share_of_the_input_add_to_one_output(world: World) -> None:
    for number in range(5):
        world.put(f"in/part-{number}", str(number).encode())
    record = world.end(
        world.processing_job(
            """
            import json, socket
            from pathlib import Path
            host = socket.gethostname()
            parts = sorted(path.name for path in Path("/opt/ml/processing/input/data").iterdir())
            addresses = sorted({socket.gethostbyname(name) for name in ("algo-1", "algo-2")})
            Path(f"/opt/ml/processing/output/{host}.json").write_text(json.dumps([parts, addresses]))
            """,
            instances=2,
            ProcessingInputs=[
                source("data", f"s3://{world.bucket}/in/", S3DataDistributionType="ShardedByS3Key"),
            ],
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    found = {name: json.loads(content) for name, content in processed(world).items()}
    assert found.keys() == {"algo-1.json", "algo-2.json"}
    shares = [parts for parts, _ in found.values()]
    assert sorted(part for share in shares for part in share) == [f"part-{number}" for number in range(5)]
    assert all(shares)
    assert all(len(addresses) == 2 for _, addresses in found.values())


def test_a_host_that_fails_fails_the_job_and_stops_the_other(world: World) -> None:
    key = world.processing_job(
        """
        import socket, sys, time
        if socket.gethostname() == "algo-2":
            sys.exit("the second host gives up")
        time.sleep(600)
        """,
        instances=2,
    )
    record = world.end(key)
    assert record.status == "Failed"
    assert "the second host gives up" in record.body["FailureReason"]


def test_an_input_without_objects_fails_the_job_by_its_name(world: World) -> None:
    record = world.end(world.processing_job("", ProcessingInputs=[source("data", f"s3://{world.bucket}/nothing/")]))
    assert record.status == "Failed"
    assert "input 'data'" in record.body["FailureReason"]
    assert f"No S3 objects found under 's3://{world.bucket}/nothing/'" in record.body["FailureReason"]


def test_an_input_in_the_place_of_a_file_of_another_fails_the_job_by_its_name(world: World) -> None:
    world.put("in/a.csv", b"1")
    inputs = [source("data", f"s3://{world.bucket}/in/"), source("data/a.csv", f"s3://{world.bucket}/in/")]
    record = world.end(world.processing_job("", ProcessingInputs=inputs))
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith("ClientError: Failed to download data of input 'data/a.csv': its ")


def test_an_output_that_cannot_be_written_fails_the_job_for_a_fault_of_the_clients(world: World) -> None:
    program = """
        from pathlib import Path
        Path("/opt/ml/processing/output/file").write_text("1")
    """
    config = outputs(world)
    config["Outputs"][0]["S3Output"]["S3Uri"] = "s3://no-such-bucket-here/processed"
    record = world.end(world.processing_job(program, ProcessingOutputConfig=config))
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith(
        "ClientError: Cannot write 's3://no-such-bucket-here/processed/file'"
    )


def test_a_processing_job_that_runs_too_long_is_stopped_and_says_so(world: World) -> None:
    record = world.end(
        world.processing_job("import time; time.sleep(600)", StoppingCondition={"MaxRuntimeInSeconds": 1})
    )
    assert record.status == "Stopped"
    assert "longer than MaxRuntimeInSeconds, 1" in record.body["FailureReason"]


def test_a_pipe_input_is_a_fifo_and_a_manifest_names_the_objects(world: World) -> None:
    world.put("in/a", b"first,")
    world.put("in/b", b"second")
    world.put("in/unlisted", b"third")
    manifest = world.put("list.manifest", json.dumps([{"prefix": f"s3://{world.bucket}/in/"}, "a", "b"]).encode())
    record = world.end(
        world.processing_job(
            """
            from pathlib import Path
            streamed = Path("/opt/ml/processing/input/data_0").read_bytes()
            Path("/opt/ml/processing/output/streamed").write_bytes(streamed)
            """,
            ProcessingInputs=[source("data", manifest, S3DataType="ManifestFile", S3InputMode="Pipe")],
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert processed(world) == {"streamed": b"first,second"}


def test_a_processing_job_that_writes_more_than_its_volume_holds_fails(world: World) -> None:
    record = world.end(
        world.processing_job(
            """
            import os, time
            with open("/opt/ml/processing/output/big", "wb") as file:
                os.posix_fallocate(file.fileno(), 0, 1100 << 20)
            time.sleep(600)
            """,
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Failed"
    assert "No space left on device" in record.body["FailureReason"]
    assert "VolumeSizeInGB is 1" in record.body["FailureReason"]
    assert processed(world) == {}


def test_a_link_out_of_an_output_is_not_followed(world: World) -> None:
    record = world.end(
        world.processing_job(
            """
            from pathlib import Path
            output = Path("/opt/ml/processing/output")
            (output / "file").write_text("own")
            (output / "link").symlink_to("file")
            (output / "leak").symlink_to("/etc/hosts")
            """,
            ProcessingOutputConfig=outputs(world),
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert processed(world) == {"file": b"own", "link": b"own"}
