import re
from typing import Any

import pytest
from sagecraft_catalog import algorithm

XGBOOST = algorithm("xgboost")


def integer(name: str, minimum: object, maximum: object) -> dict[str, Any]:
    return {"IntegerParameterRanges": [{"Name": name, "MinValue": str(minimum), "MaxValue": str(maximum)}]}


def continuous(name: str, minimum: object, maximum: object) -> dict[str, Any]:
    return {"ContinuousParameterRanges": [{"Name": name, "MinValue": str(minimum), "MaxValue": str(maximum)}]}


def problems(ranges: dict[str, Any], metric: str = "validation:auc", objective_type: str = "Maximize") -> list[str]:
    return XGBOOST.check_tuning(metric, objective_type, ranges)


def test_each_metric_has_its_direction_and_reads_its_line() -> None:
    metrics = {each.name: each for each in XGBOOST.objective_metrics}
    assert metrics["validation:auc"].type == "Maximize"
    assert metrics["validation:rmse"].type == "Minimize"
    found = re.search(metrics["train:logloss"].regex, "[12]#011train-logloss:0.25#011validation-logloss:0.5")
    assert found is not None
    assert found[1] == "0.25"


def test_what_aws_recommends_passes_its_own_check() -> None:
    for name, each in XGBOOST.tunable_hyperparameters.items():
        make = integer if each.kinds[0] == "Integer" else continuous
        assert problems(make(name, each.minimum, each.maximum)) == []


def test_an_alias_is_tunable_as_its_hyperparameter_is() -> None:
    assert problems(continuous("learning_rate", 0.1, 0.3)) == []


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        (integer("max_dept", 1, 5), "max_dept: not a hyperparameter of xgboost. Did you mean 'max_depth'"),
        (integer("nthread", 1, 5), "nthread: cannot be tuned. These can be tuned: num_round,"),
        (continuous("max_depth", 1, 5), "its range must be of 'IntegerParameterRanges'"),
        (continuous("eta", 0.3, 0.1), "eta: MinValue '0.3' is greater than MaxValue '0.1'; swap them."),
        (continuous("eta", 0, 2), "eta: MaxValue: got '2', must be at least 0 and at most 1."),
        (integer("max_depth", "one", 3), "max_depth: MinValue: got 'one', must be a whole number, at least 0."),
        (
            {"CategoricalParameterRanges": [{"Name": "booster", "Values": ["gbtree", "dart"]}]},
            "booster: cannot be tuned.",
        ),
    ],
)
def test_a_range_that_the_algorithm_cannot_take_is_told(ranges: dict[str, Any], told: str) -> None:
    (problem,) = problems(ranges)
    assert told in problem


def test_a_metric_that_is_not_reported_is_told_with_what_is_near() -> None:
    assert problems({}, metric="validation:rmsse", objective_type="Minimize")[0].startswith(
        "validation:rmsse: not a metric that xgboost reports. Did you mean 'validation:rmse'"
    )


@pytest.mark.parametrize(
    ("name", "predictor_type", "metric", "told"),
    [
        (
            "linear-learner",
            "regressor",
            "validation:recall",
            "a binary_classifier; the predictor_type is regressor, which",
        ),
        (
            "linear-learner",
            "binary_classifier",
            "test:dcg",
            "a multiclass_classifier; .* reports test:binary_classifica",
        ),
        ("factorization-machines", "regressor", "test:binary_f_beta", "regressor, which reports test:rmse."),
        (
            "knn",
            "classifier",
            "test:mse",
            "a regressor; the predictor_type is classifier, which reports test:accuracy.",
        ),
    ],
)
def test_a_metric_that_the_kind_of_predictor_does_not_report_is_told(
    name: str, predictor_type: str, metric: str, told: str
) -> None:
    """By "Tune a … Model" of each in the developer guide."""
    known = algorithm(name)
    (kind,) = (each.type for each in known.objective_metrics if each.name == metric)
    (problem,) = known.check_tuning(metric, kind, {}, predictor_type)
    assert re.search(f"^{metric}: a metric of .*{told}", problem)
    assert known.check_tuning(metric, kind, {}) == []


def test_the_wrong_direction_is_told() -> None:
    (problem,) = problems({}, metric="validation:rmse")
    assert "got the objective type 'Maximize', but of this metric a better model has less; use 'Minimize'." in problem


def test_a_container_that_runs_a_script_is_tuned_by_anything() -> None:
    assert algorithm("sklearn").check_tuning("anything", "Maximize", integer("depth", 3, 1)) == []
    assert algorithm("sklearn").objective_metrics == ()
