"""Estimators of the built-in XGBoost: fit, logs, analytics, attach, deploy, stop, two instances."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import boto3
import numpy as np
import pytest
import sagemaker
import xgboost
from sagemaker.analytics import TrainingJobAnalytics
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer

from tests.sdk.conftest import Ends, Flowers, Objects, csv

HYPERPARAMETERS = {"objective": "binary:logistic", "num_round": 12, "max_depth": 3, "eval_metric": "auc", "seed": 5}


@pytest.fixture(scope="module")
def image(session: sagemaker.Session) -> str:
    uri: str = sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1")
    return uri


@pytest.fixture(scope="module")
def estimator(session: sagemaker.Session, image: str, role: str, bucket: str) -> Estimator:
    return Estimator(
        image,
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        base_job_name="estimator",
        hyperparameters=HYPERPARAMETERS,
        sagemaker_session=session,
    )


def inputs(train_uri: str, validation_uri: str) -> dict[str, TrainingInput]:
    return {
        "train": TrainingInput(train_uri, content_type="text/csv"),
        "validation": TrainingInput(validation_uri, content_type="text/csv"),
    }


def booster(objects: Objects, model_data: str, directory: Path) -> xgboost.Booster:
    files = objects.unpack(model_data)
    assert list(files) == ["xgboost-model"]
    path = directory / "model.ubj"
    path.write_bytes(files["xgboost-model"])
    return xgboost.Booster(model_file=str(path))


@pytest.fixture(scope="module")
def fitted(
    estimator: Estimator, train_uri: str, validation_uri: str, tmp_path_factory: pytest.TempPathFactory
) -> Estimator:
    """The one estimator that is fitted as its documentation says: waiting, with its logs."""
    log = tmp_path_factory.mktemp("fit") / "log"
    with log.open("w") as file, contextlib.redirect_stdout(file):
        estimator.fit(inputs(train_uri, validation_uri), wait=True, logs="All")
    estimator.log_of_the_test = log.read_text()
    return estimator


def test_fit_waits_and_shows_the_log_of_the_training(fitted: Estimator) -> None:
    log = fitted.log_of_the_test
    assert "The train channel has 300 rows and 4 features." in log
    assert "[11]#011train-auc:" in log
    assert "Training job completed" in log
    assert "Billable seconds:" in log


def test_the_model_of_fit_is_the_boosters_that_was_asked_for(
    fitted: Estimator, objects: Objects, flowers: Flowers, tmp_path: Path
) -> None:
    assert fitted.model_data == f"s3://{objects.bucket}/models/{fitted.latest_training_job.name}/output/model.tar.gz"
    model = booster(objects, fitted.model_data, tmp_path)
    assert model.num_boosted_rounds() == 12
    predicted = model.predict(xgboost.DMatrix(flowers.features[300:])) > 0.5
    assert (predicted == flowers.labels[300:]).mean() > 0.85


def test_analytics_hold_the_metrics_of_the_log(fitted: Estimator, boto: boto3.Session) -> None:
    name = fitted.latest_training_job.name
    described = boto.client("sagemaker").describe_training_job(TrainingJobName=name)
    final = {metric["MetricName"]: metric["Value"] for metric in described["FinalMetricDataList"]}
    analytics = TrainingJobAnalytics(name, sagemaker_session=fitted.sagemaker_session)
    frame = fitted.training_job_analytics.dataframe()
    assert list(frame.columns) == ["timestamp", "metric_name", "value"]
    assert {"train:auc", "validation:auc"} <= set(frame["metric_name"])
    assert frame.equals(analytics.dataframe())
    validation = frame[frame["metric_name"] == "validation:auc"]
    assert 0.5 < validation["value"].max() <= 1
    assert validation["value"].min() <= final["validation:auc"]


def test_attach_finds_the_job_again(fitted: Estimator, session: sagemaker.Session) -> None:
    attached = Estimator.attach(fitted.latest_training_job.name, sagemaker_session=session)
    assert attached.model_data == fitted.model_data
    assert attached.hyperparameters() == {name: str(value) for name, value in HYPERPARAMETERS.items()}
    assert attached.role == fitted.role
    assert attached.instance_type == "ml.m5.large"


def test_the_deployed_model_answers_what_the_booster_says(
    fitted: Estimator, objects: Objects, flowers: Flowers, ends: Ends, unique: Callable[[str], str], tmp_path: Path
) -> None:
    name = unique("estimator")
    predictor = fitted.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        endpoint_name=name,
        serializer=CSVSerializer(),
        deserializer=CSVDeserializer(),
        wait=False,
    )
    try:
        assert ends.endpoint(name)["EndpointStatus"] == "InService"
        answered = np.asarray(predictor.predict(flowers.unseen), dtype=float).ravel()
    finally:
        predictor.delete_endpoint()
    expected = booster(objects, fitted.model_data, tmp_path).predict(xgboost.DMatrix(flowers.unseen))
    np.testing.assert_allclose(answered, expected, rtol=1e-5)


def test_two_instances_on_sharded_data_leave_one_model(
    session: sagemaker.Session,
    image: str,
    role: str,
    objects: Objects,
    flowers: Flowers,
    ends: Ends,
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    for part in range(4):
        rows = slice(part * 75, part * 75 + 75)
        objects.put(f"shards/part-{part}.csv", csv(flowers.labels[rows], flowers.features[rows]))
    name = unique("two")
    estimator = Estimator(
        image,
        role,
        instance_count=2,
        instance_type="ml.m5.large",
        output_path=f"s3://{objects.bucket}/models",
        hyperparameters=HYPERPARAMETERS,
        sagemaker_session=session,
    )
    channel = TrainingInput(f"s3://{objects.bucket}/shards", content_type="text/csv", distribution="ShardedByS3Key")
    estimator.fit({"train": channel}, wait=False, job_name=name)
    assert ends.training_job(name)["TrainingJobStatus"] == "Completed"
    model = booster(objects, estimator.model_data, tmp_path)
    assert model.num_boosted_rounds() == 12
    predicted = model.predict(xgboost.DMatrix(flowers.features[300:])) > 0.5
    assert (predicted == flowers.labels[300:]).mean() > 0.85


def test_a_stopped_job_is_stopped(
    session: sagemaker.Session,
    image: str,
    role: str,
    bucket: str,
    train_uri: str,
    ends: Ends,
    unique: Callable[[str], str],
) -> None:
    name = unique("stopped")
    estimator = Estimator(
        image,
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        hyperparameters={**HYPERPARAMETERS, "num_round": 10_000_000},
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}, wait=False, job_name=name)
    estimator.latest_training_job.stop()
    described = ends.training_job(name)
    assert described["TrainingJobStatus"] == "Stopped"
    assert described["SecondaryStatus"] == "Stopped"
