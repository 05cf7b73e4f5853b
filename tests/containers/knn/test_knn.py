"""k-NN, by "k-NN Hyperparameters" and "k-NN Request and Response Formats" in the developer guide."""

from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.algorithm.archive import load_arrays
from sagecraft_containers.errors import CustomerError

from tests.containers.algorithm_job import AlgorithmJob, answered, answered_records, csv
from tests.containers.records import dense

ROWS = np.random.default_rng(4).normal(size=(400, 8)).astype(np.float32)
CLASSES = ((ROWS[:, 0] > 0) + 2 * (ROWS[:, 1] > 0)).astype(np.float32)
LINE = np.array([[1.0], [2.0], [4.0], [8.0]], np.float32)


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    given = {"feature_dim": 8, "k": 5, "predictor_type": "classifier", "sample_size": 1000, "mini_batch_size": 150}
    return AlgorithmJob("knn", tmp_path, given)


def of_line(job: AlgorithmJob, **hyperparameters: object) -> AlgorithmJob:
    return job.with_(feature_dim=1, k=3, predictor_type="regressor", **hyperparameters)


def test_neighbors_vote_and_the_test_tells_how_well(
    job: AlgorithmJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job.train(train=dense(ROWS, CLASSES), test=dense(ROWS[:100], CLASSES[:100]))
    assert job.metrics(capsys.readouterr().out)["test:accuracy"] > 0.7
    predictor = job.predictor(monkeypatch)
    (plain,) = answered(predictor, ROWS[:1])["predictions"]
    assert plain.keys() == {"predicted_label"}
    (told,) = answered(predictor, ROWS[:1], "application/json; verbose=true")["predictions"]
    assert (told["labels"][0], told["distances"][0]) == (CLASSES[0], pytest.approx(0, abs=1e-3))
    assert told["distances"] == sorted(told["distances"])
    assert max(set(told["labels"]), key=told["labels"].count) == told["predicted_label"] == plain["predicted_label"]
    assert answered_records(predictor, ROWS[:1]) == [{"predicted_label": [plain["predicted_label"]]}]


def test_a_regressor_answers_the_mean_of_its_neighbors(
    job: AlgorithmJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = of_line(job)
    line.train(train=csv(np.hstack([10 * LINE, LINE])), test=csv([[25, 1], [20, 2]]), content_type="text/csv")
    assert line.metrics(capsys.readouterr().out)["test:mse"] == pytest.approx((5 / 3) ** 2 / 2 + (10 / 3) ** 2 / 2)
    (told,) = answered(line.predictor(monkeypatch), [[1]], "application/json; verbose=true")["predictions"]
    assert told == {
        "predicted_label": pytest.approx(70 / 3, rel=1e-5),
        "distances": pytest.approx([0, 1, 3]),
        "labels": [10, 20, 40],
    }


@pytest.mark.parametrize(("metric", "labels"), [("INNER_PRODUCT", [80, 40, 20]), ("L2", [10, 20, 40])])
def test_what_is_near_is_the_metrics_to_say(
    job: AlgorithmJob, metric: str, labels: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = of_line(job, index_metric=metric)
    line.train(train=dense(LINE, 10 * LINE[:, 0]))
    (told,) = answered(line.predictor(monkeypatch), [[1]], "application/json; verbose=true")["predictions"]
    assert told["labels"] == labels
    assert told["distances"] == sorted(told["distances"])


def test_by_the_angle_rows_of_one_direction_are_nearest(job: AlgorithmJob, monkeypatch: pytest.MonkeyPatch) -> None:
    job = job.with_(index_metric="COSINE", k=1)
    job.train(train=dense(ROWS, CLASSES))
    (told,) = answered(job.predictor(monkeypatch), 7 * ROWS[3:4], "application/json; verbose=true")["predictions"]
    assert (told["labels"], told["distances"]) == ([CLASSES[3]], [pytest.approx(0, abs=1e-5)])


@pytest.mark.parametrize("kind", ["sign", "fjlt"])
@pytest.mark.parametrize("index", [{}, {"index_type": "faiss.IVFPQ", "faiss_index_pq_m": 2}])
def test_dimensions_are_reduced_before_rows_are_kept(
    job: AlgorithmJob, kind: str, index: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job.with_(dimension_reduction_type=kind, dimension_reduction_target=4, **index)
    job.train(train=dense(ROWS, CLASSES))
    assert load_arrays(job.base / "model", "knn")[1]["rows"].shape == (400, 4)
    (told,) = answered(job.predictor(monkeypatch), ROWS[:1], "application/json; verbose=true")["predictions"]
    assert told["distances"][0] == pytest.approx(0, abs=1e-2)


def test_a_sample_has_every_row_as_likely_as_any_other(job: AlgorithmJob) -> None:
    values = np.arange(4000, dtype=np.float32)
    job = job.with_(feature_dim=1, sample_size=500, mini_batch_size=300)
    job.train(train=dense(values[:, None], values))
    arrays = load_arrays(job.base / "model", "knn")[1]
    assert sorted(set(arrays["labels"].tolist())) == sorted(arrays["labels"].tolist())
    assert len(arrays["labels"]) == 500
    assert arrays["rows"][:, 0].tolist() == arrays["labels"].tolist()
    assert arrays["labels"].mean() == pytest.approx(2000, abs=200)


@pytest.mark.parametrize(
    ("hyperparameters", "content", "told"),
    [
        ({"k": 401}, dense(ROWS, CLASSES), "k: got '401', but only 400 rows of the channel 'train' are sampled"),
        ({"sample_size": 4}, dense(ROWS, CLASSES), "k: got '5', but only 4 rows"),
        ({}, dense(ROWS, None), "the rows have no label; each must have one"),
        ({"dimension_reduction_type": "sign"}, dense(ROWS, CLASSES), "dimension_reduction_target: required"),
    ],
)
def test_what_cannot_be_trained_is_told(
    job: AlgorithmJob, hyperparameters: dict[str, object], content: bytes, told: str
) -> None:
    with pytest.raises(CustomerError) as raised:
        job.with_(**hyperparameters).train(train=content)
    assert told in str(raised.value)
