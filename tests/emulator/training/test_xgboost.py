"""AWS's built-in XGBoost, from rows in S3 to predictions of an endpoint."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from sagecraft_catalog import algorithm
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_emulator.data.storage import unpack_archive

from tests.emulator.hosting.serving import Loop, add_model, in_service, variant
from tests.emulator.world import REGION, World

# Made first, and so closed last: when the endpoints are down, which close its connections.
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("loop")]

IMAGE = algorithm("xgboost").image_uri("1.7-1", REGION)


def rows(count: int, seed: int) -> tuple[np.ndarray, str]:
    """Features, and the CSV with the label first."""
    features = np.random.default_rng(seed).normal(size=(count, 4)).astype(np.float32)
    text = io.StringIO()
    writer = csv.writer(text)
    for row in features:
        writer.writerow([int(row[0] + row[1] > 0), *(f"{value:.6f}" for value in row)])
    return np.round(features, 6), text.getvalue()


def test_a_job_of_the_built_in_xgboost_becomes_an_endpoint_with_its_predictions(
    world: World, loop: Loop, tmp_path: Path
) -> None:
    world.put("train/rows.csv", rows(400, 1)[1].encode())
    world.put("validation/rows.csv", rows(100, 2)[1].encode())
    key = world.job(
        IMAGE,
        HyperParameters={"num_round": "20", "objective": "binary:logistic", "eval_metric": "auc,logloss"},
        InputDataConfig=[
            world.channel(name, f"s3://{world.bucket}/{name}/", ContentType="text/csv")
            for name in ("train", "validation")
        ],
    )
    record = world.end(key)
    assert record.status == "Completed", record.body.get("FailureReason")
    metrics = {each["MetricName"]: each["Value"] for each in record.body["FinalMetricDataList"]}
    assert metrics["validation:auc"] > 0.9
    assert 0 < metrics["train:logloss"] < 0.5

    artifacts = record.body["ModelArtifacts"]["S3ModelArtifacts"]
    (tmp_path / "archive").write_bytes(world.get(artifacts))
    unpack_archive(tmp_path / "archive", tmp_path / "model")
    booster = xgboost.Booster(model_file=bytearray((tmp_path / "model" / "xgboost-model").read_bytes()))

    endpoint = in_service(world, variant("AllTraffic", add_model(world, IMAGE, artifacts)))
    features, _ = rows(10, 3)
    body = "\n".join(",".join(f"{value:.6f}" for value in row) for row in features).encode()
    answer = loop.invoke(world, endpoint.name, body, content_type="text/csv")
    assert answer.status == 200
    predictions = [float(value) for value in answer.body.decode().replace("\n", ",").strip(",").split(",")]
    assert predictions == pytest.approx(booster.predict(xgboost.DMatrix(features)), abs=1e-6)
    refused = loop.invoke(world, endpoint.name, b"what", content_type="image/png")
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (424, "ModelError")


def test_bad_data_is_a_failure_that_names_the_file_and_the_line(world: World) -> None:
    world.put("train/rows.csv", b"1,2,3\n0,1,two\n")
    record = world.end(
        world.job(
            IMAGE,
            HyperParameters={"num_round": "2"},
            InputDataConfig=[world.channel("train", f"s3://{world.bucket}/train/", ContentType="text/csv")],
        )
    )
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith("AlgorithmError: ")
    assert "rows.csv" in record.body["FailureReason"]
    assert "line 2" in record.body["FailureReason"]
