"""The framework estimators XGBoost and SKLearn: the user's script trains, and its functions answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import boto3
import joblib
import numpy as np
import pytest
import sagemaker
import xgboost
from sagemaker.deserializers import CSVDeserializer, JSONDeserializer
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.sklearn import SKLearn
from sagemaker.xgboost import XGBoost

from tests.sdk.conftest import SCRIPTS, Description, Ends, Flowers, Objects


@pytest.fixture(scope="module")
def fit_xgboost(
    session: sagemaker.Session, role: str, bucket: str, train_uri: str, ends: Ends
) -> tuple[XGBoost, Description]:
    """A fitted estimator with a source directory that has requirements."""
    estimator = XGBoost(
        entry_point="train.py",
        source_dir=str(SCRIPTS / "xgboost"),
        framework_version="1.7-1",
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        hyperparameters={"num_round": 9, "max_depth": 2, "label-name": 'a "quoted" name'},
        metric_definitions=[{"Name": "loss", "Regex": "logloss=([0-9.]+);"}],
        sagemaker_session=session,
    )
    estimator.fit({"train": TrainingInput(train_uri, content_type="text/csv")}, wait=False)
    return estimator, ends.training_job(estimator.latest_training_job.name)


def test_a_script_trains_with_its_hyperparameters_and_requirements(
    fit_xgboost: tuple[XGBoost, Description], objects: Objects, boto: boto3.Session, tmp_path: Path
) -> None:
    estimator, job = fit_xgboost
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    output = estimator.model_data.removesuffix("model.tar.gz")
    report = json.loads(objects.unpack(f"{output}output.tar.gz")["report.json"])
    assert report["label"] == 'a "quoted" name'
    assert report["hosts"] == ["algo-1"]
    (loss,) = [metric["Value"] for metric in job["FinalMetricDataList"] if metric["MetricName"] == "loss"]
    assert loss == pytest.approx(report["loss"], abs=1e-6)
    path = tmp_path / "booster.ubj"
    path.write_bytes(objects.unpack(estimator.model_data)["booster.ubj"])
    assert xgboost.Booster(model_file=str(path)).num_boosted_rounds() == 9
    logs = boto.client("logs")
    group, name = "/aws/sagemaker/TrainingJobs", job["TrainingJobName"]
    (stream,) = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=name)["logStreams"]
    events = logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"], startFromHead=True)
    assert any("after IX rounds: logloss=" in event["message"] for event in events["events"])


def test_the_scripts_model_answers_as_the_booster_does(
    fit_xgboost: tuple[XGBoost, Description],
    objects: Objects,
    flowers: Flowers,
    ends: Ends,
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    estimator, _ = fit_xgboost
    name = unique("xgboost-script")
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        endpoint_name=name,
        serializer=CSVSerializer(),
        deserializer=CSVDeserializer(),
        wait=False,
    )
    try:
        described = ends.endpoint(name)
        assert described["EndpointStatus"] == "InService", described.get("FailureReason")
        answered = np.asarray(predictor.predict(flowers.unseen), dtype=float).ravel()
    finally:
        predictor.delete_endpoint()
    path = tmp_path / "booster.ubj"
    path.write_bytes(objects.unpack(estimator.model_data)["booster.ubj"])
    expected = xgboost.Booster(model_file=str(path)).predict(xgboost.DMatrix(flowers.unseen))
    np.testing.assert_allclose(answered, expected, rtol=1e-5)


def test_a_scikit_learn_script_trains_and_all_its_functions_answer(
    session: sagemaker.Session,
    role: str,
    objects: Objects,
    train_uri: str,
    flowers: Flowers,
    ends: Ends,
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    estimator = SKLearn(
        entry_point="train.py",
        source_dir=str(SCRIPTS / "sklearn"),
        framework_version="1.2-1",
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{objects.bucket}/models",
        hyperparameters={"C": 0.25},
        sagemaker_session=session,
    )
    estimator.fit({"train": train_uri}, wait=False)
    job = ends.training_job(estimator.latest_training_job.name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    path = tmp_path / "model.joblib"
    path.write_bytes(objects.unpack(estimator.model_data)["model.joblib"])
    model = joblib.load(path)
    assert model.C == 0.25
    name = unique("sklearn-script")
    predictor = estimator.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        endpoint_name=name,
        serializer=CSVSerializer(),
        deserializer=JSONDeserializer(),
        wait=False,
    )
    try:
        described = ends.endpoint(name)
        assert described["EndpointStatus"] == "InService", described.get("FailureReason")
        answered = predictor.predict(flowers.unseen)
    finally:
        predictor.delete_endpoint()
    blooming = [row["blooming"] for row in answered]
    np.testing.assert_allclose(blooming, model.predict_proba(flowers.unseen)[:, 1], rtol=1e-9)


def test_an_exception_of_the_script_is_the_reason_of_the_failure(
    session: sagemaker.Session, role: str, bucket: str, train_uri: str, ends: Ends, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('no flowers in winter')\n", "utf-8")
    estimator = SKLearn(
        entry_point=str(tmp_path / "broken.py"),
        framework_version="1.2-1",
        role=role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/models",
        sagemaker_session=session,
    )
    estimator.fit({"train": train_uri}, wait=False)
    job = ends.training_job(estimator.latest_training_job.name)
    assert job["TrainingJobStatus"] == "Failed"
    assert "no flowers in winter" in job["FailureReason"]
    with pytest.raises(sagemaker.exceptions.UnexpectedStatusException, match="no flowers in winter"):
        estimator.latest_training_job.wait(logs=False)
