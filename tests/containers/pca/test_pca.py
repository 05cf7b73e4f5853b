"""PCA, by "PCA Hyperparameters" and "PCA Response Formats" in the developer guide.

The components come in the order of the notebook archived/sagemaker-countycensusclustering.ipynb of
aws/amazon-sagemaker-examples: the largest last.
"""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.algorithm import channel
from sagecraft_containers.algorithm.archive import load_arrays
from sagecraft_containers.errors import CustomerError
from sklearn.decomposition import PCA, TruncatedSVD

from tests.containers.algorithm_job import AlgorithmJob, answered, answered_records
from tests.containers.records import dense, sparse

FAR = 1000
"""From zero, so that what subtracts no mean finds that."""


def rows(count: int = 300) -> np.ndarray:
    random = np.random.default_rng(2)
    return (FAR + random.normal(size=(count, 6)) * [9, 6, 4, 1, 0.5, 0.1]).astype(np.float32)


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    return AlgorithmJob("pca", tmp_path, {"feature_dim": 6, "num_components": 3, "mini_batch_size": 70})


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_components_are_those_of_the_library_the_largest_last(
    job: AlgorithmJob, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job.with_(algorithm_mode=mode).train(train=dense(rows(), None))
    expected = PCA(3).fit(rows().astype(np.float64))
    arrays = load_arrays(job.base / "model", "pca")[1]
    assert arrays["s"] == pytest.approx(expected.singular_values_[::-1], rel=1e-2)
    assert arrays["mean"] == pytest.approx(rows().mean(axis=0), rel=1e-5)
    predictor = job.predictor(monkeypatch)
    projections = np.array([each["projection"] for each in answered(predictor, rows(20))["projections"]])
    truth = expected.transform(rows(20))[:, ::-1]
    assert np.abs(projections) == pytest.approx(np.abs(truth), abs=0.15)
    record = answered_records(predictor, rows(1))[0]["projection"]
    assert record == pytest.approx(projections[0], abs=1e-3)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_without_the_mean_subtracted_the_rows_are_decomposed_as_they_are(job: AlgorithmJob, mode: str) -> None:
    job.with_(algorithm_mode=mode, subtract_mean="false").train(train=dense(rows(), None))
    expected = TruncatedSVD(3, algorithm="arpack").fit(rows().astype(np.float64))
    arrays = load_arrays(job.base / "model", "pca")[1]
    assert arrays["s"] == pytest.approx(expected.singular_values_[::-1], rel=1e-2)
    assert not arrays["mean"].any()


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_sparse_rows_come_to_the_same(job: AlgorithmJob, mode: str) -> None:
    few = np.where(np.random.default_rng(3).random((300, 6)) < 0.3, rows() - FAR, 0).astype(np.float32)
    job.with_(algorithm_mode=mode).train(train=sparse(few, None))
    expected = PCA(3).fit(few.astype(np.float64)).singular_values_[::-1]
    assert load_arrays(job.base / "model", "pca")[1]["s"] == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("subtract_mean", ["true", "false"])
def test_rows_that_are_too_many_at_once_come_to_the_same(
    job: AlgorithmJob, subtract_mean: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "memory_bytes", lambda: 100 * 6 * 4)
    job.with_(algorithm_mode="randomized", subtract_mean=subtract_mean).train(train=dense(rows(), None))
    kind = PCA(3) if subtract_mean == "true" else TruncatedSVD(3, algorithm="arpack")
    expected = kind.fit(rows().astype(np.float64)).singular_values_[::-1]
    assert load_arrays(job.base / "model", "pca")[1]["s"] == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_one_component_and_a_short_last_batch_are_no_trouble(job: AlgorithmJob, mode: str) -> None:
    job.with_(algorithm_mode=mode, num_components=1, extra_components=0).train(train=dense(rows(71), None))
    assert load_arrays(job.base / "model", "pca")[1]["v"].shape == (6, 1)


@pytest.mark.parametrize("mode", ["regular", "randomized"])
def test_fewer_rows_than_components_are_refused(job: AlgorithmJob, mode: str) -> None:
    with pytest.raises(
        CustomerError, match=r"num_components: got '3', but the channel 'train' has 2 rows; use no more"
    ):
        job.with_(algorithm_mode=mode).train(train=dense(rows(2), None))


def test_more_components_than_features_are_refused(job: AlgorithmJob) -> None:
    with pytest.raises(CustomerError, match="num_components: got '7', must be at most feature_dim, '6'"):
        job.with_(num_components=7).train(train=dense(rows(), None))
