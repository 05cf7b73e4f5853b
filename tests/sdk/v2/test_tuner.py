"""HyperparameterTuner: fit, the best training job, analytics, and the best model deployed."""

from __future__ import annotations

from collections.abc import Callable

import boto3
import numpy as np
import pytest
import sagemaker
import xgboost
from sagemaker.deserializers import CSVDeserializer
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
from sagemaker.tuner import ContinuousParameter, HyperparameterTuner, IntegerParameter

from tests.sdk.conftest import Description, Ends, Flowers, Objects

TRIALS = 4


@pytest.fixture(scope="module")
def tuned(
    session: sagemaker.Session,
    role: str,
    bucket: str,
    train_uri: str,
    validation_uri: str,
    ends: Ends,
    unique: Callable[[str], str],
) -> tuple[HyperparameterTuner, Description]:
    """A tuning job that has ended."""
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/tuned",
        hyperparameters={"objective": "binary:logistic", "num_round": 8, "seed": 5},
        sagemaker_session=session,
    )
    tuner = HyperparameterTuner(
        estimator,
        objective_metric_name="validation:auc",
        hyperparameter_ranges={
            "eta": ContinuousParameter(0.01, 0.5, scaling_type="Logarithmic"),
            "max_depth": IntegerParameter(1, 5),
        },
        max_jobs=TRIALS,
        max_parallel_jobs=2,
        strategy="Bayesian",
        random_seed=3,
    )
    channels = {
        "train": TrainingInput(train_uri, content_type="text/csv"),
        "validation": TrainingInput(validation_uri, content_type="text/csv"),
    }
    tuner.fit(channels, job_name=unique("tuned"), wait=False)  # the SDK's own names tell the minute only
    return tuner, ends.tuning_job(tuner.latest_tuning_job.name)


def test_every_trial_is_a_training_job_within_the_ranges(
    tuned: tuple[HyperparameterTuner, Description], boto: boto3.Session
) -> None:
    tuner, job = tuned
    assert job["HyperParameterTuningJobStatus"] == "Completed", job.get("FailureReason")
    assert job["TrainingJobStatusCounters"]["Completed"] == TRIALS
    frame = tuner.analytics().dataframe()
    assert len(frame) == TRIALS
    assert frame["eta"].between(0.01, 0.5).all()
    assert frame["max_depth"].between(1, 5).all()
    assert frame["eta"].nunique() == TRIALS
    sagemaker_client = boto.client("sagemaker")
    for trial in frame.itertuples():
        described = sagemaker_client.describe_training_job(TrainingJobName=trial.TrainingJobName)
        final = {metric["MetricName"]: metric["Value"] for metric in described["FinalMetricDataList"]}
        assert final["validation:auc"] == pytest.approx(trial.FinalObjectiveValue)
        assert float(described["HyperParameters"]["eta"]) == pytest.approx(trial.eta)
        assert described["TuningJobArn"] == job["HyperParameterTuningJobArn"]


def test_the_best_training_job_has_the_best_objective(tuned: tuple[HyperparameterTuner, Description]) -> None:
    tuner, job = tuned
    frame = tuner.analytics().dataframe()
    best = frame.loc[frame["FinalObjectiveValue"].idxmax()]
    named = frame.set_index("TrainingJobName")["FinalObjectiveValue"][tuner.best_training_job()]
    assert named == best["FinalObjectiveValue"]
    metric = job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]
    assert metric["MetricName"] == "validation:auc"
    assert metric["Value"] == pytest.approx(named)


def test_an_attached_tuner_knows_the_same(
    tuned: tuple[HyperparameterTuner, Description], session: sagemaker.Session
) -> None:
    tuner, job = tuned
    attached = HyperparameterTuner.attach(job["HyperParameterTuningJobName"], sagemaker_session=session)
    assert attached.best_training_job() == tuner.best_training_job()
    assert attached.objective_metric_name == "validation:auc"


def test_the_best_model_is_deployed_and_answers_as_its_booster_does(
    tuned: tuple[HyperparameterTuner, Description],
    objects: Objects,
    flowers: Flowers,
    ends: Ends,
    unique: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    tuner, _ = tuned
    name = unique("best")
    predictor = tuner.deploy(
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
    path = tmp_path_factory.mktemp("best") / "model.ubj"
    path.write_bytes(objects.unpack(tuner.best_estimator().model_data)["xgboost-model"])
    booster = xgboost.Booster(model_file=str(path))
    np.testing.assert_allclose(answered, booster.predict(xgboost.DMatrix(flowers.unseen)), rtol=1e-5)


def test_a_stopped_tuner_is_stopped_with_its_trials(
    session: sagemaker.Session,
    role: str,
    bucket: str,
    train_uri: str,
    ends: Ends,
    boto: boto3.Session,
    unique: Callable[[str], str],
) -> None:
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/tuned",
        hyperparameters={"objective": "binary:logistic", "num_round": 10_000_000},
        sagemaker_session=session,
    )
    tuner = HyperparameterTuner(
        estimator,
        objective_metric_name="train:auc",
        hyperparameter_ranges={"eta": ContinuousParameter(0.1, 0.5)},
        max_jobs=3,
        max_parallel_jobs=1,
        strategy="Random",
    )
    channels = {"train": TrainingInput(train_uri, content_type="text/csv")}
    tuner.fit(channels, job_name=unique("stopped"), wait=False)
    tuner.stop_tuning_job()
    name = tuner.latest_tuning_job.name
    assert ends.tuning_job(name)["HyperParameterTuningJobStatus"] == "Stopped"
    summaries = boto.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name
    )["TrainingJobSummaries"]
    assert not [trial for trial in summaries if trial["TrainingJobStatus"] not in {"Stopped"}]
