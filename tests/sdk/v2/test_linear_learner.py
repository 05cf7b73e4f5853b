"""The SDK's own LinearLearner on digits: record sets, fit, attach, deploy, predict with its own serializers.

What is asked is what `tests/integ/test_linear_learner.py` of `aws/sagemaker-python-sdk` asks of AWS.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sagemaker
from sagemaker.amazon.linear_learner import LinearLearner, LinearLearnerModel
from sagemaker.exceptions import UnexpectedStatusException
from sklearn.datasets import load_digits

from tests.sdk.conftest import Ends


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    features, labels = load_digits(return_X_y=True)
    return features.astype("float32"), labels.astype("float32")


def learner(session: sagemaker.Session, role: str, instances: int = 1, **hyperparameters: object) -> LinearLearner:
    return LinearLearner(role, instances, "ml.m5.large", sagemaker_session=session, **hyperparameters)


@pytest.fixture(scope="module")
def fitted(session: sagemaker.Session, role: str, digits: tuple[np.ndarray, np.ndarray]) -> LinearLearner:
    features, labels = digits
    estimator = learner(session, role, 2, predictor_type="multiclass_classifier", num_classes=10, num_models=4)
    sets = [
        estimator.record_set(features[:1400], labels[:1400]),
        estimator.record_set(features[1400:], labels[1400:], channel="validation"),
    ]
    estimator.fit(sets, mini_batch_size=100)
    return estimator


def test_digits_are_learnt_on_two_instances_from_a_record_set(fitted: LinearLearner) -> None:
    frame = fitted.training_job_analytics.dataframe()
    accuracy = frame[frame["metric_name"] == "validation:multiclass_accuracy"]["value"]
    assert accuracy.iloc[-1] > 0.85


def test_the_deployed_model_answers_records(
    fitted: LinearLearner,
    digits: tuple[np.ndarray, np.ndarray],
    session: sagemaker.Session,
    role: str,
    ends: Ends,
    unique: Callable[[str], str],
) -> None:
    features, labels = digits
    attached = LinearLearner.attach(fitted.latest_training_job.name, sagemaker_session=session)
    model = LinearLearnerModel(attached.model_data, role=role, sagemaker_session=session)
    name = unique("linear")
    predictor = model.deploy(1, "ml.m5.large", endpoint_name=name, wait=False)
    try:
        assert ends.endpoint(name)["EndpointStatus"] == "InService"
        records = predictor.predict(features[:100])
    finally:
        predictor.delete_endpoint()
    said = [record.label["predicted_label"].float32_tensor.values[0] for record in records]
    assert np.mean(np.array(said) == labels[:100]) > 0.9
    assert {len(record.label["score"].float32_tensor.values) for record in records} == {10}


def test_every_hyperparameter_of_the_sdk_is_taken(
    session: sagemaker.Session,
    role: str,
    digits: tuple[np.ndarray, np.ndarray],
    ends: Ends,
    unique: Callable[[str], str],
) -> None:
    features, labels = digits
    estimator = learner(
        session,
        role,
        predictor_type="binary_classifier",
        binary_classifier_model_selection_criteria="accuracy",
        target_recall=0.5,
        target_precision=0.5,
        positive_example_weight_mult=0.1,
        epochs=1,
        use_bias=True,
        num_models=1,
        num_calibration_samples=1,
        init_method="uniform",
        init_scale=0.5,
        init_sigma=0.2,
        init_bias=5,
        optimizer="adam",
        loss="logistic",
        wd=0.5,
        l1=0.5,
        momentum=0.5,
        learning_rate=0.1,
        beta_1=0.1,
        beta_2=0.1,
        use_lr_scheduler=True,
        lr_scheduler_step=2,
        lr_scheduler_factor=0.5,
        lr_scheduler_minimum_lr=0.1,
        normalize_data=False,
        normalize_label=False,
        unbias_data=True,
        unbias_label=False,
        num_point_for_scaler=10_000,
        margin=1.0,
        quantile=0.5,
        loss_insensitivity=0.1,
        huber_delta=0.1,
        early_stopping_tolerance=0.0001,
        early_stopping_patience=3,
    )
    name = unique("everything")
    estimator.fit(estimator.record_set(features[:200], (labels[:200] > 4).astype("float32")), wait=False, job_name=name)
    job = ends.training_job(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")


def test_numbers_of_64_bits_are_a_client_error(
    session: sagemaker.Session, role: str, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = digits
    estimator = learner(session, role, predictor_type="regressor")
    records = estimator.record_set(features[:20].astype("float64"), labels[:20])
    with pytest.raises(
        UnexpectedStatusException, match=r"ClientError: .* it holds float64_tensor; expected float32_tensor"
    ):
        estimator.fit(records, logs=False)
