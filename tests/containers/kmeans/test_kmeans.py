"""k-means, by "K-Means Hyperparameters" and "K-Means Response Formats" in the developer guide."""

import json
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.errors import CustomerError

from tests.containers.algorithm_job import RECORDS, AlgorithmJob, answered, answered_records, csv
from tests.containers.records import dense, sparse

CORNERS = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], np.float32)


def around_corners(each: int = 50) -> np.ndarray:
    spread = np.random.default_rng(1).normal(scale=0.1, size=(4 * each, 2))
    return (np.tile(CORNERS, (each, 1)) + spread).astype(np.float32)


@pytest.fixture
def job(tmp_path: Path) -> AlgorithmJob:
    return AlgorithmJob("kmeans", tmp_path, {"k": 4, "feature_dim": 2, "mini_batch_size": 60})


def test_centers_are_found_tested_and_answered_as_aws_does(
    job: AlgorithmJob, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = job.with_(epochs=3, eval_metrics='["msd", "ssd"]')
    rows = around_corners()
    job.train(train={"a": dense(rows[:80], None), "b": dense(rows[80:], None)}, test=dense(CORNERS, None))
    metrics = job.metrics(capsys.readouterr().out)
    assert metrics["test:msd"] < 0.01
    assert metrics["test:ssd"] == pytest.approx(4 * metrics["test:msd"], rel=1e-6)
    assert metrics["train:progress"] == 100
    predictor = job.predictor(monkeypatch)
    answer = answered(predictor, [*CORNERS, [0, 3]])["predictions"]
    assert len({each["closest_cluster"] for each in answer[:4]}) == 4
    assert answer[4]["closest_cluster"] == answer[0]["closest_cluster"]
    assert answer[4]["distance_to_cluster"] == pytest.approx(3, abs=0.1)
    lines = predictor.predict(b'{"features": [0, 0]}\n{"features": [10, 0]}', "application/jsonlines", None)
    assert len(json.loads(lines.body)["predictions"]) == 2
    line = predictor.predict(csv(CORNERS[:1]).encode(), "text/csv", "text/csv").body.decode().strip()
    assert [float(each) for each in line.split(",")] == pytest.approx([*answer[0].values()])
    assert answered_records(predictor, CORNERS[:1])[0].keys() == {"closest_cluster", "distance_to_cluster"}


@pytest.mark.parametrize("mini_batch_size", [500, 5000])
def test_clusters_are_nearly_as_tight_as_by_going_through_all_rows_often(
    mini_batch_size: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sklearn.cluster import KMeans
    from sklearn.datasets import load_digits

    digits = load_digits().data.astype(np.float32)
    job = AlgorithmJob("kmeans", tmp_path, {"k": 10, "feature_dim": 64, "mini_batch_size": mini_batch_size})
    job.train(train=dense(digits, None), test=dense(digits, None))
    reference = KMeans(10, n_init=3, random_state=0).fit(digits).inertia_ / len(digits)
    assert job.metrics(capsys.readouterr().out)["test:msd"] < 1.03 * reference


@pytest.mark.parametrize(
    "hyperparameters",
    [
        {"init_method": "kmeans++", "local_lloyd_init_method": "random", "local_lloyd_num_trials": 5},
        {"half_life_time_size": 50, "epochs": 2},
        {"half_life_time_size": 1, "epochs": 9},  # so many half-lives that what is old is nothing
        {"extra_center_factor": 1, "local_lloyd_num_trials": 1},
    ],
)
def test_its_variants_find_the_centers_too(job: AlgorithmJob, hyperparameters: dict[str, object]) -> None:
    job.with_(**{"epochs": 4, "extra_center_factor": 6, **hyperparameters}).train(train=dense(around_corners(), None))


def test_sparse_rows_doubles_and_csv_come_to_the_same_centers(
    job: AlgorithmJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, found = around_corners(), []
    for name, content, content_type in (
        ("dense", dense(rows, None), RECORDS),
        ("sparse", sparse(rows, None), RECORDS),
        ("csv", csv(rows), "text/csv;label_size=0"),
        # As the notebooks of k-NN and PCA in https://github.com/aws/amazon-sagemaker-examples write them.
        ("doubles", dense(rows.astype(np.float64), None), RECORDS),
    ):
        each = AlgorithmJob("kmeans", tmp_path / name, {**job.hyperparameters, "epochs": 2})
        each.train(train=content, content_type=content_type)
        answer = answered(each.predictor(monkeypatch), CORNERS)["predictions"]
        found.append([row["distance_to_cluster"] for row in answer])
    assert found[1] == pytest.approx(found[0], abs=1e-3)
    assert found[2] == pytest.approx(found[0], abs=1e-3)
    assert found[3] == pytest.approx(found[0], abs=1e-3)


@pytest.mark.parametrize(
    ("hyperparameters", "content", "told"),
    [
        (
            {"k": 9},
            dense(CORNERS, None),
            "k: got '9', but the channel 'train' has 4 rows; use no more clusters",
        ),
        ({"feature_dim": 3}, dense(CORNERS, None), "the rows have 2 features, but expected are 3"),
        ({}, dense(CORNERS, None)[:-5], "bytes announced, but only"),
        ({}, b"0.0,0.0\n1.0,1.0\n", "no RecordIO frame begins"),
        ({}, b"", "The channel 'train' holds no data"),
        ({"k": 0}, dense(CORNERS, None), "k: got '0', must be at least 1."),
        ({"kk": 3}, dense(CORNERS, None), "kk: not a hyperparameter of kmeans."),
    ],
)
def test_what_cannot_be_trained_is_told(
    job: AlgorithmJob, hyperparameters: dict[str, object], content: bytes, told: str
) -> None:
    with pytest.raises(CustomerError) as raised:
        job.with_(**hyperparameters).train(train=content)
    assert told in str(raised.value)
