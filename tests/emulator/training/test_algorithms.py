"""AWS's own algorithms, from records in S3 to the answers of an endpoint."""

import json
from typing import Any

import numpy as np
import pytest
from sagecraft_catalog import algorithm

from tests.containers.records import dense, label_maps
from tests.emulator.hosting.serving import Loop, add_model, in_service, variant
from tests.emulator.world import REGION, World

# Made first, and so closed last: when the endpoints are down, which close its connections.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("loop")]

RECORDS = "application/x-recordio-protobuf"
COUNTS = np.random.default_rng(7).poisson(3, size=(120, 6)).astype(np.float32)
LABELS = (COUNTS[:, 0] > 3).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "mode", "hyperparameters", "metric", "key", "values"),
    [
        ("kmeans", "Pipe", {"k": "3", "epochs": "2"}, "test:msd", "predictions", {"closest_cluster": 1}),
        ("pca", "Pipe", {"num_components": "2", "mini_batch_size": "50"}, None, "projections", {"projection": 2}),
        (
            "knn",
            "File",
            {"k": "3", "sample_size": "100", "predictor_type": "classifier"},
            "test:accuracy",
            "predictions",
            {"predicted_label": 1},
        ),
        (
            "factorization-machines",
            "Pipe",
            {"num_factors": "2", "predictor_type": "binary_classifier", "mini_batch_size": "50"},
            "test:binary_f_beta",
            "predictions",
            {"score": 1, "predicted_label": 1},
        ),
        (
            "linear-learner",
            "Pipe",
            {"predictor_type": "binary_classifier", "num_models": "2", "mini_batch_size": "50"},
            "test:binary_classification_accuracy",
            "predictions",
            {"score": 1, "predicted_label": 1},
        ),
        ("randomcutforest", "File", {"num_trees": "50"}, "test:f1", "scores", {"score": 1}),
        (
            "lda",
            "Pipe",
            {"num_topics": "4", "mini_batch_size": "120"},
            "test:pwll",
            "predictions",
            {"topic_mixture": 4},
        ),
    ],
)
def test_a_job_becomes_an_endpoint_with_its_answers(
    world: World,
    loop: Loop,
    name: str,
    mode: str,
    hyperparameters: dict[str, str],
    metric: str | None,
    key: str,
    values: dict[str, int],
) -> None:
    image = algorithm(name).image_uri("1", REGION)
    channels = ("train",) if metric is None else ("train", "test")
    for channel in channels:
        world.put(f"{channel}/one.pbr", dense(COUNTS[:70], LABELS[:70]))
        world.put(f"{channel}/two.pbr", dense(COUNTS[70:], LABELS[70:]))
    record = world.end(
        world.job(
            image,
            HyperParameters={"feature_dim": "6", **hyperparameters},
            InputDataConfig=[
                world.channel(each, f"s3://{world.bucket}/{each}/", ContentType=RECORDS, InputMode=mode)
                for each in channels
            ],
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    metrics = {each["MetricName"] for each in record.body["FinalMetricDataList"]}
    assert {"train:progress", "train:throughput", *filter(None, [metric])} <= metrics
    model = add_model(world, image, record.body["ModelArtifacts"]["S3ModelArtifacts"])
    endpoint = in_service(world, variant("AllTraffic", model))
    body = b'{"instances": [{"features": [1, 2, 3, 4, 5, 6]}]}'
    answer = loop.invoke(world, endpoint.name, body, content_type="application/json")
    assert answer.status == 200
    (told,) = json.loads(answer.body)[key]
    assert {value: np.size(told[value]) for value in values} == values
    answer = loop.invoke(world, endpoint.name, dense(COUNTS[:2], None), content_type=RECORDS, accept=RECORDS)
    assert [{value: len(each[value]) for value in values} for each in label_maps(answer.body)] == [values, values]


def test_two_hosts_train_on_the_shards_of_both_and_once_on_what_both_have(world: World) -> None:
    """A center is missing if one shard is, and the sum of squares is doubled if a replicated row counts twice."""
    corners = np.array([[0, 0], [50, 0], [0, 50], [50, 50]], np.float32)
    for host in (0, 1):
        rows = np.repeat(corners[2 * host : 2 * host + 2], 30, axis=0)
        world.put(f"train/part-{host}", dense(rows, None))
        world.put(f"test/part-{host}", dense(corners[2 * host : 2 * host + 2] + 1, None))
    channels = [world.channel(name, f"s3://{world.bucket}/{name}/") for name in ("train", "test")]
    channels[0]["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    record = world.end(
        world.job(
            algorithm("kmeans").image_uri("1", REGION),
            HyperParameters={"feature_dim": "2", "k": "4", "init_method": "kmeans++", "eval_metrics": '["msd", "ssd"]'},
            InputDataConfig=channels,
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
        )
    )
    assert record.status == "Completed", record.body.get("FailureReason")
    metrics = {each["MetricName"]: each["Value"] for each in record.body["FinalMetricDataList"]}
    assert metrics["test:ssd"] == pytest.approx(4 * 2)
    assert metrics["test:msd"] == pytest.approx(2)


def test_an_algorithm_without_a_program_fails_before_its_data_are_looked_for(world: World) -> None:
    channel: Any = world.channel("train", f"s3://{world.bucket}/nothing-there/")
    record = world.end(world.job(algorithm("blazingtext").image_uri("1", REGION), InputDataConfig=[channel]))
    assert record.status == "Failed"
    assert (
        "The algorithm blazingtext is not supported by this emulator: it has no program."
        in record.body["FailureReason"]
    )
    assert "Downloading" not in {each["Status"] for each in record.body.get("SecondaryStatusTransitions", [])}
