"""The SDK's own estimators of AWS's algorithms on digits: record sets, fit, deploy, predict.

What is asked is what `tests/integ/test_kmeans.py`, `test_pca.py`, `test_knn_classifier.py`, `test_lda.py`,
`test_factorization_machines.py` and `test_randomcutforest.py` of `aws/sagemaker-python-sdk` ask of AWS, with every
hyperparameter that they give.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import sagemaker
from sagemaker.amazon.amazon_estimator import AmazonAlgorithmEstimatorBase
from sagemaker.amazon.factorization_machines import FactorizationMachines
from sagemaker.amazon.kmeans import KMeans
from sagemaker.amazon.knn import KNN
from sagemaker.amazon.lda import LDA
from sagemaker.amazon.pca import PCA
from sagemaker.amazon.randomcutforest import RandomCutForest
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.model import Model
from sagemaker.predictor import Predictor
from sagemaker.serializers import CSVSerializer
from sklearn.datasets import load_digits

from tests.sdk.conftest import Ends

ROWS, LABELS = (each.astype("float32") for each in load_digits(return_X_y=True))
TRAIN, TEST = slice(0, 300), slice(300, 400)
Train = Callable[..., dict[str, float]]
Answers = Callable[[AmazonAlgorithmEstimatorBase], list[dict[str, list[float]]]]


@pytest.fixture
def train(ends: Ends, unique: Callable[[str], str]) -> Train:
    """Fits an estimator, with a channel `test` where there are labels for it; returns what the job's metrics say."""

    def train(
        estimator: AmazonAlgorithmEstimatorBase,
        labels: np.ndarray | None = None,
        test_labels: np.ndarray | None = None,
        mini_batch_size: int | None = 100,
    ) -> dict[str, float]:
        sets = [estimator.record_set(ROWS[TRAIN], None if labels is None else labels[TRAIN])]
        if test_labels is not None:
            sets.append(estimator.record_set(ROWS[TEST], test_labels[TEST], channel="test"))
        name = unique("algorithm")
        estimator.fit(sets, mini_batch_size=mini_batch_size, wait=False, job_name=name)
        job = ends.training_job(name)
        assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
        return {each["MetricName"]: each["Value"] for each in job["FinalMetricDataList"]}

    return train


@pytest.fixture
def answers(ends: Ends, unique: Callable[[str], str]) -> Answers:
    """What the deployed model says of ten rows, by the names of its labels."""

    def answers(estimator: AmazonAlgorithmEstimatorBase) -> list[dict[str, list[float]]]:
        name = unique("algorithm")
        predictor = estimator.deploy(1, "ml.m5.large", endpoint_name=name, wait=False)
        try:
            assert ends.endpoint(name)["EndpointStatus"] == "InService"
            records = predictor.predict(ROWS[:10])
        finally:
            predictor.delete_endpoint()
        return [{key: list(each.float32_tensor.values) for key, each in record.label.items()} for record in records]

    return answers


def test_kmeans_clusters(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    kmeans = KMeans(
        role,
        1,
        "ml.m5.large",
        k=10,
        init_method="random",
        max_iterations=1,
        tol=1,
        num_trials=1,
        local_init_method="kmeans++",
        half_life_time_size=1,
        epochs=1,
        center_factor=1,
        eval_metrics=["ssd", "msd"],
        sagemaker_session=session,
    )
    metrics = train(kmeans, test_labels=LABELS)
    assert metrics["test:ssd"] == pytest.approx(100 * metrics["test:msd"], rel=1e-5)
    found = answers(kmeans)
    assert len(found) == 10
    assert all(0 <= each["closest_cluster"][0] < 10 and each["distance_to_cluster"][0] > 0 for each in found)


def test_pca_projects(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    pca = PCA(
        role,
        1,
        "ml.m5.large",
        num_components=48,
        algorithm_mode="randomized",
        subtract_mean=True,
        extra_components=5,
        sagemaker_session=session,
    )
    train(pca)
    assert [len(each["projection"]) for each in answers(pca)] == [48] * 10


def test_knn_votes(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    knn = KNN(
        role,
        1,
        "ml.m5.large",
        k=5,
        sample_size=500,
        predictor_type="classifier",
        dimension_reduction_type="fjlt",
        dimension_reduction_target=32,
        index_type="faiss.IVFPQ",
        index_metric="L2",
        faiss_index_ivf_nlists="auto",
        faiss_index_pq_m=4,
        sagemaker_session=session,
    )
    assert train(knn, LABELS, LABELS)["test:accuracy"] > 0.8
    said = [each["predicted_label"][0] for each in answers(knn)]
    assert np.mean(np.array(said) == LABELS[:10]) > 0.8


def test_a_random_cut_forest_scores(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    forest = RandomCutForest(
        role,
        1,
        "ml.m5.large",
        num_trees=50,
        num_samples_per_tree=20,
        eval_metrics=["accuracy", "precision_recall_fscore"],
        sagemaker_session=session,
    )
    assert "test:f1" in train(forest, test_labels=(LABELS == 0).astype("float32"), mini_batch_size=None)
    assert all(each["score"][0] > 0 for each in answers(forest))


def test_lda_mixes_topics(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    lda = LDA(
        role,
        "ml.m5.large",
        num_topics=10,
        alpha0=1.5,
        max_restarts=1,
        max_iterations=10,
        tol=0.01,
        sagemaker_session=session,
    )
    assert train(lda, test_labels=LABELS)["test:pwll"] < 0
    assert [sum(each["topic_mixture"]) for each in answers(lda)] == pytest.approx([1] * 10, abs=1e-4)


def test_factorization_machines_regress(session: sagemaker.Session, role: str, train: Train, answers: Answers) -> None:
    machines = FactorizationMachines(
        role,
        1,
        "ml.m5.large",
        num_factors=10,
        predictor_type="regressor",
        epochs=2,
        clip_gradient=1e2,
        eps=0.001,
        rescale_grad=1.0 / 100,
        sagemaker_session=session,
    )
    assert train(machines, LABELS, LABELS)["test:rmse"] < 20
    assert [len(each["score"]) for each in answers(machines)] == [1] * 10


def test_lightgbm_learns_by_jumpstarts_script(
    session: sagemaker.Session, role: str, bucket: str, ends: Ends, unique: Callable[[str], str]
) -> None:
    """An Estimator of what `image_uris`, `script_uris` and `model_uris` retrieve of `lightgbm-classification-model`."""
    jumpstart = "s3://jumpstart-cache-prod-us-east-1"
    table = np.column_stack((LABELS[TRAIN], ROWS[TRAIN])).astype(int)
    rows = "\n".join(",".join(map(str, row)) for row in table)
    data = session.upload_string_as_file_body(rows, bucket, "digits/data.csv")
    name = unique("lightgbm")
    Estimator(
        role=role,
        image_uri="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:1.9.0-cpu-py38",
        source_dir=f"{jumpstart}/source-directory-tarballs/lightgbm/transfer_learning/classification/v1.0.0/sourcedir.tar.gz",
        model_uri=f"{jumpstart}/lightgbm-training/train-lightgbm-classification-model.tar.gz",
        entry_point="transfer_learning.py",
        instance_count=1,
        instance_type="ml.m5.xlarge",
        hyperparameters={"num_boost_round": "10", "num_leaves": "8"},
        metric_definitions=[{"Name": "loss", "Regex": "multi_logloss: ([0-9\\.]+)"}],
        sagemaker_session=session,
    ).fit({"training": data.rpartition("/")[0]}, wait=False, job_name=name)
    job = ends.training_job(name)
    assert job["TrainingJobStatus"] == "Completed", job.get("FailureReason")
    model = Model(
        image_uri="763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:1.9.0-cpu-py38",
        model_data=job["ModelArtifacts"]["S3ModelArtifacts"],
        role=role,
        env={"SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"},
        predictor_cls=Predictor,
        sagemaker_session=session,
    )
    predictor = model.deploy(1, "ml.m5.large", endpoint_name=name, wait=False)
    predictor.serializer, predictor.deserializer = CSVSerializer(), JSONDeserializer()
    try:
        assert ends.endpoint(name)["EndpointStatus"] == "InService"
        answer = predictor.predict(ROWS[:50])
    finally:
        predictor.delete_endpoint()
    assert np.mean(np.array(answer["probabilities"]).argmax(axis=1) == LABELS[:50]) > 0.9
