import json
import signal
import subprocess
import threading
import time
import uuid
from pathlib import Path

import psutil
import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.jobs.logs import LogShipper
from sagecraft_emulator.state.process_start import start_of
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tiny_job import TinyJobs
from tests.emulator.world import ACCOUNT, REGION, World, wait_until

TRAIN_A_MODEL = """
    from pathlib import Path
    print("epoch\\tloss:0.5")
    print("epoch\\tloss:0.25")
    Path("/opt/ml/model/weights.bin").write_bytes(b"weights")
"""
SLEEP = "import time; time.sleep(600)"
XGBOOST = algorithm("xgboost").metric_definitions


def phases(body: dict[str, object]) -> list[str]:
    transitions = body["SecondaryStatusTransitions"]
    assert isinstance(transitions, list)
    return [each["Status"] for each in transitions]


def process_of(world: World, key: object) -> psutil.Process:
    """The outermost process of a training job."""
    record = world.wait(key, lambda record: "_Processes" in record.body)  # type: ignore[arg-type]  # only passed on
    return psutil.Process(record.body["_Processes"][0]["pid"])


def test_a_job_that_exits_with_0_is_completed_and_its_model_is_an_archive_in_s3(world: World) -> None:
    record = world.run_job(TRAIN_A_MODEL)
    assert record.status == "Completed", record.body.get("FailureReason")
    assert phases(record.body) == ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    artifacts = record.body["ModelArtifacts"]["S3ModelArtifacts"]
    assert artifacts == f"s3://{world.bucket}/output/{record.key.name}/output/model.tar.gz"
    assert world.unpack(artifacts) == {"weights.bin": b"weights"}
    assert record.body["TrainingTimeInSeconds"] >= 1
    assert record.body["BillableTimeInSeconds"] >= 1
    assert record.body["TrainingStartTime"] <= record.body["TrainingEndTime"]
    assert "_Processes" not in record.body
    for transition in record.body["SecondaryStatusTransitions"]:
        assert transition["StartTime"] <= transition["EndTime"]
        assert transition["StatusMessage"]


def test_a_job_sees_its_configuration_as_the_container_contract_says(world: World) -> None:
    data = world.put("data/train/part.csv", b"1,2\n")
    record = world.run_job(
        """
        import json, os, socket
        from pathlib import Path
        seen = {path.name: json.loads(path.read_text()) for path in Path("/opt/ml/input/config").iterdir()}
        seen["data"] = Path("/opt/ml/input/data/train/part.csv").read_text()
        seen["host"] = socket.gethostname()
        seen["address"] = socket.gethostbyname("algo-1")
        seen["environment"] = dict(os.environ)
        Path("/opt/ml/model/seen.json").write_text(json.dumps(seen))
        """,
        HyperParameters={"eta": "0.3"},
        Environment={"MINE": "yes"},
        InputDataConfig=[world.channel("train", data.removesuffix("part.csv"), ContentType="text/csv")],
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    seen = json.loads(world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"])["seen.json"])
    assert seen["hyperparameters.json"] == {"eta": "0.3"}
    assert seen["inputdataconfig.json"] == {
        "train": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            "ContentType": "text/csv",
        }
    }
    assert seen["resourceconfig.json"]["current_host"] == "algo-1"
    assert seen["resourceconfig.json"]["hosts"] == ["algo-1"]
    assert seen["data"] == "1,2\n"
    assert seen["host"] == "algo-1"
    assert seen["address"] == "127.0.0.1"
    environment = seen["environment"]
    assert environment["TRAINING_JOB_NAME"] == record.key.name
    assert environment["TRAINING_JOB_ARN"] == record.arn
    assert environment["AWS_REGION"] == REGION
    assert environment["AWS_ENDPOINT_URL"] == world.host_url
    assert environment["AWS_SESSION_TOKEN"]
    assert environment["MINE"] == "yes"


def test_a_job_sees_nothing_of_the_emulators_own_environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    record = world.run_job("import os, sys; sys.exit('GITHUB_TOKEN' in os.environ)")
    assert record.status == "Completed", record.body.get("FailureReason")


def test_a_job_sees_the_files_that_lead_its_clients_to_the_emulator(world: World) -> None:
    record = world.run_job("import os, sys; sys.exit('sts' not in os.listdir(os.environ['AWS_DATA_PATH']))")
    assert record.status == "Completed", record.body.get("FailureReason")


def test_the_log_is_in_cloudwatch_logs_with_tabs_as_011(world: World) -> None:
    record = world.run_job(TRAIN_A_MODEL)
    lines = world.log_lines("/aws/sagemaker/TrainingJobs", f"{record.key.name}/algo-1-")
    assert lines == ["epoch#011loss:0.5", "epoch#011loss:0.25"]


def test_nothing_of_a_long_log_is_lost(world: World) -> None:
    record = world.run_job("for n in range(5000): print('line', n)")
    assert record.status == "Completed", record.body.get("FailureReason")
    logs = world.clients.logs(ACCOUNT, REGION)
    [stream] = logs.describe_log_streams(
        logGroupName="/aws/sagemaker/TrainingJobs", logStreamNamePrefix=record.key.name
    )["logStreams"]
    lines: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = logs.get_log_events(
            logGroupName="/aws/sagemaker/TrainingJobs",
            logStreamName=stream["logStreamName"],
            startFromHead=True,
            **token,  # type: ignore[arg-type]  # empty on the first page
        )
        lines += [event["message"] for event in page["events"]]
        if not page["events"] or token == {"nextToken": page["nextForwardToken"]}:
            break
        token = {"nextToken": page["nextForwardToken"]}
    assert lines == [f"line {n}" for n in range(5000)]


def test_metrics_are_read_from_the_log_by_the_requests_expressions(world: World) -> None:
    image = world.register(TRAIN_A_MODEL, use="train")
    specification = {
        "TrainingImage": image,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "#011loss:([0-9.]+)"}],
    }
    record = world.end(world.job(image, AlgorithmSpecification=specification))
    [metric] = record.body["FinalMetricDataList"]
    assert (metric["MetricName"], metric["Value"]) == ("loss", 0.25)
    assert record.body["TrainingStartTime"] <= metric["Timestamp"] <= time.time()
    metrics = world.clients.cloudwatch(ACCOUNT, REGION).list_metrics(Namespace="/aws/sagemaker/TrainingJobs")["Metrics"]
    assert {"Name": "TrainingJobName", "Value": record.key.name} in [each["Dimensions"][0] for each in metrics]


def test_the_failure_file_becomes_the_failure_reason(world: World) -> None:
    record = world.run_job(
        """
        import sys
        from pathlib import Path
        Path("/opt/ml/output/failure").write_text("the data is bad: " + "x" * 2000)
        sys.exit(3)
        """
    )
    assert record.status == "Failed"
    assert phases(record.body) == ["Starting", "Downloading", "Training", "Failed"]
    reason = record.body["FailureReason"]
    assert reason.startswith("AlgorithmError: the data is bad: xxx")
    assert reason.endswith(", exit code: 3")
    assert len(reason) <= 1024


def test_without_a_failure_file_the_last_lines_of_the_log_are_the_reason(world: World) -> None:
    record = world.run_job("raise ValueError('no such thing')")
    assert record.status == "Failed"
    assert "ValueError: no such thing" in record.body["FailureReason"]
    assert record.body["FailureReason"].endswith(", exit code: 1")


def test_a_killed_training_process_is_a_failure_that_names_the_signal(world: World, tmp_path: Path) -> None:
    record = world.run_job("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    assert record.status == "Failed"
    assert "killed by signal SIGKILL (9)" in record.body["FailureReason"]
    assert record.body["FailureReason"].endswith(", exit code: 137")


def test_a_training_process_killed_from_outside_is_a_failure_that_names_the_signal(world: World) -> None:
    key = world.job(world.register(SLEEP, use="train"))
    outer = process_of(world, key)
    world.wait(key, lambda record: record.body["SecondaryStatus"] == "Training")

    def programs() -> list[psutil.Process]:
        tree = [outer, *outer.children(recursive=True)]
        return [each for each in tree if Path(each.name()).name.startswith("python")]

    wait_until(lambda: bool(programs()))
    programs()[-1].send_signal(signal.SIGKILL)
    record = world.end(key)
    assert record.status == "Failed"
    assert "killed by signal SIGKILL (9)" in record.body["FailureReason"]


def test_a_stopped_job_gets_sigterm_and_its_model_is_uploaded(world: World) -> None:
    program = """
        import signal, sys, time
        from pathlib import Path
        def leave(number, frame):
            Path("/opt/ml/model/weights.bin").write_text("so far")
            sys.exit(0)
        signal.signal(signal.SIGTERM, leave)
        print("ready")
        while True:
            time.sleep(0.1)
    """
    key = world.job(world.register(program, use="train"))
    wait_until(lambda: "ready" in _lines_or_none(world, key.name))
    world.stop_job(key)
    record = world.end(key)
    assert record.status == "Stopped"
    assert phases(record.body) == ["Starting", "Downloading", "Training", "Stopping", "Uploading", "Stopped"]
    assert world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"]) == {"weights.bin": b"so far"}


def _lines_or_none(world: World, name: str) -> list[str]:
    logs = world.clients.logs(ACCOUNT, REGION)
    try:
        return world.log_lines("/aws/sagemaker/TrainingJobs", name)
    except logs.exceptions.ResourceNotFoundException:
        return []


def test_a_job_that_ignores_sigterm_is_killed_with_its_children(host_url: str, tmp_path: Path) -> None:
    world = World(host_url, tmp_path / "state", stop_grace_seconds=0.5)
    try:
        program = """
            import signal, subprocess, sys, time
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            subprocess.Popen([sys.executable, "-c", "import signal, time; signal.signal(15, 1); time.sleep(600)"])
            print("ready")
            time.sleep(600)
        """
        key = world.job(world.register(program, use="train"))
        outer = process_of(world, key)
        wait_until(lambda: "ready" in _lines_or_none(world, key.name))
        tree = [outer, *outer.children(recursive=True)]
        world.stop_job(key)
        assert world.end(key).status == "Stopped"
        assert not [each for each in tree if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]
    finally:
        world.shutdown()


def test_a_job_that_runs_longer_than_it_may_is_stopped_and_its_model_is_uploaded(world: World) -> None:
    record = world.run_job(
        """
        import time
        from pathlib import Path
        Path("/opt/ml/model/weights.bin").write_text("so far")
        time.sleep(600)
        """,
        StoppingCondition={"MaxRuntimeInSeconds": 1},
    )
    assert record.status == "Stopped"
    assert record.body["SecondaryStatus"] == "MaxRuntimeExceeded"
    assert world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"]) == {"weights.bin": b"so far"}


def test_checkpoints_are_restored_and_kept_in_step_with_s3(world: World) -> None:
    uri = world.put("checkpoints/epoch", b"7").removesuffix("/epoch")
    record = world.run_job(
        """
        from pathlib import Path
        epoch = Path("/opt/ml/checkpoints/epoch")
        epoch.write_text(str(int(epoch.read_text()) + 1))
        """,
        CheckpointConfig={"S3Uri": uri},
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert world.get(f"{uri}/epoch") == b"8"


def test_what_a_job_leaves_as_output_data_is_an_archive_also_when_it_fails(world: World) -> None:
    record = world.run_job(
        """
        import sys
        from pathlib import Path
        Path("/opt/ml/output/data/report.txt").write_text("half way")
        sys.exit(1)
        """
    )
    assert record.status == "Failed"
    uri = f"s3://{world.bucket}/output/{record.key.name}/output/output.tar.gz"
    assert world.unpack(uri) == {"report.txt": b"half way"}


def test_a_prefix_without_objects_fails_the_job_with_awss_text(world: World) -> None:
    record = world.run_job("", InputDataConfig=[world.channel("train", f"s3://{world.bucket}/nothing/")])
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith(
        "ClientError: Data download failed: channel 'train': No S3 objects found under S3 URL "
        f'"s3://{world.bucket}/nothing/" given in input data source'
    )


def test_an_unknown_image_fails_the_job_and_says_what_to_do(world: World) -> None:
    record = world.end(world.job("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"))
    assert record.status == "Failed"
    reason = record.body["FailureReason"]
    for told in ("111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1", "sagecraft images register", "Docker"):
        assert told in reason


def test_entry_point_and_arguments_of_the_request_take_the_place_of_train(world: World) -> None:
    image = world.register("raise SystemExit(1)", use="train")
    specification = {
        "TrainingImage": image,
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/sh", "-c"],
        "ContainerArguments": ["echo written by the shell > /opt/ml/model/file"],
    }
    record = world.end(world.job(image, AlgorithmSpecification=specification))
    assert record.status == "Completed", record.body.get("FailureReason")
    assert world.unpack(record.body["ModelArtifacts"]["S3ModelArtifacts"]) == {"file": b"written by the shell\n"}


def test_a_job_that_was_running_when_the_emulator_died_is_failed_and_its_processes_are_gone(world: World) -> None:
    left = [subprocess.Popen(["sleep", "600"], start_new_session=True) for _ in range(2)]
    processes = [{"pid": each.pid, "start": start_of(each.pid)} for each in left]
    body = {"SecondaryStatusTransitions": [{"Status": "Training", "StartTime": 0}], "_Processes": processes}
    key = RecordKey("TrainingJob", ACCOUNT, REGION, "of-the-dead")
    world.store.create(key, arn="arn", status="InProgress", body=body)
    next_emulators = world.job_runner()
    begun_since = key._replace(name="of-the-living")
    world.store.create(begun_since, arn="arn-2", status="InProgress", body=body)
    next_emulators.recover()
    assert world.store.get(begun_since).status == "InProgress"
    record = world.store.get(key)
    assert record.status == "Failed"
    assert "the emulator ended while the job was running" in record.body["FailureReason"]
    assert [each.wait(30) for each in left] == [-signal.SIGKILL, -signal.SIGKILL]


def test_no_more_jobs_run_at_once_than_the_machine_has_cores(world: World) -> None:
    image = world.register("import time; time.sleep(0.5)", use="train")
    keys = [world.job(image) for _ in range(2 * (psutil.cpu_count() or 1))]
    most = 0
    while any(world.store.get(key).status == "InProgress" for key in keys):
        processes = [each["pid"] for key in keys for each in world.store.get(key).body.get("_Processes", [])]
        most = max(most, sum(map(psutil.pid_exists, processes)))
        time.sleep(0.05)
    assert 1 <= most <= (psutil.cpu_count() or 1)
    assert {world.store.get(key).status for key in keys} == {"Completed"}


def test_a_job_begins_when_the_processes_of_the_one_before_it_have_ended(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = threading.Event()
    close = LogShipper.close

    def close_slowly(shipper: LogShipper) -> None:
        shipped.wait(30)
        close(shipper)

    monkeypatch.setattr(LogShipper, "close", close_slowly)
    image = world.register("", use="train")
    machine = {"InstanceType": "ml.m5.24xlarge", "InstanceCount": 1, "VolumeSizeInGB": 1}
    keys = [world.job(image, ResourceConfig=machine) for _ in range(2)]
    record = world.wait(keys[1], lambda record: "_Processes" in record.body)
    assert record.body["SecondaryStatus"] == "Training"
    assert world.store.get(keys[0]).status == "InProgress"
    shipped.set()
    assert [world.end(key).status for key in keys] == ["Completed", "Completed"]


def test_a_job_that_waits_for_its_turn_is_stopped_at_once(world: World) -> None:
    image = world.register(SLEEP, use="train")
    running = [world.job(image) for _ in range(psutil.cpu_count() or 1)]
    waiting = world.job(image)
    world.stop_job(waiting)
    record = world.end(waiting)
    assert record.status == "Stopped"
    assert phases(record.body) == ["Starting", "Stopped"]
    assert "TrainingTimeInSeconds" not in record.body
    for key in running:
        world.stop_job(key)
    assert {world.end(key).status for key in running} == {"Stopped"}


def test_checkpoints_may_be_anywhere_below_opt_ml_and_nowhere_else(world: World) -> None:
    uri = f"s3://{world.bucket}/elsewhere"
    program = "from pathlib import Path; Path('/opt/ml/mine/epoch').write_text('1')"
    record = world.run_job(program, CheckpointConfig={"S3Uri": uri, "LocalPath": "/opt/ml/mine"})
    assert record.status == "Completed", record.body.get("FailureReason")
    assert world.get(f"{uri}/epoch") == b"1"
    record = world.run_job(program, CheckpointConfig={"S3Uri": uri, "LocalPath": "/checkpoints"})
    assert record.body["FailureReason"].startswith("ClientError: CheckpointConfig.LocalPath is '/checkpoints'")


def test_long_lines_of_a_log_keep_no_other_client_waiting(emulator: RunningEmulator, tmp_path: Path) -> None:
    program = """
        import json

        for features in (1_400, 13_000):
            print(json.dumps({"feature_%05d" % number: 0.5 for number in range(features)}))
            print("[1]#011train-" * features)
        print("[7]#011train-auc:0.75")
    """
    jobs = TinyJobs(emulator, tmp_path, program)
    specification = {
        "TrainingImage": jobs.image,
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": each.name, "Regex": each.regex} for each in XGBOOST[:40]],
    }
    name = f"long-{uuid.uuid4().hex[:8]}"
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_training_job(**{**jobs.request(name), "AlgorithmSpecification": specification})
    status = "InProgress"
    while status == "InProgress":
        emulator.get("health")
        job = sagemaker.describe_training_job(TrainingJobName=name)
        status = job["TrainingJobStatus"]
    assert status == "Completed", job["FailureReason"]
    assert [(each["MetricName"], each["Value"]) for each in job["FinalMetricDataList"]] == [("train:auc", 0.75)]


def test_an_emulator_that_ends_in_order_fails_its_jobs_with_that_reason(host_url: str, tmp_path: Path) -> None:
    world = World(host_url, tmp_path / "state")
    image = world.register(SLEEP, use="train")
    keys = [world.job(image) for _ in range(1 + (psutil.cpu_count() or 1))]
    process_of(world, keys[0])
    world.jobs.shutdown()
    for key in keys:
        record = world.store.get(key)
        assert record.status == "Failed"
        assert "the emulator ended while the job was running" in record.body["FailureReason"]
    world.shutdown()
