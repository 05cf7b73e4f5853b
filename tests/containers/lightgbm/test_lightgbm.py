"""LightGBM, by the developer guide, and by what JumpStart's script and `inference.py` do."""

import re
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from sagecraft_containers.errors import UserError

from tests.containers.jumpstart.table_job import answered_csv, files, table_job

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(200, 3)).round(3)
BINARY = (FEATURES[:, 0] > 0).astype(int)
CLASSES = np.digitize(FEATURES[:, 0], [-0.5, 0.5])
NUMBERS = (3 * FEATURES[:, 0] + FEATURES[:, 1]).round(3)


def test_a_binary_classifier_is_the_librarys_own_and_answers_as_aws_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = table_job("lightgbm", tmp_path, num_boost_round="20", early_stopping_rounds=0, learning_rate="0.2")
    job.train(content_type="text/csv", train=files(BINARY, FEATURES), validation=files(BINARY[:50], FEATURES[:50]))
    log = capsys.readouterr().out
    assert len(re.findall(r"^\[\d+\]\ttrain's binary_logloss: [\d.]+\tval's binary_logloss: [\d.]+$", log, re.M)) == 20
    documented = {"num_leaves": 64, "feature_fraction": 0.9, "bagging_fraction": 0.9, "bagging_freq": 1, "max_depth": 6}
    bare = lightgbm.train(
        {**documented, "objective": "binary", "learning_rate": 0.2, "min_data_in_leaf": 3, "verbosity": -1},
        lightgbm.Dataset(FEATURES, BINARY),
        num_boost_round=20,
    )
    answer = answered_csv(job, monkeypatch, FEATURES[:9], "application/json;verbose")
    second = np.asarray(bare.predict(FEATURES[:9]))
    assert [*answer] == ["probabilities-1d", "probabilities", "predicted_label"]
    assert np.ravel(answer["probabilities-1d"]) == pytest.approx(second)
    assert np.array(answer["probabilities"]) == pytest.approx(np.column_stack((1 - second, second)))
    assert answer["predicted_label"] == BINARY[:9].tolist()
    assert [*answered_csv(job, monkeypatch, FEATURES[:1])] == ["probabilities-1d", "probabilities"]


def test_classes_and_categories_and_early_stopping(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = table_job("lightgbm", tmp_path, num_boost_round=200, feature_fraction=1.0, early_stopping_rounds=3)
    rows = np.column_stack((CLASSES, FEATURES[:, 1])).astype(int)
    labels = np.where(np.arange(200) % 9, CLASSES, 0)
    job.train(content_type="text/csv", training={**files(labels, rows), "cat.json": '{"cat_index_list": [1]}'})
    log = capsys.readouterr().out
    assert "Early stopping, best iteration is:" in log
    assert 0 < job.metrics(log)["multi_logloss"] < 0.7
    answer = answered_csv(job, monkeypatch, rows[:4])
    assert np.array(answer["probabilities"]).argmax(axis=1).tolist() == CLASSES[:4].tolist()
    assert np.shape(answer["probabilities-1d"]) == (4, 2)


def test_regression_answers_numbers_also_of_rows_with_nothing_in_a_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = table_job("lightgbm", tmp_path, "regression", num_boost_round=50, metric="l1", tweedie_variance_power=1.2)
    job = job.with_(_tuning_objective_metric="l1")  # which a tuning job adds to a script's hyperparameters, too
    job.train(content_type="text/csv", train=files(NUMBERS, FEATURES))
    answer = answered_csv(job, monkeypatch, FEATURES[:20])
    assert [*answer] == ["prediction"]
    assert np.corrcoef(answer["prediction"], NUMBERS[:20])[0, 1] > 0.9
    nothing = job.predictor(monkeypatch).predict(b"1,,2\n,,\n", "text/csv", None)
    assert nothing.body.startswith(b'{"prediction": [')


@pytest.mark.parametrize(
    ("body", "content_type", "accept", "told"),
    [
        (b"1,2\n", "text/csv", None, "The rows have 2 columns, and the model 3 features; send the features alone"),
        (b"1,2,x\n", "text/csv", None, "LightGBM: pandas dtypes must be int, float or bool"),
        (b"", "text/csv", None, "The body cannot be read as CSV"),
        (b"1,2,3\n1,2,3,4\n", "text/csv", None, "The body cannot be read as CSV"),
        (b"{}", "application/json", None, "Content type 'application/json' is not supported; use text/csv."),
        (b"1,2,3\n", "text/csv", "text/csv", "Accept 'text/csv' is not supported; use application/json."),
    ],
)
def test_a_request_that_cannot_be_answered_is_told(
    trained: Path, monkeypatch: pytest.MonkeyPatch, body: bytes, content_type: str, accept: str | None, told: str
) -> None:
    predictor = table_job("lightgbm", trained).predictor(monkeypatch)
    with pytest.raises(UserError, match=told):
        predictor.predict(body, content_type, accept)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("trained")
    job = table_job("lightgbm", base, num_boost_round=2)
    job.train(content_type="text/csv", train=files(BINARY, FEATURES))
    return base


@pytest.mark.parametrize(
    ("hyperparameters", "target", "features", "told"),
    [
        ({"num_leafs": 3}, BINARY, FEATURES, "num_leafs: not a hyperparameter of lightgbm. Did you mean 'num_leaves'"),
        ({"num_leaves": 1}, BINARY, FEATURES, "num_leaves: got '1', must be greater than 1"),
        ({"boosting": "goss", "bagging_freq": 1}, BINARY, FEATURES, "LightGBM: Cannot use bagging in GOSS"),
        ({}, BINARY + 1, FEATURES, "The target, the first column, is 2 in some row; of 2 classes it must be .* 0 to 1"),
        ({}, np.zeros(200), FEATURES, "The target, the first column, is '0.0' in every row; a classification needs"),
        ({}, ["a", "b"] * 100, np.zeros((200, 1)), "The target, the first column, has text or nothing in some rows"),
        ({}, BINARY, np.array([["x", "y"]] * 200), r"feature_0 \(column 2\) has text, such as 'x'; LightGBM takes"),
    ],
)
def test_what_cannot_be_trained_is_told(
    tmp_path: Path, hyperparameters: dict[str, object], target: object, features: np.ndarray, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        table_job("lightgbm", tmp_path).with_(**hyperparameters).train(
            content_type="text/csv", training=files(target, features)
        )


@pytest.mark.parametrize(
    ("content", "told"), [(None, "The model has no file 'model.pkl'."), (b"x", "'model.pkl' cannot be loaded")]
)
def test_a_model_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model.pkl").write_bytes(content)
    with pytest.raises(UserError, match=told):
        table_job("lightgbm", tmp_path).predictor(monkeypatch)
