"""One candidate, and several together, in this process; XGBoost's is tested where processes are started."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.automl.data.analysis import analyze
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.definition import Definition
from sagecraft_containers.automl.model import Model
from sagecraft_containers.automl.models.algorithms import ALGORITHMS
from sagecraft_containers.automl.models.candidate import Candidate
from sagecraft_containers.automl.problem import ProblemType, measure, objective
from sagecraft_containers.automl.training.ensemble import combine
from sagecraft_containers.automl.training.evaluation import Evaluation, evaluate, worth
from sagecraft_containers.errors import DataError, UserError

from tests.containers.automl.tables import analyzed, people, write

pytestmark = pytest.mark.slow

LINEAR = Candidate("linear-learner", {"C": 1.0, "class_weight": "none"})
FOREST = Candidate("extra-trees", {"n_estimators": 10, "min_samples_leaf": 1, "max_features": 0.5})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return analyzed(tmp_path_factory.mktemp("data"), features=["age", "city", "note"]).dataset


@pytest.fixture(scope="module")
def linear(dataset: Dataset) -> Evaluation:
    return evaluate(dataset, LINEAR)


def test_a_candidate_is_scored_by_rows_that_it_has_not_seen(dataset: Dataset, linear: Evaluation) -> None:
    assert linear.answers.shape == (80, 2)
    assert linear.validation == measure(dataset.problem, dataset.training.target, linear.answers)
    assert linear.score == linear.validation["F1"] > 0.8
    assert linear.train["F1"] >= linear.score
    assert linear.latency_seconds > 0


@pytest.mark.parametrize("name", ["catboost", "lightgbm", "mlp"])
def test_an_algorithm_of_another_library_learns_from_every_kind_of_column(name: str, tmp_path: Path) -> None:
    algorithm = ALGORITHMS[name]
    pytest.importorskip(algorithm.library)
    dataset = analyzed(tmp_path / "data", validation_fraction=0.25).dataset
    small = {"n_estimators": 20} if name == "lightgbm" else {"iterations": 20} if name == "catboost" else {}
    default = Candidate.default(algorithm, dataset.problem)
    evaluation = evaluate(dataset, Candidate(name, {**default.hyperparameters, **small}))
    assert evaluation.score > 0.6
    Model(dataset.schema, dataset.target, evaluation.model).save(tmp_path / "model")
    model = Model.load(tmp_path / "model")
    row = [str(cell) if cell != "" else None for cell in people(1)[0][: len(dataset.schema.columns)]]
    assert model.answers([row, [None] * len(row), ["new"] * len(row)]).shape == (3, 2)


def test_each_fold_is_told(dataset: Dataset) -> None:
    lines: list[str] = []
    evaluate(dataset, FOREST, lines.append)
    assert len(lines) == 10
    assert lines[0].startswith("fold 0: Accuracy=")


def test_an_ensemble_is_never_worse_than_its_members_and_answers_as_their_weights_say(
    dataset: Dataset, linear: Evaluation
) -> None:
    forest = evaluate(dataset, FOREST)
    ensemble = combine(dataset, [linear, forest])
    assert ensemble.score >= max(linear.score, forest.score)
    both = [member.model.predict_proba(dataset.training.features) for member in ensemble.members]
    expected = np.average(both, axis=0, weights=ensemble.weights)
    answers = ensemble.estimator().predict_proba(dataset.training.features)
    assert np.allclose(answers, expected)
    assert sum(ensemble.weights) > 1
    assert combine(dataset, [linear, forest], deadline=0).weights == (1,)  # there is no time for a second round


def test_a_model_answers_raw_rows_as_it_answers_the_columns(
    dataset: Dataset, linear: Evaluation, tmp_path: Path
) -> None:
    Model(dataset.schema, dataset.target, linear.model).save(tmp_path)
    model = Model.load(tmp_path)
    rows = [[str(cell) if cell != "" else None for cell in row[1:4]] for row in people(5)]
    assert np.allclose(model.answers(rows), model.frame_answers(dataset.training.features.head(5)))
    with pytest.raises(DataError, match=r"line 2: the row has 1 column\(s\), but the model takes 3: age, city, note"):
        model.answers([rows[0], ["1"]])


def test_of_few_rows_the_log_loss_counts_beside_the_accuracy(dataset: Dataset) -> None:
    # Of one candidate 1 % more of the rows are right, and the probabilities of all are worse.
    lucky, steady = {"Accuracy": 0.84, "F1": 0.84, "LogLoss": 0.45}, {"Accuracy": 0.83, "F1": 0.83, "LogLoss": 0.40}
    few = replace(dataset, metric=objective("Accuracy", dataset.problem))
    many = replace(few, training=few.training.take(np.zeros(90_000, int)))
    assert worth(few, steady) > worth(few, lucky)
    assert worth(many, steady) < worth(many, lucky)
    assert worth(dataset, steady) < worth(dataset, lucky)  # whose objective is F1


def test_regression_with_a_validation_set(tmp_path: Path) -> None:
    rows = [[x := number % 23, number % 7, 3 * x + number % 7 + 0.5] for number in range(120)]
    definition = Definition("y", problem_type="Regression", validation_fraction=0.2)
    dataset = analyze(definition, write(tmp_path, rows, ("a", "b", "y"))).dataset
    candidates = [Candidate("linear-learner", {"C": 1.0}), FOREST]
    evaluations = [evaluate(dataset, each) for each in candidates]
    ensemble = combine(dataset, evaluations)
    assert dataset.problem is ProblemType.REGRESSION
    assert ensemble.validation["R2"] > 0.95
    assert ensemble.score <= min(each.score for each in evaluations)
    assert ensemble.estimator().predict(dataset.training.features).shape == (96,)


def test_weights_of_rows_are_learnt_by(tmp_path: Path) -> None:
    # Of each two equal rows one says yes and one says no; the weights say who is believed.
    rows = [[number // 2 % 5, [9, 1][number % 2], ["yes", "no"][number % 2]] for number in range(60)]
    definition = Definition("y", objective="Accuracy", weight="w")
    dataset = analyze(definition, write(tmp_path, rows, ("a", "w", "y"))).dataset
    model = evaluate(dataset, LINEAR).model
    assert model.predict_proba(dataset.training.features)[:, 1].min() > 0.8
    with pytest.raises(UserError, match="The column 'y' is the target, so it cannot be the sample weight"):
        analyze(replace(definition, weight="y"), tmp_path)
