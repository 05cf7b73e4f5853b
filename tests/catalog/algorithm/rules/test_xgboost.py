import pytest
from sagecraft_catalog import algorithm


@pytest.mark.parametrize(
    ("hyperparameters", "told"),
    [
        ({"objective": "multi:softmax"}, "num_class: required with objective 'multi:softmax'"),
        ({"num_class": "3"}, "num_class: got '3', but the default objective has no classes"),
        ({"objective": "reg:gamma", "num_class": "3"}, "but objective 'reg:gamma' has no classes"),
        ({"eval_metric": "auc"}, "eval_metric: 'auc' needs an objective that classifies or ranks"),
        ({"eval_metric": "aft-nloglik"}, "needs the objective 'survival:aft'"),
        ({"updater": "shotgun"}, "updater: 'shotgun' can only be used with booster 'gblinear'"),
        ({"updater": "prune", "booster": "gblinear"}, "it must be 'shotgun' or 'coord_descent'"),
        ({"updater": "grow_colmaker", "process_type": "update"}, "only 'refresh' and 'prune' can be used"),
        ({"updater": "grow_colmaker,grow_histmaker"}, "only one updater may grow the trees"),
        ({"monotone_constraints": "(1)"}, "needs tree_method to be set to 'exact' or 'hist'"),
        ({"eta": "0.1", "learning_rate": "0.1"}, "learning_rate: the same as eta, which is given too"),
    ],
)
def test_hyperparameters_that_do_not_go_together_are_refused(hyperparameters: dict[str, str], told: str) -> None:
    (problem,) = algorithm("xgboost").check_hyperparameters({"num_round": "10", **hyperparameters})
    assert told in problem
