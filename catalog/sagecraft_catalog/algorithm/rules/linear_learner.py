"""What the hyperparameters of linear-learner demand of each other.

Source: "Linear learner hyperparameters" in the SageMaker developer guide.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from sagecraft_catalog.algorithm.hyperparameter import HyperparameterValue
from sagecraft_catalog.near_match import enumerate_names

_LOSSES: Final = {
    "binary_classifier": ("auto", "logistic", "hinge_loss"),
    "multiclass_classifier": ("auto", "softmax_loss"),
    "regressor": (
        "auto",
        "squared_loss",
        "absolute_loss",
        "eps_insensitive_squared_loss",
        "eps_insensitive_absolute_loss",
        "quantile_loss",
        "huber_loss",
    ),
}


def conflicts(values: Mapping[str, HyperparameterValue], unresolved: frozenset[str]) -> Iterator[str]:
    """Every demand that is not met, one sentence each.

    Args:
        values: The hyperparameters that could be read, by name.
        unresolved: Names that are given but whose values are not known yet; demands on those are not checked.
    """
    kind, loss = values.get("predictor_type"), values.get("loss", "auto")
    if kind == "multiclass_classifier" and "num_classes" not in values and "num_classes" not in unresolved:
        yield "num_classes: required with predictor_type 'multiclass_classifier'; set it to the number of classes."
    if isinstance(kind, str) and loss not in _LOSSES[kind]:
        yield f"loss: got '{loss}', with predictor_type '{kind}' it must be {enumerate_names(_LOSSES[kind])}."
