"""CatBoost, by the developer guide, and by what JumpStart's script does."""

from pathlib import Path

import catboost
import numpy as np
import pytest
from sagecraft_containers.errors import UserError

from tests.containers.jumpstart.table_job import answered_csv, files, table_job

RANDOM = np.random.default_rng(3)
FEATURES = RANDOM.normal(size=(200, 3)).round(3)
BINARY = (FEATURES[:, 0] > 0).astype(int)
COLOURS = np.array(["red", "green", "blue"])[np.digitize(FEATURES[:, 0], [-0.5, 0.5])]
NUMBERS = (3 * FEATURES[:, 0] + FEATURES[:, 1]).round(3)


def test_a_binary_classifier_is_the_librarys_own_and_answers_probabilities(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = table_job("catboost", tmp_path, iterations="20", learning_rate="0.2", early_stopping_rounds=0)
    job.train(content_type="text/csv", training=files(BINARY, FEATURES), validation=files(BINARY[:50], FEATURES[:50]))
    metrics = job.metrics(capfd.readouterr().out)
    assert 0.99 < metrics["AUC"] <= 1
    documented = {"bagging_temperature": 1.0, "sampling_frequency": "PerTreeLevel", "random_seed": 1, "rsm": 1.0}
    bare = catboost.CatBoostClassifier(
        **documented, iterations=20, learning_rate=0.2, eval_metric="AUC", allow_writing_files=False, verbose=0
    )
    bare.fit(FEATURES, BINARY, eval_set=(FEATURES[:50], BINARY[:50]))
    answer = answered_csv(job, monkeypatch, FEATURES[:9], "application/json;verbose")
    assert np.array(answer["probabilities"]) == pytest.approx(bare.predict_proba(FEATURES[:9]), rel=1e-6)
    assert answer["predicted_label"] == BINARY[:9].tolist()


def test_categories_may_be_words_and_so_may_classes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = table_job("catboost", tmp_path, iterations=30, learning_rate=0.5, eval_metric="Accuracy")
    rows = np.column_stack((COLOURS, FEATURES[:, 1]))
    job.train(content_type="text/csv", training={**files(COLOURS, rows), "cat.json": '{"cat_index_list": [1]}'})
    answer = answered_csv(job, monkeypatch, rows[:6])
    names = np.unique(COLOURS)
    assert names[np.array(answer["probabilities"]).argmax(axis=1)].tolist() == COLOURS[:6].tolist()


def test_regression_answers_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    job = table_job("catboost", tmp_path, "regression", iterations=50, learning_rate=0.2, grow_policy="Depthwise")
    job.train(content_type="text/csv", training=files(NUMBERS, FEATURES))
    answer = answered_csv(job, monkeypatch, FEATURES[:20])
    assert [*answer] == ["prediction"]
    assert np.corrcoef(answer["prediction"], NUMBERS[:20])[0, 1] > 0.9
    with pytest.raises(UserError, match=r"CatBoost: .*Cannot convert"):
        job.predictor(monkeypatch).predict(b"1,2,x\n", "text/csv", None)


@pytest.mark.parametrize(
    ("hyperparameters", "target", "features", "told"),
    [
        ({"dept": 3}, BINARY, FEATURES, "dept: not a hyperparameter of catboost. Did you mean 'depth'"),
        ({"eval_metric": "Speed"}, BINARY, FEATURES, r"CatBoost: .*Speed"),
        ({}, BINARY, np.array([["x", "y"]] * 200), r"CatBoost: .*Cannot convert"),
        ({}, np.ones(200), FEATURES, "The target, the first column, is '1.0' in every row"),
    ],
)
def test_what_cannot_be_trained_is_told(
    tmp_path: Path, hyperparameters: dict[str, object], target: object, features: np.ndarray, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        table_job("catboost", tmp_path).with_(**hyperparameters).train(
            content_type="text/csv", training=files(target, features)
        )


@pytest.mark.parametrize(("content", "told"), [(None, "has no file 'model'"), (b"x", "'model' cannot be loaded")])
def test_a_model_that_is_none_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, told: str
) -> None:
    if content is not None:
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "model").write_bytes(content)
    with pytest.raises(UserError, match=told):
        table_job("catboost", tmp_path).predictor(monkeypatch)
