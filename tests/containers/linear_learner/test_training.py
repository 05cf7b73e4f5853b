"""What linear-learner learns by its losses, weights, thresholds and channels, and what it refuses."""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.algorithm import job as job_module
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import CustomerError
from sagecraft_containers.linear_learner.training import main
from sagecraft_containers.linear_learner.training.selection import best_of

from tests.containers.algorithm_job import NEVER_STOPPED, AlgorithmJob, answered, csv
from tests.containers.records import dense, sparse
from tests.containers.training_job import TrainingJob

pytestmark = pytest.mark.slow

RANDOM = np.random.default_rng(5)
FEATURES = RANDOM.normal(size=(600, 3)).astype(np.float32)
VALUES = (FEATURES @ np.array([2.0, -1.0, 0.5]) + 3).astype(np.float32)
SIGNS = (VALUES + RANDOM.normal(size=600, scale=0.5) > 3).astype(np.float32)
SIDES = (VALUES > 3).astype(np.float32)
RARE = (VALUES > 6).astype(np.float32)
CLASSES = np.digitize(VALUES, [2, 4]).astype(np.float32)
QUICK = {"mini_batch_size": 50, "num_models": 2, "learning_rate": 0.05}


def learner(base: Path, predictor_type: str, **hyperparameters: object) -> AlgorithmJob:
    return AlgorithmJob("linear-learner", base, {"predictor_type": predictor_type, **QUICK, **hyperparameters})


def rows(labels: np.ndarray, begin: int = 0, end: int = 600) -> bytes:
    return dense(FEATURES[begin:end], labels[begin:end])


def metrics(job: AlgorithmJob, capsys: pytest.CaptureFixture[str], **channels: Any) -> Mapping[str, float]:
    job.train(**channels)
    return job.metrics(capsys.readouterr().out)


@pytest.mark.parametrize(
    "loss",
    ["squared_loss", "absolute_loss", "eps_insensitive_squared_loss", "eps_insensitive_absolute_loss", "huber_loss"],
)
def test_each_loss_of_a_regressor_finds_the_line(
    loss: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = learner(tmp_path, "regressor", loss=loss)
    found = metrics(job, capsys, train=rows(VALUES, 0, 500), test=rows(VALUES, 500))
    assert found["test:mse"] < 0.1
    assert found["test:objective_loss"] < 0.1
    (row,) = answered(job.predictor(monkeypatch), [[1, 1, 0]])["predictions"]
    assert row == {"score": pytest.approx(4, abs=0.3)}


@pytest.mark.parametrize("quantile", [0.9])
def test_a_quantile_has_so_many_labels_below_it(
    quantile: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noisy = (VALUES + RANDOM.normal(size=600)).astype(np.float32)
    job = learner(tmp_path, "regressor", loss="quantile_loss", quantile=quantile, epochs=30)
    job.train(train=rows(noisy))
    scores = [row["score"] for row in answered(job.predictor(monkeypatch), FEATURES)["predictions"]]
    assert np.mean(noisy <= scores) == pytest.approx(quantile, abs=0.06)


@pytest.mark.parametrize("optimizer", ["sgd", "rmsprop"])
def test_other_optimizers_find_the_line_too(optimizer: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = learner(tmp_path, "regressor", optimizer=optimizer, momentum=0.5, epochs=30)
    assert metrics(job, capsys, train=rows(VALUES))["train:mse"] < 0.1


def test_hinge_loss_answers_the_margin(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = learner(tmp_path, "binary_classifier", loss="hinge_loss")
    found = metrics(job, capsys, train=rows(SIGNS, 0, 500), validation=rows(SIGNS, 500))
    assert found["validation:binary_classification_accuracy"] > 0.85
    answer = answered(job.predictor(monkeypatch), [[3, -3, 0], [-3, 3, 0]])["predictions"]
    assert [row["predicted_label"] for row in answer] == [1, 0]
    assert answer[0]["score"] > 1 > -1 > answer[1]["score"]


@pytest.mark.parametrize(
    ("criterion", "target", "metric"),
    [
        ("precision_at_target_recall", "target_recall", "recall"),
        ("recall_at_target_precision", "target_precision", "precision"),
    ],
)
def test_the_threshold_is_the_one_that_reaches_the_target(
    criterion: str, target: str, metric: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings: dict[str, object] = {"binary_classifier_model_selection_criteria": criterion, target: 0.97}
    job = learner(tmp_path, "binary_classifier", **settings)
    found = metrics(job, capsys, train=rows(SIGNS, 0, 400), validation=rows(SIGNS, 400))
    assert found[f"validation:{metric}"] >= 0.97


def test_positive_examples_may_weigh_more(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recalls = [
        metrics(
            learner(
                tmp_path / str(weight),
                "binary_classifier",
                positive_example_weight_mult=weight,
                binary_classifier_model_selection_criteria="loss_function",
                epochs=3,
            ),
            capsys,
            train=rows(RARE),
        )["train:recall"]
        for weight in (1.0, "balanced")
    ]
    assert recalls[1] > recalls[0]


def test_sparse_rows_and_classes_of_equal_importance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"num_classes": 3, "accuracy_top_k": 2, "balance_multiclass_weights": True}
    job = learner(tmp_path, "multiclass_classifier", **settings)
    found = metrics(job, capsys, train=sparse(FEATURES, CLASSES), test=sparse(FEATURES[:200], CLASSES[:200]))
    assert found["test:multiclass_accuracy"] > 0.85
    assert found["test:multiclass_top_k_accuracy"] > 0.98
    (row,) = answered(job.predictor(monkeypatch), [[3, 0, 0]])["predictions"]
    assert row["predicted_label"] == 2
    assert sum(row["score"]) == pytest.approx(1)


def test_training_ends_early_when_it_gains_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = learner(tmp_path, "regressor", epochs=100, early_stopping_tolerance=0.5)
    assert metrics(job, capsys, train=rows(VALUES))["train:progress"] < 50


def test_rows_in_csv_are_learnt_in_batches_of_any_size(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = learner(tmp_path, "regressor", mini_batch_size=400, epochs=100, learning_rate=0.02, early_stopping_patience=9)
    job.train(train=csv(np.column_stack([VALUES, FEATURES])), content_type="text/csv")
    assert job.metrics(capsys.readouterr().out)["train:mse"] < 0.1


def test_a_mini_batch_is_as_large_as_the_share_of_a_host_at_most(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # "mini_batch_size can't be greater than number of records or training job fails", and by how many hosts the records
    # are divided: aws/sagemaker-python-sdk, src/sagemaker/amazon/linear_learner.py
    monkeypatch.setattr(job_module, "shares", lambda *_: nullcontext(tmp_path / "others"))
    settings = {"predictor_type": "regressor", "mini_batch_size": "300", "epochs": "1", "num_models": "1"}
    for number, (distribution, count) in enumerate([("FullyReplicated", 300), ("ShardedByS3Key", 600)]):
        for missing in (1, 0):
            base = tmp_path / f"{number}-{missing}"
            job = TrainingJob(base, "", settings, hosts=("algo-1", "algo-2"))
            job.add_channel("train", {"data": rows(VALUES, missing, count)}, None)
            job.channels["train"]["S3DistributionType"] = distribution
            job._write_configuration()
            refused = pytest.raises(
                CustomerError, match=r"^No training data processed\. .*the mini-batch size is too high"
            )
            with refused if missing else nullcontext():
                main(ContainerPaths(base), NEVER_STOPPED)


def test_by_default_a_mini_batch_has_a_thousand_rows(tmp_path: Path) -> None:
    with pytest.raises(CustomerError, match=r"^No training data processed\."):
        AlgorithmJob("linear-learner", tmp_path, {"predictor_type": "regressor"}).train(train=rows(VALUES))


def test_of_models_that_are_as_good_the_one_of_the_least_loss_is_best() -> None:
    costs = np.array([0.25, 0.125, 0.125, np.nan, 0.125], np.float32)
    assert best_of(costs, np.array([0.1, 0.5, 0.375, 0.0, np.nan], np.float32)) == 2


@pytest.mark.parametrize(
    ("settings", "share_of_its_loss"),
    # With one batch and few epochs models differ much, also from one epoch to the next.
    [({"mini_batch_size": 50}, 1.1), ({"mini_batch_size": 400, "epochs": 10}, 3.0)],
)
def test_a_classifier_is_as_well_fitted_as_by_scikit_learn(
    settings: dict[str, object], share_of_its_loss: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss
    from sklearn.preprocessing import scale

    features, labels = load_breast_cancer(return_X_y=True)
    features, labels = scale(features).astype(np.float32), labels.astype(np.float32)
    train, rest = slice(0, 400), slice(400, None)
    reference = LogisticRegression().fit(features[train], labels[train]).predict_proba(features[rest])
    job = AlgorithmJob("linear-learner", tmp_path, {"predictor_type": "binary_classifier", **settings})
    channels = {name: dense(features[part], labels[part]) for name, part in (("train", train), ("validation", rest))}
    found = metrics(job, capsys, **channels)
    assert found["validation:objective_loss:final"] < share_of_its_loss * log_loss(labels[rest], reference)
    assert found["validation:binary_classification_accuracy"] >= (reference.argmax(axis=1) == labels[rest]).mean()


def test_training_ends_early_by_the_criterion_only_where_the_job_gives_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # "early_stopping_patience": https://docs.aws.amazon.com/sagemaker/latest/dg/ll_hyperparameters.html
    def epochs(name: str, **settings: object) -> int:
        job = learner(tmp_path / name, "binary_classifier", **settings)
        job.train(train=rows(SIDES, 0, 500), validation=rows(SIDES, 500))
        return capsys.readouterr().out.count("#progress_metric")

    # the accuracy is soon as good as it gets, and the loss is not
    assert epochs("given", binary_classifier_model_selection_criteria="accuracy") < epochs("not given")


@pytest.mark.parametrize("models", [1, 8])
def test_a_model_that_is_kept_outlives_the_epochs_after_its_own(models: int, tmp_path: Path) -> None:
    features = np.random.default_rng(5).normal(size=(160, 3)).astype(np.float32)
    labels = (features[:, 0] > 0).astype(np.float32)
    settings = {"num_models": models, "learning_rate": 0.164, "epochs": 4, "mini_batch_size": 40}
    job = learner(tmp_path, "binary_classifier", **settings)
    job.train(train=dense(features[:120], labels[:120]), validation=dense(features[120:], labels[120:]))


def test_a_class_may_be_missing_in_validation(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job = learner(tmp_path, "binary_classifier")
    found = metrics(job, capsys, train=rows(SIGNS), validation=dense(FEATURES[SIGNS > 0], SIGNS[SIGNS > 0]))
    assert found["validation:recall"] > 0.9


@pytest.mark.parametrize(
    ("predictor_type", "channels", "told"),
    [
        ("binary_classifier", {"train": rows(CLASSES)}, "^The channel 'train' has the label 2; .* must be 0 or 1"),
        (
            "multiclass_classifier",
            {"train": rows(CLASSES), "validation": rows(CLASSES + 1)},
            "^The channel 'validation' has the label 3; with num_classes '3' a label must be a whole number",
        ),
        (
            "regressor",
            {"train": rows(VALUES), "validation": dense(FEATURES[:, :2], VALUES)},
            "^validation/data: the rows have 2 features, but expected are 3",
        ),
        ("regressor", {"train": dense(FEATURES, None)}, "^train/data: the rows have no label"),
        ("regressor", {"train": rows(np.full(600, np.nan, np.float32))}, "^train/data: the label of row 1 is missing"),
        ("regressor", {"train": rows(VALUES)[:-7]}, "^train/data: record 600: "),
        ("regressor", {"validation": rows(VALUES)}, "^The channel 'train' is missing; the job has validation"),
        ("regressor", {"train": rows(VALUES), "eval": rows(VALUES)}, "^linear-learner has no channel 'eval'"),
        ("regressor", {"train": rows(VALUES * 1e30)}, "^The loss of every model is not a finite number"),
    ],
)
def test_what_is_wrong_with_the_data_is_told(
    predictor_type: str, channels: Mapping[str, Any], told: str, tmp_path: Path
) -> None:
    job = learner(tmp_path, predictor_type, num_classes=3, normalize_label=False)
    with pytest.raises(CustomerError, match=told):
        job.train(**channels)
    assert not (tmp_path / "model").exists()
