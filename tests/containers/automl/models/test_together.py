"""Candidates that answer together answer as each does alone, and prepare once what they prepare alike."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.models.candidate import Candidate
from sagecraft_containers.automl.models.together import Together
from sklearn.preprocessing import OrdinalEncoder

from tests.containers.automl.tables import people, write

FEW = {"n_estimators": 5, "min_samples_leaf": 2, "max_features": 0.5}
MANY_CLASSES = {"class_weight": "none"}
ALGORITHMS: dict[str, dict[str, Any]] = {
    "linear-learner": {"C": 0.5},
    "extra-trees": FEW,
    "randomforest": FEW,
    "hist-gradient-boosting": {
        "max_iter": 5,
        "learning_rate": 0.1,
        "max_leaf_nodes": 4,
        "min_samples_leaf": 5,
        "l2_regularization": 0.1,
        "max_features": 1.0,
    },
}


def fitted(dataset: Dataset, algorithm: str) -> Any:
    weights = MANY_CLASSES if dataset.problem.is_classification else {}
    candidate = Candidate(algorithm, {**ALGORITHMS[algorithm], **weights})
    pipeline = candidate.pipeline(dataset.schema, dataset.problem, len(dataset.training), dataset.seed)
    return pipeline.fit(dataset.training.features, dataset.training.target)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return analyze(Definition("target", objective="Accuracy"), write(tmp_path_factory.mktemp("a"), people())).dataset


@pytest.fixture(scope="module")
def models(dataset: Dataset) -> list[Any]:
    return [fitted(dataset, name) for name in ALGORITHMS]


@pytest.mark.parametrize("rows", [1, 80], ids=["a row", "many rows"])
def test_the_answers_are_those_of_each_weighed(dataset: Dataset, models: list[Any], rows: int) -> None:
    features = dataset.training.features.head(rows)
    alone = [model.predict_proba(features) for model in models]
    answers = Together(models, [3, 1, 2, 1]).predict_proba(features)
    assert np.allclose(answers, np.average(alone, axis=0, weights=[3, 1, 2, 1]), rtol=0, atol=1e-15)


def test_values_are_weighed_alike(tmp_path: Path) -> None:
    lines = [[number % 23, "abc"[number % 3], 3 * (number % 23) + number % 3 + 0.5] for number in range(90)]
    dataset = analyze(Definition("y", problem_type="Regression"), write(tmp_path, lines, ("a", "b", "y"))).dataset
    models = [fitted(dataset, name) for name in ("linear-learner", "randomforest")]
    row = dataset.training.features.head(1)
    expected = np.average([model.predict(row) for model in models], axis=0, weights=[1, 4])
    assert Together(models, [1, 4]).predict(row) == pytest.approx(expected, abs=1e-12)


def test_what_is_prepared_alike_is_prepared_once(
    dataset: Dataset, models: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared = []
    transform = OrdinalEncoder.transform

    def count(self: Any, cells: Any) -> Any:
        prepared.append(cells)
        return transform(self, cells)

    coded = models[-1]
    together = Together([coded, coded, *models], [1] * 6)
    monkeypatch.setattr(OrdinalEncoder, "transform", count)
    together.predict_proba(dataset.training.features.head(1))
    of_categories = [cells for cells in prepared if "city" in list(getattr(cells, "columns", []))]
    assert len(of_categories) == 1
