"""Algorithms of AWS's that are scripts of JumpStart's, asked for as the SageMaker SDK does."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.training import named

from tests.emulator.hosting.serving import Loop, add_model, in_service, variant
from tests.emulator.world import REGION, World

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("loop")]

IMAGE = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/pytorch-{{}}:1.9.0-cpu-py38"
CONTENT = f"s3://jumpstart-cache-prod-{REGION}"
SCRIPT = f"{CONTENT}/source-directory-tarballs/lightgbm/{{}}/classification/v1.0.0/sourcedir.tar.gz"
HYPERPARAMETERS = {
    "sagemaker_program": '"transfer_learning.py"',
    "sagemaker_submit_directory": f'"{SCRIPT.format("transfer_learning")}"',
    "num_boost_round": '"10"',
    "early_stopping_rounds": "0",
}


def test_lightgbm_learns_from_the_rows_of_two_hosts_and_becomes_an_endpoint(world: World, loop: Loop) -> None:
    """The one host has the rows of the one class, the other those of the other."""
    for label in (0, 1):
        world.put(f"train/{label}.csv", "".join(f"{label},{label},{row}\n" for row in range(40)).encode())
    channels = [
        world.channel("train", f"s3://{world.bucket}/train/", ContentType="text/csv"),
        # A model that is not trained, which the SDK's Estimator sends along as `model_uri`
        world.channel("model", f"{CONTENT}/lightgbm-training/train-lightgbm-classification-model.tar.gz"),
    ]
    channels[0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    record = world.end(
        world.job(
            IMAGE.format("training"),
            HyperParameters=HYPERPARAMETERS,
            InputDataConfig=channels,
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
            AlgorithmSpecification={
                "TrainingImage": IMAGE.format("training"),
                "TrainingInputMode": "File",
                "MetricDefinitions": [{"Name": "loss", "Regex": "binary_logloss: ([0-9\\.]+)"}],
            },
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    assert [each["MetricName"] for each in record.body["FinalMetricDataList"]] == ["loss"]
    artefacts = record.body["ModelArtifacts"]["S3ModelArtifacts"]
    # As AWS's training leaves the script in the model's data
    model = add_model(world, IMAGE.format("inference"), artefacts, SAGEMAKER_SUBMIT_DIRECTORY="/opt/ml/model/code")
    endpoint = in_service(world, variant("AllTraffic", model))
    answer = loop.invoke(world, endpoint.name, b"0,5\n1,5\n", content_type="text/csv")
    assert answer.status == 200
    assert [first > 0.5 for first, _ in json.loads(answer.body)["probabilities"]] == [True, False]


def test_the_untrained_model_which_aws_alone_has_is_not_looked_for() -> None:
    asked: list[str] = []

    def nothing(*_given: Any, **_named: Any) -> None:
        pass

    objects = SimpleNamespace(require_input=lambda _caller, _role, uri: asked.append(uri), require_region=nothing)
    surroundings: Any = SimpleNamespace(images=SimpleNamespace(require=nothing), objects=objects)
    untrained = f"{CONTENT}/lightgbm-training/train-lightgbm-classification-model.tar.gz"
    channels = {"training": "s3://mine/train/", "model": untrained, "other": untrained}
    request = {
        "AlgorithmSpecification": {"TrainingImage": IMAGE.format("training")},
        "RoleArn": "arn:aws:iam::000000000000:role/test",
        "InputDataConfig": [
            {"ChannelName": name, "DataSource": {"S3DataSource": {"S3Uri": uri}}} for name, uri in channels.items()
        ],
    }
    named.look(surroundings, Caller("000000000000", REGION), request)
    assert asked == ["s3://mine/train/", untrained]


def test_autogluon_is_refused_by_name_before_its_data_are_looked_for(world: World) -> None:
    script = SCRIPT.format("transfer_learning").replace("lightgbm", "autogluon")
    channel = world.channel("training", f"s3://{world.bucket}/nothing-there/")
    given = {**HYPERPARAMETERS, "sagemaker_submit_directory": script}
    record = world.end(world.job(IMAGE.format("training"), HyperParameters=given, InputDataConfig=[channel]))
    assert record.status == "Failed"
    assert "The algorithm autogluon-tabular is not supported by this emulator" in record.body["FailureReason"]
