"""`train` of the built-in XGBoost algorithm, in algorithm mode.

Source of the behaviour: the SageMaker developer guide ("XGBoost algorithm") and AWS's XGBoost container.
"""

import re
from typing import Any, Final

import numpy as np
from sagecraft_catalog import HyperparameterValue, InvalidHyperparameters, algorithm

from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.job_configuration import (
    find_checkpoint_directory,
    read_channels,
    read_hosts,
    read_hyperparameters,
)
from sagecraft_containers.training_run import StopRequest, run_training
from sagecraft_containers.xgboost.callbacks import CheckpointWriter, RoundLog, StopWhenAsked, load_newest_checkpoint
from sagecraft_containers.xgboost.channel import check_channels, read_channel
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_containers.xgboost.metrics import CUSTOM_METRICS, evaluation, is_maximized
from sagecraft_containers.xgboost.model import save_model

# Hyperparameters of the container, which the library does not know.
_OWN_HYPERPARAMETERS: Final = frozenset(
    {
        "num_round",
        "csv_weights",
        "early_stopping_rounds",
        "save_model_on_termination",
        "use_dask_gpu_training",
        "_tuning_objective_metric",
    }
)
_DEFAULT_OBJECTIVE: Final = "reg:squarederror"
_DEFAULT_THRESHOLD: Final = 0.5


def main() -> int:
    """Trains; returns the exit code of the process."""
    return run_training(train)


def train(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains a model on the job's channels and saves it as `xgboost-model`.

    Raises:
        UserError: The job's hyperparameters, channels or data are wrong.
    """
    values = _read_hyperparameters(paths)
    hosts = read_hosts(paths)
    if len(hosts) > 1:
        raise UserError(
            f"The job has {len(hosts)} hosts ({', '.join(hosts)}), but this container trains on one; "
            "set InstanceCount to 1."
        )
    channels = read_channels(paths)
    data = check_channels(channels)
    weighted = values.get("csv_weights") == 1
    tables: dict[str, Table] = {
        name: read_channel(paths, name, channels[name], data, weighted=weighted and name == TRAIN_CHANNEL)
        for name in (TRAIN_CHANNEL, VALIDATION_CHANNEL)
        if name in channels
    }
    _check_columns(tables)
    objective = str(values.get("objective", _DEFAULT_OBJECTIVE))
    for name, table in tables.items():
        _check_labels(name, table, objective, values.get("num_class"))
        print(f"The {name} channel has {table.rows} rows and {table.columns} features.", flush=True)
    try:
        matrices = {name: _matrix(table) for name, table in tables.items()}
        model = _boost(paths, values, matrices, objective, stop)
    except xgboost.core.XGBoostError as error:
        raise UserError(f"XGBoost refuses the job: {_first_sentence(str(error))}") from error
    if not stop.received or values.get("save_model_on_termination") != "false":
        save_model(model, paths.model_directory)


def _read_hyperparameters(paths: ContainerPaths) -> dict[str, HyperparameterValue]:
    texts = read_hyperparameters(paths)
    if "sagemaker_program" in texts:
        raise UserError(
            "The job names a script (sagemaker_program), but this container runs the built-in algorithm only; "
            "leave the script out, or use the scikit-learn container to run it."
        )
    try:
        values = algorithm("xgboost").parse_hyperparameters(texts)
    except InvalidHyperparameters as error:
        raise UserError(" ".join(error.problems)) from error
    if values.get("use_dask_gpu_training") == "true" or values.get("tree_method") == "gpu_hist":
        raise UserError("The job asks for training on GPUs, but there is none here; use tree_method 'hist'.")
    return values


def _check_columns(tables: dict[str, Table]) -> None:
    train, validation = tables[TRAIN_CHANNEL], tables.get(VALIDATION_CHANNEL)
    if validation is None or validation.columns == train.columns:
        return
    # Sparse rows just may not use the last features.
    if validation.columns > train.columns or isinstance(validation.features, np.ndarray):
        raise UserError(
            f"The channel 'validation' has {validation.columns} feature(s), but 'train' has {train.columns}; "
            "make both of the same columns."
        )


def _check_labels(name: str, table: Table, objective: str, classes: HyperparameterValue | None) -> None:
    """Says in the user's words what the library would say in its own, some time later."""
    labels = table.labels
    if labels is None:
        raise AssertionError("a channel's table has labels")
    if objective.startswith("multi:") and isinstance(classes, int):
        wrong = (labels < 0) | (labels >= classes) | (labels % 1 != 0)
        wanted = f"a whole number from 0 to {classes - 1} (num_class - 1)"
    elif objective in {"binary:logistic", "binary:logitraw", "reg:logistic"}:
        wrong, wanted = (labels < 0) | (labels > 1), "between 0 and 1"
    else:
        return
    if wrong.any():
        row = int(wrong.argmax())
        raise UserError(
            f"The channel '{name}' has the label {labels[row]:g} in row {row + 1}; with objective '{objective}' "
            f"a label must be {wanted}. Is the label the first column?"
        )


def _matrix(table: Table) -> Any:
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights, qid=table.query_ids)


def _boost(
    paths: ContainerPaths,
    values: dict[str, HyperparameterValue],
    matrices: dict[str, Any],
    objective: str,
    stop: StopRequest,
) -> Any:
    metrics = _metrics(values)
    custom = [metric for metric in metrics if metric in CUSTOM_METRICS]
    checkpoints = find_checkpoint_directory(paths)
    model, first_round = (None, 0) if checkpoints is None else load_newest_checkpoint(checkpoints)
    rounds = int(str(values["num_round"]))
    callbacks: list[Any] = [RoundLog(first_round)]
    if checkpoints is not None:
        callbacks.append(CheckpointWriter(checkpoints, first_round))
    callbacks.append(StopWhenAsked(stop))
    patience = values.get("early_stopping_rounds")
    if patience is not None and VALIDATION_CHANNEL not in matrices:
        print("Warning: early_stopping_rounds does nothing without the channel 'validation'.", flush=True)
    elif patience is not None:
        callbacks.append(_early_stopping(patience, metrics, can_keep_best=values.get("booster") != "gblinear"))
    stop.deferred = True
    trained = xgboost.train(
        _library_parameters(values, [metric for metric in metrics if metric not in CUSTOM_METRICS]),
        matrices[TRAIN_CHANNEL],
        num_boost_round=max(rounds - first_round, 0),
        evals=[(matrix, name) for name, matrix in matrices.items()],
        custom_metric=evaluation(custom, objective) if custom else None,
        xgb_model=model,
        callbacks=callbacks,
        verbose_eval=False,
    )
    if stop.received:
        print(f"Stopped by request after {trained.num_boosted_rounds()} rounds.", flush=True)
    return trained


def _metrics(values: dict[str, HyperparameterValue]) -> list[str]:
    """What to evaluate: the metrics asked for, and the one that a tuning job optimizes, which comes last."""
    asked = values.get("eval_metric", [])
    metrics = [str(metric) for metric in asked] if isinstance(asked, list) else []
    tuned = str(values.get("_tuning_objective_metric", "")).rpartition(":")[2]
    return [metric for metric in dict.fromkeys(metrics) if metric != tuned] + ([tuned] if tuned else [])


def _early_stopping(patience: HyperparameterValue, metrics: list[str], *, can_keep_best: bool) -> Any:
    """Watches the last metric of the validation channel, and keeps the best round's model, as AWS's container does."""
    return xgboost.callback.EarlyStopping(
        patience,
        metric_name=_name_in_log(metrics[-1]) if metrics else None,
        data_name=VALIDATION_CHANNEL,
        maximize=is_maximized(metrics[-1]) if metrics else None,
        save_best=can_keep_best,
    )


def _name_in_log(metric: str) -> str:
    """How the library writes a metric: `error@0.70` as `error@0.7`, and `error@0.5`, the default, as `error`."""
    base, at, threshold = metric.partition("@")
    if base != "error" or not at:
        return metric
    return base if float(threshold) == _DEFAULT_THRESHOLD else f"{base}@{float(threshold):g}"


def _library_parameters(values: dict[str, HyperparameterValue], metrics: list[str]) -> dict[str, Any]:
    parameters: dict[str, Any] = {
        name: value for name, value in values.items() if name not in _OWN_HYPERPARAMETERS and name != "eval_metric"
    }
    for name in ("monotone_constraints", "interaction_constraints"):
        if name in parameters:
            parameters[name] = str(parameters[name])
    if "updater" in parameters:
        parameters["updater"] = ",".join(parameters["updater"])
    if metrics:
        parameters["eval_metric"] = metrics
    return parameters


def _first_sentence(message: str) -> str:
    """The library's message without its time, place in the source and stack trace."""
    told = message.partition("\nStack trace:")[0]
    told = re.sub(r"^\[\d\d:\d\d:\d\d\] \S+:\d+: ", "", told)
    return re.sub(r"^Check failed: .*?: ", "", told).strip()
