"""Factorization machines: pairs of features are learnt, which a linear model cannot learn."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.errors import CustomerError
from sagecraft_containers.factorization_machines.model import FactorizationMachine
from sagecraft_containers.serving.predictor import RequestError

from tests.containers.algorithm_job import AlgorithmJob, answered, answered_records
from tests.containers.records import dense, sparse

PAIRS = np.random.default_rng(3).integers(0, 4, size=(400, 2))
FEATURES = np.eye(8, dtype=np.float32)[np.add(PAIRS, (0, 4))].sum(axis=1)
"""Two of eight features are 1: one of the first four and one of the last."""
ALIKE = (PAIRS[:, 0] % 2 == PAIRS[:, 1] % 2).astype(np.float32)
"""What neither feature tells alone."""
SETTINGS = {
    "feature_dim": 8,
    "num_factors": 4,
    "epochs": 30,
    "mini_batch_size": 50,
    "factors_lr": 0.05,
    "factors_init_sigma": 0.1,
}


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    return AlgorithmJob("factorization-machines", tmp_path, {**SETTINGS, "predictor_type": "binary_classifier"})


@pytest.mark.parametrize("write", [dense, sparse])
def test_a_classifier_learns_what_pairs_of_features_mean(
    job: AlgorithmJob, write: "object", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(write)
    job.train(train=write(FEATURES[:300], ALIKE[:300]), test=write(FEATURES[300:], ALIKE[300:]))
    log = capsys.readouterr().out
    metrics = job.metrics(log)
    assert metrics["test:binary_classification_accuracy"] == metrics["test:binary_f_beta"] == 1
    assert metrics["test:binary_classification_cross_entropy"] < 0.2
    assert "epoch=29, train binary_classification_accuracy <score>=1.0" in log
    predictor = job.predictor(monkeypatch)
    rows = answered(predictor, FEATURES[:20])["predictions"]
    assert [row["predicted_label"] for row in rows] == ALIKE[:20].tolist()
    assert answered_records(predictor, FEATURES[:1]) == [
        {"score": [pytest.approx(rows[0]["score"])], "predicted_label": [ALIKE[0]]}
    ]


def test_a_regressor_answers_scores(
    job: AlgorithmJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job.with_(predictor_type="regressor", rescale_grad=0.02, clip_gradient=100, eps=0.001)
    job.train(train=dense(FEATURES[:300], 3 * ALIKE[:300]), test=dense(FEATURES[300:], 3 * ALIKE[300:]))
    assert job.metrics(capsys.readouterr().out)["test:rmse"] < 0.5
    (row,) = answered(job.predictor(monkeypatch), FEATURES[:1])["predictions"]
    assert row == {"score": pytest.approx(3 * ALIKE[0], abs=1)}


@pytest.mark.parametrize(
    ("content", "content_type", "told"),
    [
        (
            dense(FEATURES, 2 * ALIKE),
            None,
            "has the label 2; with predictor_type 'binary_classifier' a label must be 0 or 1",
        ),
        (dense(FEATURES[:, :7], ALIKE), None, "train/data: the rows have 7 features, but expected are 8"),
        (dense(FEATURES.astype(np.float64), ALIKE), None, "record 1: it holds float64_tensor; expected float32_tensor"),
        (
            "1,2\n",
            "text/csv",
            "ContentType 'text/csv', which is not supported; use one of application/x-recordio-protobuf",
        ),
    ],
)
def test_what_is_wrong_is_told(job: AlgorithmJob, content: bytes | str, content_type: str | None, told: str) -> None:
    with pytest.raises(CustomerError, match=told):
        job.train(train=content, content_type=content_type)


def test_it_answers_no_csv(job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch) -> None:
    # For inference JSON and records: https://docs.aws.amazon.com/sagemaker/latest/dg/fact-machines.html
    bias, linear, factors = (np.zeros(shape, np.float32) for shape in (1, (2, 1), (2, 3)))
    machine = FactorizationMachine(bias, linear, factors, classifies=True)
    machine.save(job.base / "model")
    with pytest.raises(RequestError, match=r"'text/csv' is not supported; use one of application/json, ") as caught:
        job.predictor(monkeypatch).predict(b"1,2", "text/csv", None)
    assert caught.value.status == 415
