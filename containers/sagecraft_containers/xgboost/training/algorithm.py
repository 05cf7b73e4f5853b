"""`train` of the built-in XGBoost algorithm, in algorithm mode.

Source of the behaviour: the SageMaker developer guide ("XGBoost algorithm") and AWS's XGBoost container.
"""

from functools import partial
from typing import Final

import numpy as np
from sagecraft_catalog import HyperparameterValue, InvalidHyperparameters, algorithm

from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.configuration import read_channels, read_hosts, read_hyperparameters
from sagecraft_containers.training.run import StopRequest, fail_at_once
from sagecraft_containers.xgboost import image
from sagecraft_containers.xgboost.model import MODEL_FILE, save_model

from .boosting import boost
from .channel import check_channels, read_channel
from .shard import read_tables

_DEFAULT_OBJECTIVE: Final = "reg:squarederror"


def train(paths: ContainerPaths, stop: StopRequest) -> None:
    """Trains a model on the job's channels and saves it as `xgboost-model`; of several hosts, the first one does.

    Raises:
        UserError: The job's hyperparameters, channels or data are wrong, or another host has ended.
    """
    values = _read_hyperparameters(paths)
    hosts, current_host = read_hosts(paths)
    cluster = None
    if len(hosts) > 1:
        from .cluster import Cluster  # noqa: PLC0415 - a host alone does without

        _check_distributable(values, len(hosts))
        cluster = Cluster(hosts, current_host, partial(fail_at_once, paths))
    _check_foldable(values)
    tables = read_tables(partial(_read_channels, paths, values), cluster)
    _check_columns(tables)
    try:
        models = boost(paths, values, tables, _objective(values), stop, cluster)
    except UserError as error:
        if cluster is not None:  # the library crashes when a process leaves a broken collective in the usual way
            fail_at_once(paths, error)
        raise
    kept = not stop.received or values.get("save_model_on_termination") != "false"
    if kept and (cluster is None or cluster.is_main):
        for fold, model in enumerate(models):
            save_model(model, paths.model_directory, f"{MODEL_FILE}-{fold}" if "_kfold" in values else MODEL_FILE)


def _check_distributable(values: dict[str, HyperparameterValue], hosts: int) -> None:
    if values.get("booster") == "gblinear":
        raise UserError(
            f"XGBoost does not train the booster 'gblinear' on several hosts, and the job has {hosts}; set "
            "InstanceCount to 1, or use the booster 'gbtree' or 'dart'."
        )
    if values.get("tree_method") == "exact":
        print(f"Warning: tree_method 'exact' is for one host; the job's {hosts} hosts train with 'hist'.", flush=True)
        values["tree_method"] = "hist"


def _check_foldable(values: dict[str, HyperparameterValue]) -> None:
    if "_kfold" in values and "objective" not in values:
        raise UserError("_kfold: needs the hyperparameter objective, by which AWS's container cuts the folds.")


def _read_channels(paths: ContainerPaths, values: dict[str, HyperparameterValue]) -> dict[str, Table | None]:
    channels = read_channels(paths)
    data = check_channels(channels)
    weighted = _weighted_channels() if values.get("csv_weights") == 1 else ()
    tables: dict[str, Table | None] = {}
    for name in (TRAIN_CHANNEL, VALIDATION_CHANNEL):
        if name not in channels:
            continue
        table = read_channel(paths, name, channels[name], data, weighted=name in weighted)
        if table is not None:
            _check_labels(name, table, _objective(values), values.get("num_class"))
            print(f"The {name} channel has {table.rows} rows and {table.columns} features.", flush=True)
        tables[name] = table
    return tables


def _weighted_channels() -> tuple[str, ...]:
    """The channels whose CSV has the weight in its second column with `csv_weights`."""
    return (TRAIN_CHANNEL, VALIDATION_CHANNEL) if image.weights_validation() else (TRAIN_CHANNEL,)


def _objective(values: dict[str, HyperparameterValue]) -> str:
    return str(values.get("objective", _DEFAULT_OBJECTIVE))


def _read_hyperparameters(paths: ContainerPaths) -> dict[str, HyperparameterValue]:
    texts = read_hyperparameters(paths)
    try:
        values = algorithm("xgboost").parse_hyperparameters(texts, image.image_version())
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
