import pytest
from sagecraft_catalog import InvalidHyperparameters, algorithm

XGBOOST = algorithm("xgboost")


def problems(**hyperparameters: object) -> list[str]:
    return XGBOOST.check_hyperparameters({"num_round": "10", **hyperparameters})


def test_values_come_out_typed_and_under_their_proper_names() -> None:
    assert XGBOOST.parse_hyperparameters(
        {
            "num_round": "100",
            "learning_rate": "0.2",
            "reg_lambda": "3",
            "eval_metric": "auc, error@0.7",
            "objective": "binary:logistic",
            "tree_method": "hist",
            "monotone_constraints": "(1, 0, -1)",
            "interaction_constraints": "[[0, 1], [2, 3, 4]]",
        }
    ) == {
        "num_round": 100,
        "eta": 0.2,
        "lambda": 3.0,
        "eval_metric": ["auc", "error@0.7"],
        "objective": "binary:logistic",
        "tree_method": "hist",
        "monotone_constraints": (1, 0, -1),
        "interaction_constraints": [[0, 1], [2, 3, 4]],
    }


def test_python_values_are_read_as_the_strings_that_clients_send() -> None:
    assert problems(max_depth=3, eta=0.1, save_model_on_termination=True, one_drop=0) == []


def test_every_problem_is_told_at_once() -> None:
    assert XGBOOST.check_hyperparameters({"max_dept": "3", "eta": "2", "gamma": "x"}) == [
        "max_dept: not a hyperparameter of xgboost. Did you mean 'max_depth' or 'max_delta_step'?",
        "eta: got '2', must be at least 0 and at most 1.",
        "gamma: got 'x', must be a number, at least 0.",
        "num_round: required, but not given.",
    ]
    with pytest.raises(InvalidHyperparameters) as caught:
        XGBOOST.parse_hyperparameters({"max_depth": "3.5"})
    assert caught.value.problems == (
        "max_depth: got '3.5', must be a whole number, at least 0.",
        "num_round: required, but not given.",
    )


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("num_round", "0", "must be at least 1"),
        ("subsample", "0", "must be greater than 0 and at most 1"),
        ("tweedie_variance_power", "2", "must be greater than 1 and less than 2"),
        ("eta", "nan", "must be a finite number"),
        ("booster", "gbtre", "must be 'gbtree', 'gblinear' or 'dart' (did you mean 'gbtree'?)."),
        ("eval_metric", "auc@x", "only 'error', 'ndcg' and 'map' take a threshold"),
        ("eval_metric", "error@x", "'x' after '@' must be a number"),
        ("monotone_constraints", "1,0", "must be a tuple such as (1,0,-1)"),
        ("monotone_constraints", "(2)", "every element must be one of -1, 0, 1"),
        ("interaction_constraints", "[[0,a]]", "must be a list of lists of feature numbers"),
        ("interaction_constraints", "[[-1,2]]", "feature numbers start at 0"),
        ("csv_weights", "2", "must be at least 0 and at most 1"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(name: str, value: str, told: str) -> None:
    (problem, *_) = problems(**{name: value})
    assert problem.startswith(f"{name}: got '{value}', ")
    assert told in problem


def test_a_value_that_is_not_known_yet_counts_as_given_and_is_not_looked_at() -> None:
    token = "${Token[TOKEN.1]}"
    hyperparameters = {"num_round": token, "objective": token, "num_class": "3", "eval_metric": "auc"}
    assert XGBOOST.check_hyperparameters(hyperparameters, unresolved=["num_round", "objective"]) == []


def test_an_unknown_name_that_comes_near_nothing_is_told_with_all_names() -> None:
    (problem,) = problems(zzz="1")
    assert problem.startswith("zzz: not a hyperparameter of xgboost. There are num_round, ")
    assert "_tuning_objective_metric" not in problem
