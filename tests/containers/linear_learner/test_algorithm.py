"""linear-learner as real processes: digits from records are learnt, and the model answers."""

from pathlib import Path

import numpy as np
import pytest

from tests.containers.records import dense, label_maps
from tests.containers.serving_container import serving
from tests.containers.training_job import JobResult, TrainingJob

MODULE = "sagecraft_containers.linear_learner"


@pytest.fixture(scope="module")
def digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    features, labels = load_digits(return_X_y=True)
    return features.astype(np.float32), labels.astype(np.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, digits: tuple[np.ndarray, np.ndarray]) -> JobResult:
    features, labels = digits
    job = TrainingJob(
        tmp_path_factory.mktemp("digits"),
        MODULE,
        {
            "predictor_type": "multiclass_classifier",
            "num_classes": "10",
            "feature_dim": "64",
            "num_models": "4",
            "mini_batch_size": "100",
        },
    )
    (job.base / "model").mkdir()
    files = {f"{begin}": dense(features[begin : begin + 700], labels[begin : begin + 700]) for begin in (0, 700)}
    job.add_channel("train", files, None)
    job.add_channel("validation", {"0": dense(features[1400:], labels[1400:])}, None)
    return job.run()


def test_digits_are_learnt_from_records(trained: JobResult) -> None:
    assert trained.exit_code == 0, trained.log
    accuracy = trained.log.partition("validation multiclass_accuracy <score>=")[2].split()[0]
    assert float(accuracy) > 0.85
    assert [file.name for file in (trained.base / "model").iterdir()] == ["model_algo-1"]


def test_a_model_answers_a_score_for_each_class_and_the_best(
    trained: JobResult, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = digits
    with serving(MODULE, trained.base) as container:
        answer = container.invoke(dense(features[:50], None), "application/x-recordio-protobuf").json()
        records = container.invoke(
            dense(features[:50], None), "application/x-recordio-protobuf", "application/x-recordio-protobuf"
        )
        refused = container.invoke("1,2,3", "text/csv")
    said = [row["predicted_label"] for row in answer["predictions"]]
    assert np.mean(np.array(said) == labels[:50]) > 0.9
    assert [np.argmax(row["score"]) for row in answer["predictions"]] == said
    assert [record["predicted_label"] for record in label_maps(records.content)] == [[label] for label in said]
    assert (refused.status_code, refused.text[:36]) == (400, "unable to evaluate payload provided:")


def test_a_job_that_is_wrong_ends_as_aws_tells_it(tmp_path: Path) -> None:
    job = TrainingJob(tmp_path, MODULE, {"predictor_type": "binary_classifier", "epoch": "3"})
    result = job.run()
    assert result.exit_code == 2
    assert result.failure is not None
    assert result.failure.startswith("ClientError: epoch: not a hyperparameter of linear-learner.")
    assert "Customer Error: epoch: not a hyperparameter" in result.log


def test_a_job_that_is_stopped_saves_its_best_model_so_far(
    tmp_path: Path, digits: tuple[np.ndarray, np.ndarray]
) -> None:
    features, labels = digits
    settings = {"predictor_type": "regressor", "epochs": "1000000", "early_stopping_patience": "1000000"}
    job = TrainingJob(tmp_path, MODULE, {**settings, "num_models": "1"})
    job.add_channel("train", {"0": dense(features, labels)}, None)
    process = job.start()
    assert process.stdout is not None
    for line in process.stdout:
        if "#progress_metric" in line:
            break
    process.terminate()
    result = job.finish(process)
    assert result.exit_code == 0
    assert [file.name for file in (tmp_path / "model").iterdir()] == ["model_algo-1"]
