"""Transformer: an object of predictions for each object of rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import sagemaker
import xgboost
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput

from tests.sdk.conftest import Ends, Flowers, Objects, csv


@pytest.fixture(scope="module")
def fitted(session: sagemaker.Session, role: str, bucket: str, train_uri: str, ends: Ends) -> Estimator:
    """An estimator whose model is there."""
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        hyperparameters={"objective": "binary:logistic", "num_round": 6},
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}, wait=False)
    assert ends.training_job(estimator.latest_training_job.name)["TrainingJobStatus"] == "Completed"
    return estimator


@pytest.fixture(scope="module")
def booster(fitted: Estimator, objects: Objects, tmp_path_factory: pytest.TempPathFactory) -> xgboost.Booster:
    """The fitted model."""
    path = Path(tmp_path_factory.mktemp("booster")) / "model.ubj"
    path.write_bytes(objects.unpack(fitted.model_data)["xgboost-model"])
    return xgboost.Booster(model_file=str(path))


def test_each_object_of_rows_becomes_an_object_of_predictions(
    fitted: Estimator, booster: xgboost.Booster, objects: Objects, flowers: Flowers, ends: Ends
) -> None:
    halves = {"a.csv": flowers.unseen[:10], "more/b.csv": flowers.unseen[10:]}
    for key, rows in halves.items():
        objects.put(f"rows/{key}", csv(rows))
    output = f"s3://{objects.bucket}/predictions"
    transformer = fitted.transformer(
        instance_count=1, instance_type="ml.m5.large", output_path=output, assemble_with="Line", accept="text/csv"
    )
    transformer.transform(
        f"s3://{objects.bucket}/rows", content_type="text/csv", split_type="Line", wait=False, logs=False
    )
    job = ends.transform_job(transformer.latest_transform_job.name)
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    assert objects.keys(output) == ["a.csv.out", "more/b.csv.out"]
    for key, rows in halves.items():
        predicted = [float(line) for line in objects.get(f"{output}/{key}.out").decode().split()]
        np.testing.assert_allclose(predicted, booster.predict(xgboost.DMatrix(rows)), rtol=1e-5)


def test_predictions_are_joined_to_their_input(
    fitted: Estimator, booster: xgboost.Booster, objects: Objects, flowers: Flowers, ends: Ends
) -> None:
    numbers = np.arange(len(flowers.unseen))
    source = objects.put("numbered/rows.csv", csv(numbers, flowers.unseen))
    output = f"s3://{objects.bucket}/joined"
    transformer = fitted.transformer(
        instance_count=1, instance_type="ml.m5.large", output_path=output, assemble_with="Line", accept="text/csv"
    )
    transformer.transform(
        source,
        content_type="text/csv",
        split_type="Line",
        input_filter="$[1:]",
        join_source="Input",
        output_filter="$[0,-1]",
        wait=False,
        logs=False,
    )
    job = ends.transform_job(transformer.latest_transform_job.name)
    assert job["TransformJobStatus"] == "Completed", job.get("FailureReason")
    lines = objects.get(f"{output}/rows.csv.out").decode().split()
    joined = np.asarray([line.split(",") for line in lines], dtype=float)
    np.testing.assert_array_equal(joined[:, 0], numbers)
    np.testing.assert_allclose(joined[:, 1], booster.predict(xgboost.DMatrix(flowers.unseen)), rtol=1e-5)


def test_a_line_that_is_no_csv_fails_the_job(fitted: Estimator, objects: Objects, ends: Ends) -> None:
    source = objects.put("wrong/rows.csv", b"0.1,0.2,0.3,0.4\nnot,a,number,at-all\n")
    transformer = fitted.transformer(
        instance_count=1, instance_type="ml.m5.large", output_path=f"s3://{objects.bucket}/none"
    )
    transformer.transform(source, content_type="text/csv", split_type="Line", wait=False, logs=False)
    job = ends.transform_job(transformer.latest_transform_job.name)
    assert job["TransformJobStatus"] == "Failed"
    assert "rows.csv" in json.dumps(job["FailureReason"])
