"""Random cut forest, by "RCF Hyperparameters", "Tune an RCF Model" and "RCF Response Formats" in the guide."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.errors import CustomerError

from tests.containers.algorithm_job import AlgorithmJob, answered, answered_records, csv
from tests.containers.records import dense

USUAL = np.random.default_rng(5).normal(size=(600, 2)).astype(np.float32)


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    return AlgorithmJob("randomcutforest", tmp_path, {"feature_dim": 2, "num_trees": 50, "num_samples_per_tree": 64})


def test_what_is_far_from_all_has_the_higher_score(job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job.train(train=dense(USUAL, None))
    predictor = job.predictor(monkeypatch)
    usual, unusual = (each["score"] for each in answered(predictor, [[0, 0], [9, 9]])["scores"])
    assert unusual > 3 * usual > 0
    assert answered_records(predictor, np.array([[9, 9]], np.float32)) == [
        {"score": [pytest.approx(unusual, rel=1e-5)]}
    ]


def test_an_early_row_is_as_likely_in_a_tree_as_a_late_one(job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job.train(train=dense(np.concatenate([USUAL, USUAL + 20]), None))
    early, late = (each["score"] for each in answered(job.predictor(monkeypatch), [[0, 0], [20, 20]])["scores"])
    assert early == pytest.approx(late, rel=0.2)


def test_anomalies_of_a_labelled_test_are_found_beyond_three_deviations(
    job: AlgorithmJob, capsys: pytest.CaptureFixture[str]
) -> None:
    test = np.vstack([np.hstack([np.zeros((200, 1)), USUAL[:200]]), [[1, 30, 30], [1, -40, 25]]])
    train = np.hstack([np.zeros((600, 1)), USUAL])
    job.train(train=csv(train), test=csv(test), content_type="text/csv;label_size=1")
    log = capsys.readouterr().out
    assert job.metrics(log)["test:f1"] > 0.6
    for name in ("accuracy", "precision", "recall"):
        assert f"test {name} <score>=" in log
    assert "test recall <score>=1.0" in log


@pytest.mark.parametrize(
    ("hyperparameters", "told"),
    [
        ({"feature_dim": 3}, "the rows have 2 features, but expected are 3"),
        ({"num_trees": 20}, "num_trees: got '20', must be at least 50 and at most 1000."),
        ({"eval_metrics": '["f1"]'}, "must be a JSON list of 'accuracy' or 'precision_recall_fscore'"),
    ],
)
def test_what_cannot_be_trained_is_told(job: AlgorithmJob, hyperparameters: dict[str, object], told: str) -> None:
    with pytest.raises(CustomerError) as raised:
        job.with_(**hyperparameters).train(train=dense(USUAL, None))
    assert told in str(raised.value)
