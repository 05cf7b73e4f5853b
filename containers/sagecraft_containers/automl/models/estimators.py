"""The estimators of candidates, each of the library that is best at it; a library is imported where it is used."""
# ruff: noqa: PLC0415

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sagecraft_containers.automl.problem import ProblemType
from sagecraft_containers.contract import THREADS_VARIABLE

BALANCE: Final = "class_weight"
_LAYERS: Final = "layers"
_NEURONS: Final = "neurons"
_ONE_HOT: Final = 16
"""Up to so many categories are a feature each."""


@dataclass(frozen=True)
class Fit:
    """What an estimator is made for.

    Attributes:
        problem: What is to be predicted.
        values: The hyperparameters.
        seed: Of what is drawn.
        threads: How many it may use.
        categories: How many of the first features are numbers of categories.
    """

    problem: ProblemType
    values: Mapping[str, Any]
    seed: int
    threads: int
    categories: int = 0


def threads() -> int:
    """How many a fit may use: what the job was granted."""
    given = os.environ.get(THREADS_VARIABLE, "")
    return int(given) if given.isdecimal() else os.cpu_count() or 1


def xgboost(fit: Fit) -> Any:
    """XGBoost's trees."""
    import xgboost as library

    make = library.XGBClassifier if fit.problem.is_classification else library.XGBRegressor
    return make(random_state=fit.seed, n_jobs=fit.threads, **fit.values)


def lightgbm(fit: Fit) -> Any:
    """LightGBM's trees, which grow leaf by leaf."""
    import lightgbm as library

    make = library.LGBMClassifier if fit.problem.is_classification else library.LGBMRegressor
    coded: dict[str, Any] = {"categorical_feature": list(range(fit.categories))} if fit.categories else {}
    return make(
        random_state=fit.seed, n_jobs=fit.threads, subsample_freq=1, verbose=-1, **coded, **_weighted(fit.values)
    )


def catboost(fit: Fit) -> Any:
    """CatBoost's trees, which learn from categories themselves."""
    import catboost as library

    make = library.CatBoostClassifier if fit.problem.is_classification else library.CatBoostRegressor
    values = dict(fit.values)
    if values.pop(BALANCE, "none") == "balanced":
        values["auto_class_weights"] = "Balanced"
    return make(
        random_seed=fit.seed,
        thread_count=fit.threads,
        cat_features=list(range(fit.categories)),
        # Pairs of categories take ten times as long, and help few tables.
        max_ctr_complexity=1,
        one_hot_max_size=_ONE_HOT,
        allow_writing_files=False,
        verbose=False,
        **values,
    )


def histogram_boosting(fit: Fit) -> Any:
    """scikit-learn's own boosted trees."""
    from sklearn import ensemble

    make = (
        ensemble.HistGradientBoostingClassifier
        if fit.problem.is_classification
        else ensemble.HistGradientBoostingRegressor
    )
    coded = list(range(fit.categories))
    return make(random_state=fit.seed, early_stopping=False, categorical_features=coded, **_weighted(fit.values))


def forest(fit: Fit) -> Any:
    """A random forest."""
    from sklearn import ensemble

    if fit.problem.is_classification:
        return ensemble.RandomForestClassifier(random_state=fit.seed, n_jobs=fit.threads, **_weighted(fit.values))
    return ensemble.RandomForestRegressor(random_state=fit.seed, n_jobs=fit.threads, **fit.values)


def extra_trees(fit: Fit) -> Any:
    """Trees whose splits are drawn."""
    from sklearn import ensemble

    if fit.problem.is_classification:
        return ensemble.ExtraTreesClassifier(random_state=fit.seed, n_jobs=fit.threads, **_weighted(fit.values))
    return ensemble.ExtraTreesRegressor(random_state=fit.seed, n_jobs=fit.threads, **fit.values)


def linear(fit: Fit) -> Any:
    """A linear or logistic regression."""
    from sklearn import linear_model

    if fit.problem.is_classification:
        return linear_model.LogisticRegression(random_state=fit.seed, max_iter=300, **_weighted(fit.values))
    return linear_model.Ridge(alpha=1 / fit.values["C"], random_state=fit.seed)


def mlp(fit: Fit) -> Any:
    """A neural network of some layers of the same size."""
    from sklearn import compose, neural_network, preprocessing

    values = dict(fit.values)
    layers = (values.pop(_NEURONS),) * values.pop(_LAYERS)
    options = {"hidden_layer_sizes": layers, "max_iter": 60, "random_state": fit.seed, **values}
    if fit.problem.is_classification:
        return neural_network.MLPClassifier(**options)
    # Of a target of another size than its features, a network learns the size alone.
    return compose.TransformedTargetRegressor(
        neural_network.MLPRegressor(**options), transformer=preprocessing.StandardScaler()
    )


def _weighted(values: Mapping[str, Any]) -> dict[str, Any]:
    """With the name that scikit-learn has for no weights of classes."""
    given = values.get(BALANCE)
    return dict(values) if given is None else {**values, BALANCE: None if given == "none" else given}
