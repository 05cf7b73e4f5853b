import pytest
from sagecraft_catalog import algorithm

LINEAR_LEARNER = algorithm("linear-learner")


@pytest.mark.parametrize(
    ("hyperparameters", "told"),
    [
        ({}, "predictor_type: required, but not given."),
        (
            {"predictor_type": "multiclass_classifier"},
            "num_classes: required with predictor_type 'multiclass_classifier'",
        ),
        (
            {"predictor_type": "regressor", "loss": "logistic"},
            "loss: got 'logistic', with predictor_type 'regressor' it",
        ),
        (
            {"predictor_type": "binary_classifier", "loss": "squared_loss"},
            "it must be 'auto', 'logistic' or 'hinge_loss'",
        ),
        ({"predictor_type": "regressor", "quantile": "1"}, "quantile: got '1', must be greater than 0 and less than 1"),
        ({"predictor_type": "regressor", "feature_dim": "0"}, "feature_dim: got '0', must be at least 1, or 'auto'"),
        ({"predictor_type": "regressor", "leraning_rate": "1"}, "Did you mean 'learning_rate'?"),
    ],
)
def test_hyperparameters_that_are_wrong_are_refused(hyperparameters: dict[str, str], told: str) -> None:
    (problem,) = LINEAR_LEARNER.check_hyperparameters(hyperparameters)
    assert told in problem


def test_values_are_read_as_the_sdk_sends_them() -> None:
    given = {
        "predictor_type": "binary_classifier",
        "use_bias": "True",
        "normalize_data": "False",
        "normalize_label": "auto",
        "positive_example_weight_mult": "balanced",
        "learning_rate": "auto",
    }
    assert LINEAR_LEARNER.parse_hyperparameters(given) == {**given, "use_bias": True, "normalize_data": False}
