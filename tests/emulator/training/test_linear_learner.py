"""AWS's linear-learner, from digits in records to the answers of an endpoint."""

import json

import numpy as np
import pytest
from sagecraft_catalog import algorithm

from tests.containers.records import dense
from tests.emulator.hosting.serving import Loop, add_model, in_service, variant
from tests.emulator.world import REGION, World

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("loop")]

IMAGE = algorithm("linear-learner").image_uri("1", REGION)
HYPERPARAMETERS = {"predictor_type": "multiclass_classifier", "num_classes": "10", "mini_batch_size": "100"}


def test_two_hosts_make_an_endpoint_of_their_digits_in_records(world: World, loop: Loop) -> None:
    from sklearn.datasets import load_digits

    features, labels = load_digits(return_X_y=True)
    features, labels = features.astype(np.float32), labels.astype(np.float32)
    world.put("train/part-0", dense(features[:700], labels[:700]))
    world.put("train/part-1", dense(features[700:1400], labels[700:1400]))
    world.put("test/rows", dense(features[1400:], labels[1400:]))
    channels = [world.channel(name, f"s3://{world.bucket}/{name}/") for name in ("train", "test")]
    channels[0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    record = world.end(
        world.job(
            IMAGE,
            HyperParameters={**HYPERPARAMETERS, "num_models": "4"},
            InputDataConfig=channels,
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    metrics = {each["MetricName"]: each["Value"] for each in record.body["FinalMetricDataList"]}
    assert metrics["test:multiclass_accuracy"] > 0.85
    assert metrics["train:objective_loss:final"] < 0.5
    assert metrics["train:progress"] == 100

    model = add_model(world, IMAGE, record.body["ModelArtifacts"]["S3ModelArtifacts"])
    endpoint = in_service(world, variant("AllTraffic", model))
    body = json.dumps({"instances": [{"features": row} for row in features[:20].tolist()]}).encode()
    answer = loop.invoke(world, endpoint.name, body, content_type="application/json")
    assert answer.status == 200
    said = [row["predicted_label"] for row in json.loads(answer.body)["predictions"]]
    assert np.mean(np.array(said) == labels[:20]) > 0.9


def test_rows_that_do_not_fit_feature_dim_are_a_client_error_that_names_the_file(world: World) -> None:
    world.put("train/rows", dense())
    record = world.end(
        world.job(
            IMAGE,
            HyperParameters={"predictor_type": "regressor", "feature_dim": "4"},
            InputDataConfig=[world.channel("train", f"s3://{world.bucket}/train/")],
        )
    )
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith(
        "ClientError: train/rows: the rows have 3 features, but expected are 4"
    )
    assert record.body["FailureReason"].endswith(", exit code: 2")
