"""What AutoML is measured against: an XGBoost that Optuna tunes, and scikit-learn's boosted trees as they come.

Both get the table prepared as one would by hand: categories as such, dates in parts, the words of a text counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import optuna
import pandas as pd
import xgboost
from sagecraft_containers.automl.problem import ProblemType
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import cross_val_predict

Array = npt.NDArray[Any]
Score = Callable[[Array, Array], float]
"""Of the truth and the answers; more is better."""
_WORDS: Final = 300
_MOST_CATEGORIES: Final = 250
"""scikit-learn's trees take no more."""
_CROSS_VALIDATED_ROWS: Final = 20_000


def by_hand(learnt: pd.DataFrame, held: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both, with features that boosted trees take."""
    return _features(learnt, learnt), _features(held, learnt)


def _features(frame: pd.DataFrame, learnt: pd.DataFrame) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    for name in frame:
        columns |= _parts(str(name), frame[name], learnt[name])
    return pd.DataFrame(columns, index=frame.index)


def _parts(name: str, cells: pd.Series[Any], learnt: pd.Series[Any]) -> dict[str, Any]:
    if pd.api.types.is_numeric_dtype(cells):
        return {name: cells.astype(float)}
    text = learnt.dropna().astype(str)
    if text.str.match(r"\d{4}-\d\d-\d\d").all():
        times = pd.to_datetime(cells, utc=True)
        day = times.dt.day_of_week
        return {name: times.astype(np.int64) / 1e9, f"{name} month": times.dt.month, f"{name} day": day}
    if text.str.split().str.len().mean() > 4:
        words = TfidfVectorizer(max_features=_WORDS).fit(text)
        weights = words.transform(cells.fillna("").astype(str)).toarray()
        return {f"{name} {word}": weights[:, place] for place, word in enumerate(words.get_feature_names_out())}
    known = text.value_counts().index[:_MOST_CATEGORIES]
    return {name: pd.Categorical(cells.where(cells.isna(), cells.astype(str)), categories=known)}


def bare(problem: ProblemType, features: pd.DataFrame, target: Array, unseen: pd.DataFrame) -> Array:
    """The answers of scikit-learn's boosted trees, as they come."""
    make = HistGradientBoostingClassifier if problem.is_classification else HistGradientBoostingRegressor
    return _answers(make(categorical_features="from_dtype", random_state=0).fit(features, target), problem, unseen)


def tuned(
    problem: ProblemType,
    features: pd.DataFrame,
    target: Array,
    unseen: pd.DataFrame,
    score: Score,
    cpu_seconds: float,
    seconds: float,
) -> tuple[Array, int]:
    """The answers of the best XGBoost that is found in some seconds of a core, and how many were tried."""
    deadline, latest = time.process_time() + cpu_seconds, time.monotonic() + seconds
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=0))
    longest = 0.0
    while time.process_time() + longest < deadline and (not study.trials or time.monotonic() < latest):
        begun = time.process_time()
        trial = study.ask()
        study.tell(trial, _validated(_booster(problem, trial), problem, features, target, score))
        longest = max(longest, time.process_time() - begun)
    fitted = _booster(problem, optuna.trial.FixedTrial(study.best_params)).fit(features, target)
    return _answers(fitted, problem, unseen), len(study.trials)


def _booster(problem: ProblemType, trial: Any) -> Any:
    make = xgboost.XGBClassifier if problem.is_classification else xgboost.XGBRegressor
    return make(
        enable_categorical=True,
        random_state=0,
        n_estimators=trial.suggest_int("n_estimators", 50, 600, log=True),
        learning_rate=trial.suggest_float("learning_rate", 0.01, 0.3, log=True),
        max_depth=trial.suggest_int("max_depth", 2, 9),
        min_child_weight=trial.suggest_float("min_child_weight", 0.5, 20, log=True),
        subsample=trial.suggest_float("subsample", 0.5, 1),
        colsample_bytree=trial.suggest_float("colsample_bytree", 0.3, 1),
        reg_lambda=trial.suggest_float("reg_lambda", 0.1, 20, log=True),
    )


def _validated(model: Any, problem: ProblemType, features: pd.DataFrame, target: Array, score: Score) -> float:
    if len(target) <= _CROSS_VALIDATED_ROWS:
        method = "predict_proba" if problem.is_classification else "predict"
        return score(target, cross_val_predict(model, features, target, cv=3, method=method))
    places = np.random.default_rng(0).permutation(len(target))
    held, learnt = places[: len(target) // 5], places[len(target) // 5 :]
    model.fit(features.iloc[learnt], target[learnt])
    return score(target[held], _answers(model, problem, features.iloc[held]))


def _answers(model: Any, problem: ProblemType, features: pd.DataFrame) -> Array:
    return np.asarray(model.predict_proba(features) if problem.is_classification else model.predict(features))
