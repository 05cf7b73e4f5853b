"""The LightGBM container's `train`.

Source: "LightGBM hyperparameters" in the SageMaker developer guide, and `transfer_learning.py` of JumpStart's LightGBM:
the names of the two sets of rows, which the log has, the seed of the split, and what is given to which problem.
"""

from typing import Any, Final

import joblib
import lightgbm

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.jumpstart.job import Job, run_job
from sagecraft_containers.jumpstart.table import Rows
from sagecraft_containers.training.run import StopRequest

from .model import MODEL_FILE

_METRICS: Final = {"regression": "rmse", "binary": "binary_logloss", "multiclass": "multi_logloss"}
_NOT_PARAMETERS: Final = frozenset({"num_boost_round", "early_stopping_rounds", "metric", "use_dask"})
_OF_REGRESSION: Final = "tweedie_variance_power"
_OF_CLASSIFICATION: Final = "scale_pos_weight"


def main(paths: ContainerPaths, _stop: StopRequest) -> None:
    """Trains on the first of the job's hosts.

    Raises:
        UserError: The job's hyperparameters, channels or data are wrong.
    """
    run_job("lightgbm", train, paths)


def train(job: Job) -> None:
    """Trains, tells the metric of both sets of rows after each round, and saves the model.

    Raises:
        UserError: The target or a feature is no number, or LightGBM takes the hyperparameters or the rows for wrong.
    """
    values: Any = job.hyperparameters
    parameters = _parameters(job)
    training = _dataset(job.data.training, job)
    validation = _dataset(job.data.validation, job, training)
    callbacks: list[Any] = [lightgbm.log_evaluation(period=1)]
    if values["early_stopping_rounds"] > 0 and job.hosts == 1:  # AWS's has none on several hosts, either
        callbacks.append(lightgbm.early_stopping(values["early_stopping_rounds"]))
    try:
        booster = lightgbm.train(
            parameters,
            training,
            num_boost_round=values["num_boost_round"],
            valid_sets=[validation, training],
            valid_names=["val", "train"],
            callbacks=callbacks,
        )
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise UserError(f"LightGBM: {error}") from error
    joblib.dump(booster, job.model_directory / MODEL_FILE)


def _parameters(job: Job) -> dict[str, Any]:
    """What LightGBM calls as AWS does, and the objective that the target makes."""
    left_out = {*_NOT_PARAMETERS, _OF_CLASSIFICATION if job.is_regression else _OF_REGRESSION}
    parameters: dict[str, Any] = {name: value for name, value in job.hyperparameters.items() if name not in left_out}
    objective = "regression"
    if not job.is_regression:
        objective = "binary" if job.classes == 2 else "multiclass"
        parameters |= {"num_class": job.classes} if job.classes > 2 else {}
    metric = job.hyperparameters["metric"]
    return {**parameters, "objective": objective, "metric": _METRICS[objective] if metric == "auto" else metric}


def _dataset(rows: Rows, job: Job, reference: Any = None) -> Any:
    _check_target(rows, job)
    texts = [name for name, kind in rows.features.dtypes.items() if kind.kind not in "iufb"]
    if texts:
        raise UserError(
            f"{texts[0]} (column {int(str(texts[0]).rpartition('_')[2]) + 2}) has text, such as "
            f"'{rows.features[texts[0]].dropna().iloc[0]}'; LightGBM takes numbers alone. Write a category as a whole "
            "number, and leave out a header."
        )
    return lightgbm.Dataset(
        rows.features, rows.target, reference=reference, categorical_feature=list(job.data.categories) or "auto"
    )


def _check_target(rows: Rows, job: Job) -> None:
    """Refuses what LightGBM would take for another class than it is, or not at all."""
    target = rows.target
    if target.dtype.kind not in "iufb" or target.isna().any():
        raise UserError(
            "The target, the first column, has text or nothing in some rows; it must be a number in each, and no "
            "header may stand above it."
        )
    if not job.is_regression and not target.isin(range(job.classes)).all():
        wrong = target[~target.isin(range(job.classes))].iloc[0]
        raise UserError(
            f"The target, the first column, is {wrong:g} in some row; of {job.classes} classes it must be a whole "
            f"number from 0 to {job.classes - 1}."
        )
