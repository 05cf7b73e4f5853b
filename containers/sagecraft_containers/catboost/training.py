"""The CatBoost container's `train`.

Source: "CatBoost hyperparameters" in the SageMaker developer guide, and `transfer_learning.py` of JumpStart's CatBoost.
"""

import os
from typing import Any, Final

import catboost

from sagecraft_containers.contract import THREADS_VARIABLE, ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.jumpstart.job import Job, run_job
from sagecraft_containers.jumpstart.table import Rows
from sagecraft_containers.training.run import StopRequest

from .model import MODEL_FILE

_METRICS: Final = {"RMSE": "RMSE", "Logloss": "AUC", "MultiClass": "MultiClass"}
_AUTO: Final = "auto"
_ALL_CORES: Final = -1


def main(paths: ContainerPaths, _stop: StopRequest) -> None:
    """Trains on the first of the job's hosts.

    Raises:
        UserError: The job's hyperparameters, channels or data are wrong.
    """
    run_job("catboost", train, paths)


def train(job: Job) -> None:
    """Trains, tells the metric after each round, and saves the model.

    Raises:
        UserError: CatBoost takes the hyperparameters or the rows for wrong.
    """
    loss = "RMSE"
    if not job.is_regression:
        loss = "Logloss" if job.classes == 2 else "MultiClass"
    asked = str(job.hyperparameters["eval_metric"])
    metric = _METRICS[loss] if asked.lower() == _AUTO else asked
    try:
        model = catboost.CatBoost({**_parameters(job), "loss_function": loss, "eval_metric": metric})
        model.fit(_pool(job.data.training, job), eval_set=_pool(job.data.validation, job))
    except catboost.CatBoostError as error:
        raise UserError(f"CatBoost: {error}") from error
    print(f"{metric}: {model.get_best_score()['validation'][metric]}", flush=True)
    model.save_model(str(job.model_directory / MODEL_FILE))


def _parameters(job: Job) -> dict[str, Any]:
    """What CatBoost calls as AWS does; what it is to choose itself is left out."""
    values: Any = job.hyperparameters
    parameters = {
        name: value
        for name, value in values.items()
        if name != "eval_metric" and not (isinstance(value, str) and value.lower() == _AUTO)
    }
    if job.is_regression or job.classes > 2:
        del parameters["scale_pos_weight"]
    if values["early_stopping_rounds"] <= 0:
        del parameters["early_stopping_rounds"]
    if values["thread_count"] == _ALL_CORES:
        parameters["thread_count"] = int(os.environ.get(THREADS_VARIABLE, _ALL_CORES))
    return {**parameters, "task_type": "CPU", "allow_writing_files": False}


def _pool(rows: Rows, job: Job) -> catboost.Pool:
    return catboost.Pool(rows.features, rows.target, cat_features=list(job.data.categories))
