"""Our containers in jobs: several hosts, scripts with requirements, commands in place of the entry point."""

import json
import os
import shlex
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.state.store import Record

from tests.containers.wheel import make_wheel
from tests.emulator.world import REGION, World, wait_until

from .test_xgboost import IMAGE, rows

pytestmark = pytest.mark.slow

SKLEARN = algorithm("sklearn").image_uri("1.4-2", REGION)
HYPERPARAMETERS = {"num_round": "20", "objective": "binary:logistic", "eval_metric": "logloss"}


def train_xgboost(world: World, prefix: str, hosts: int = 1, **hyperparameters: str) -> Any:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{world.bucket}/{prefix}/",
        "S3DataDistributionType": "ShardedByS3Key" if hosts > 1 else "FullyReplicated",
    }
    validation = world.channel("validation", f"s3://{world.bucket}/validation/", ContentType="text/csv")
    train = {"ChannelName": "train", "DataSource": {"S3DataSource": source}, "ContentType": "text/csv"}
    return world.job(
        IMAGE,
        HyperParameters={**HYPERPARAMETERS, **hyperparameters},
        InputDataConfig=[train, validation],
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": hosts, "VolumeSizeInGB": 1},
    )


def completed(world: World, key: Any) -> Record:
    record = world.end(key)
    assert record.status == "Completed", record.body.get("FailureReason")
    return record


def final(record: Record) -> dict[str, float]:
    return {each["MetricName"]: each["Value"] for each in record.body["FinalMetricDataList"]}


@pytest.fixture
def data(world: World) -> None:
    lines = rows(2_000, 1)[1].splitlines(keepends=True)
    for part in range(4):
        world.put(f"train/part-{part}.csv", "".join(lines[part::4]).encode())
    world.put("validation/rows.csv", rows(500, 2)[1].encode())


@pytest.mark.usefixtures("data")
def test_two_hosts_on_their_shares_are_as_good_as_one_host_on_all_data(world: World) -> None:
    both = completed(world, train_xgboost(world, "train", hosts=2))
    alone = completed(world, train_xgboost(world, "train"))
    assert final(both)["validation:logloss"] == pytest.approx(final(alone)["validation:logloss"], rel=0.02)
    assert set(world.unpack(both.body["ModelArtifacts"]["S3ModelArtifacts"])) == {"xgboost-model"}
    shares = world.log_lines("/aws/sagemaker/TrainingJobs", f"{both.key.name}/algo-")
    assert sum("The train channel has 1000 rows and 4 features." in line for line in shares) == 2


@pytest.mark.usefixtures("data")
def test_a_host_that_is_killed_fails_the_job(world: World) -> None:
    key = train_xgboost(world, "train", hosts=2, num_round="1000000")
    record = world.wait(key, lambda record: len(record.body.get("_Processes") or ()) == 2)
    wait_until(lambda: any(b"\ttrain-logloss:" in log.read_bytes() for log in world.files("algo-1/log")))
    os.kill(record.body["_Processes"][1]["pid"], signal.SIGKILL)
    failed = world.end(key)
    assert failed.status == "Failed"
    assert "SIGKILL" in failed.body["FailureReason"]


def test_jobs_of_a_script_share_the_environment_of_its_requirements(world: World, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    script = b"import tiny_thing, xgboost\nprint('found', tiny_thing.VALUE, tiny_thing.__file__)\n"
    requirements = f"./{wheel.name}\n".encode()
    code = world.archive({"go.py": script, "requirements.txt": requirements, wheel.name: wheel.read_bytes()})
    names = {"sagemaker_program": "go.py", "sagemaker_submit_directory": code}
    found = set()
    for _ in range(2):
        hyperparameters = {name: json.dumps(value) for name, value in names.items()}
        record = completed(world, world.job(IMAGE, HyperParameters=hyperparameters))
        log = world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name)
        found |= {line.rpartition(" ")[2] for line in log if line.startswith("found 42 ")}
    [file] = found
    assert file.startswith(str(world.state_dir / "work" / "environments"))


def test_a_command_in_place_of_the_entry_point_finds_the_images_python(world: World, tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)
    code = "import sklearn, sys, tiny_thing; print(sys.prefix, sys.base_prefix != sys.prefix, tiny_thing.VALUE)"
    command = (
        f"pip install --quiet /opt/ml/input/data/code/{wheel.name} && python3 -c {shlex.quote(code)} && "
        "command -v train"
    )
    world.put(f"packages/{wheel.name}", wheel.read_bytes())
    record = completed(
        world,
        world.job(
            SKLEARN,
            AlgorithmSpecification={
                "TrainingImage": SKLEARN,
                "TrainingInputMode": "File",
                "ContainerEntrypoint": ["/bin/bash", "-c", command],
            },
            InputDataConfig=[world.channel("code", f"s3://{world.bucket}/packages/")],
        ),
    )
    log = world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name)
    assert log[-2:] == ["/opt/ml/.python True 42", "/opt/ml/.python/bin/train"]
    assert not list(Path(sys.prefix).rglob("tiny_thing.py"))


def test_a_processing_job_of_our_image_runs_its_code_with_the_images_python(world: World) -> None:
    script = b"import os, sklearn, sys\nprint(sys.prefix, os.path.exists('/opt/ml/processing/input/code/go.py'))\n"
    source = {"S3Uri": world.put("processing/go.py", script), "S3DataType": "S3Prefix", "S3InputMode": "File"}
    key = world.processing_job(
        "",
        AppSpecification={
            "ImageUri": SKLEARN,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/go.py"],
        },
        ProcessingInputs=[{"InputName": "code", "S3Input": {**source, "LocalPath": "/opt/ml/processing/input/code"}}],
    )
    completed(world, key)
    assert world.log_lines("/aws/sagemaker/ProcessingJobs", key.name) == ["/opt/ml/.python True"]
