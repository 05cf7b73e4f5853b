"""Training jobs that run a script of the user's, and how their inputs reach them."""

import io
import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk.assertions import Template
from sagecraft_constructs import AlgorithmImage, CategoricalRange, InvalidProps, Objective, TrainingInput

from tests.constructs.stack import make_bucket, make_job, make_stack, make_tuning, resources, statements
from tests.constructs.template_checks import assert_clean

SKLEARN = AlgorithmImage(name="sklearn", version="1.2-1")
XGBOOST = AlgorithmImage(name="xgboost", version="1.7-1")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    directory = tmp_path / "source"
    (directory / "lib" / "__pycache__").mkdir(parents=True)
    (directory / "train.py").write_text("import lib")
    (directory / "lib" / "__init__.py").write_text("")
    (directory / "lib" / "__pycache__" / "old.pyc").write_text("")
    return directory


def request_of(stack: Stack) -> dict[str, Any]:
    (properties,) = resources(stack, "Custom::SageMakerTrainingJob")
    request: dict[str, Any] = properties["Request"]
    return request


def archive_of(stack: Stack, request: dict[str, Any]) -> tuple[str, dict[str, bytes]]:
    """The name of the uploaded archive, and the files in it."""
    name = request["HyperParameters"]["sagemaker_submit_directory"].rpartition("/")[2].rstrip('"')
    app = stack.node.root
    assert isinstance(app, App)
    packed = Path(app.synth().directory) / f"asset.{name}"
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes()), mode="r:gz") as archive:
        files = {member.name: archive.extractfile(member) for member in archive}
        return name, {path: file.read() for path, file in files.items() if file is not None}


@pytest.mark.parametrize("container", [SKLEARN, XGBOOST], ids=["sklearn", "xgboost"])
def test_the_script_is_uploaded_and_named_to_the_container(source: Path, container: AlgorithmImage) -> None:
    stack = make_stack()
    make_job(stack, container=container, source=source, hyperparameters={"depth": 3, "kind": "a b", "fast": True})
    request = request_of(stack)
    hyperparameters = request["HyperParameters"]
    place = hyperparameters.pop("sagemaker_submit_directory")
    assert {name: json.loads(value) for name, value in hyperparameters.items()} == {
        "depth": 3,
        "kind": "a b",
        "fast": True,
        "sagemaker_program": "train.py",
    }
    assert place.startswith('"s3://cdk-hnb659fds-assets-123456789012-us-east-1/')
    assert place.endswith('.tgz"')
    assert request["EnableNetworkIsolation"] is False


def test_the_archive_holds_the_files_and_follows_their_content_alone(source: Path) -> None:
    stack = make_stack()
    make_job(stack, container=SKLEARN, source=source, hyperparameters={})
    name, files = archive_of(stack, request_of(stack))
    assert files == {"train.py": b"import lib", "lib/__init__.py": b""}

    os.utime(source / "train.py", (0, 0))
    again = make_stack()
    make_job(again, container=SKLEARN, source=source, hyperparameters={})
    assert archive_of(again, request_of(again))[0] == name

    (source / "train.py").write_text("import lib.other")
    changed = make_stack()
    make_job(changed, container=SKLEARN, source=source, hyperparameters={})
    assert archive_of(changed, request_of(changed))[0] != name


def test_the_role_may_read_the_one_archive_and_the_template_is_clean(source: Path) -> None:
    stack = make_stack()
    (source / "requirements.txt").write_text("humanize")
    make_job(stack, container=SKLEARN, source=source, hyperparameters={})
    read = [str(each["Resource"]) for each in statements(stack, "JobRole") if each["Action"] == "s3:GetObject"]
    assert any(".tgz*" in resource and "cdk-hnb659fds-assets" in resource for resource in read)
    assert_clean(stack)


def test_an_isolated_container_gets_the_script_by_a_channel(source: Path) -> None:
    stack = make_stack()
    make_job(stack, container=SKLEARN, source=source, hyperparameters={}, network_isolation=True)
    request = request_of(stack)
    code = request["InputDataConfig"][-1]
    uri = code["DataSource"]["S3DataSource"]["S3Uri"]
    assert code["ChannelName"] == "code"
    assert json.loads(request["HyperParameters"]["sagemaker_submit_directory"]) == (
        f"/opt/ml/input/data/code/{uri.rpartition('/')[2]}"
    )
    assert request["EnableNetworkIsolation"] is True


def test_a_tuning_job_searches_over_a_script(source: Path) -> None:
    stack = make_stack()
    make_tuning(
        stack,
        container=SKLEARN,
        source=source,
        hyperparameters={"depth": 3},
        metric_definitions={"f1": "f1=(.*)"},
        objective=Objective.maximize("f1"),
        ranges={"kernel": CategoricalRange(["linear", "rbf"])},
    )
    (tuning,) = resources(stack, "Custom::SageMakerHyperParameterTuningJob")
    request = tuning["Request"]
    ranges = request["HyperParameterTuningJobConfig"]["ParameterRanges"]
    assert ranges == {"CategoricalParameterRanges": [{"Name": "kernel", "Values": ['"linear"', '"rbf"']}]}
    assert request["TrainingJobDefinition"]["StaticHyperParameters"]["sagemaker_program"] == '"train.py"'


@pytest.mark.parametrize(
    ("props", "message"),
    [
        ({"source": None}, "source: is needed: sklearn runs a script of yours"),
        ({"source": "missing"}, "source: 'missing' is no directory"),
        ({"entry_point": "trian.py"}, "entry_point: there is no 'trian.py' in .*; it holds: train.py"),
        ({"network_isolation": True}, "network_isolation: '.*requirements.txt' is installed from the network"),
        ({"retry_attempts": 31}, "retry_attempts: should be 1 to 30, got 31"),
    ],
)
def test_what_cannot_work_is_refused(source: Path, props: dict[str, Any], message: str) -> None:
    (source / "requirements.txt").write_text("humanize")
    with pytest.raises(InvalidProps, match=message):
        make_job(make_stack(), **{"container": SKLEARN, "source": source, "hyperparameters": {}, **props})


def test_inputs_say_how_they_reach_several_instances() -> None:
    stack = make_stack()
    bucket = make_bucket(stack)
    train = TrainingInput(
        bucket=bucket, prefix="x/", content_type="text/csv", input_mode="Pipe", distribution="ShardedByS3Key"
    )
    make_job(stack, bucket=bucket, inputs={"train": train}, instance_count=2, retry_attempts=2)
    request = request_of(stack)
    (channel,) = request["InputDataConfig"]
    assert channel["InputMode"] == "Pipe"
    assert channel["DataSource"]["S3DataSource"]["S3DataDistributionType"] == "ShardedByS3Key"
    assert request["ResourceConfig"]["InstanceCount"] == 2
    assert request["RetryStrategy"] == {"MaximumRetryAttempts": 2}
    Template.from_stack(stack).resource_count_is("Custom::SageMakerTrainingJob", 1)
