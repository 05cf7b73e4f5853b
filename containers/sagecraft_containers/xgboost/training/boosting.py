"""Boosting itself: what a job's hyperparameters mean to the library, its callbacks, and its metrics."""

import re
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sagecraft_catalog import HyperparameterValue

from sagecraft_containers.contract import TRAIN_CHANNEL, VALIDATION_CHANNEL, ContainerPaths
from sagecraft_containers.data.table import Table
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.configuration import find_checkpoint_directory
from sagecraft_containers.training.run import StopRequest
from sagecraft_containers.xgboost import image
from sagecraft_containers.xgboost.library import xgboost

from .callbacks import CheckpointWriter, RoundLog, StopWhenAsked, load_newest_checkpoint
from .folds import Scores, all_rows, cross_validate, fold_checkpoints
from .metrics import CUSTOM_METRICS, PRECISION, evaluation, is_maximized

if TYPE_CHECKING:
    from .cluster import Cluster

# Hyperparameters of the container, which the library does not know.
_OWN_HYPERPARAMETERS: Final = frozenset(
    {
        "num_round",
        "csv_weights",
        "early_stopping_rounds",
        "save_model_on_termination",
        "silent",
        "use_dask_gpu_training",
        "_kfold",
        "_num_cv_round",
        "_tuning_objective_metric",
    }
)
_DEFAULT_THRESHOLD: Final = 0.5


def boost(
    paths: ContainerPaths,
    values: dict[str, HyperparameterValue],
    tables: dict[str, Table],
    objective: str,
    stop: StopRequest,
    cluster: "Cluster | None",
) -> list[Any]:
    """Trains a booster, on the data of all hosts where there are several; with `_kfold` one of each fold.

    Args:
        paths: Where checkpoints go.
        values: The job's hyperparameters.
        tables: The data of the channels, with labels.
        objective: What is learned.
        stop: Ends boosting early.
        cluster: The hosts of the job; None for one alone.

    Raises:
        UserError: The library refuses the job.
    """
    if cluster is not None:
        stop.note_aside()
    try:
        with nullcontext() if cluster is None else cluster.collective():
            matrices = {name: _matrix(table) for name, table in tables.items()}
            if "_kfold" in values:
                return _boost_folds(paths, values, tables, matrices, objective, stop, cluster)
            return [_boost(paths, values, matrices, objective, stop, cluster)]
    except xgboost.core.XGBoostError as error:
        raise UserError(f"XGBoost refuses the job: {_first_sentence(str(error))}") from error


def _matrix(table: Table) -> Any:
    return xgboost.DMatrix(table.features, label=table.labels, weight=table.weights, qid=table.query_ids)


def _boost(
    paths: ContainerPaths,
    values: dict[str, HyperparameterValue],
    matrices: dict[str, Any],
    objective: str,
    stop: StopRequest,
    cluster: "Cluster | None",
) -> Any:
    metrics = _metrics(values)
    checkpoints = find_checkpoint_directory(paths)
    model, first_round = _resumed(checkpoints, cluster)
    stop.deferred = True
    trained = xgboost.train(
        _library_parameters(values, metrics),
        matrices[TRAIN_CHANNEL],
        num_boost_round=max(_rounds(values) - first_round, 0),
        evals=[(matrix, name) for name, matrix in matrices.items()],
        custom_metric=_custom_evaluation(_evaluated(values, metrics), objective, cluster),
        xgb_model=model,
        callbacks=[
            *_after_rounds(first_round, checkpoints, stop, cluster),
            *_early_stopping(values, metrics, has_validation=VALIDATION_CHANNEL in matrices),
        ],
        verbose_eval=False,
    )
    if stop.received:
        print(f"Stopped by request after {trained.num_boosted_rounds()} rounds.", flush=True)
    return trained


def _after_rounds(
    first_round: int, checkpoints: Path | None, stop: StopRequest, cluster: "Cluster | None"
) -> list[Any]:
    """What every training has done after each round; of several hosts, one tells and keeps it."""
    callbacks: list[Any] = []
    if cluster is None or cluster.is_main:
        callbacks.append(RoundLog(first_round))
        if checkpoints is not None:
            callbacks.append(CheckpointWriter(checkpoints, first_round))
    return [*callbacks, StopWhenAsked(stop, None if cluster is None else cluster.any)]


def _boost_folds(
    paths: ContainerPaths,
    values: dict[str, HyperparameterValue],
    tables: dict[str, Table],
    matrices: dict[str, Any],
    objective: str,
    stop: StopRequest,
    cluster: "Cluster | None",
) -> list[Any]:
    """Each host cuts its own rows into as many folds, and all train the model of each together."""
    metrics = _metrics(values)
    checkpoints = find_checkpoint_directory(paths)

    def train(rows: Any, fold: int) -> tuple[Any, Scores]:
        scores: Scores = {}
        model = xgboost.train(
            _library_parameters(values, metrics),
            rows,
            num_boost_round=_rounds(values),
            evals=[(matrix, name) for name, matrix in matrices.items()],
            evals_result=scores,
            custom_metric=_custom_evaluation(_evaluated(values, metrics), objective, cluster),
            callbacks=[
                *_after_rounds(0, fold_checkpoints(checkpoints, fold), stop, cluster),
                *_early_stopping(values, metrics, has_validation=VALIDATION_CHANNEL in matrices),
            ],
            verbose_eval=False,
        )
        return model, scores

    stop.deferred = True
    return cross_validate(
        _matrix(all_rows(tables)),
        train,
        folds=int(str(values["_kfold"])),
        repeats=int(str(values.get("_num_cv_round", 1))),
        classifies="num_class" in values or objective.startswith("binary:"),
        num_round=_rounds(values),
        output=paths.output_data_directory,
    )


def _rounds(values: dict[str, HyperparameterValue]) -> int:
    return int(str(values["num_round"]))


def _custom_evaluation(metrics: list[str], objective: str, cluster: "Cluster | None") -> Any:
    """What computes those of the metrics that the library does not know; None where it knows all."""
    custom = [metric for metric in metrics if _is_ours(metric)]
    return evaluation(custom, objective, None if cluster is None else cluster.gather) if custom else None


def _resumed(checkpoints: Path | None, cluster: "Cluster | None") -> tuple[Any, int]:
    """The model to go on from, and the rounds behind it: on every host those of the main one."""
    model, rounds = (None, 0) if checkpoints is None else load_newest_checkpoint(checkpoints)
    if cluster is None:
        return model, rounds
    raw, rounds = cluster.share((None if model is None else model.save_raw("ubj"), rounds))
    return (None if raw is None else xgboost.Booster(model_file=raw)), rounds


def _is_ours(metric: str) -> bool:
    """Whether the library does not know a metric, or not as the image's did."""
    return metric in CUSTOM_METRICS or (metric == PRECISION and image.ranks_by_precision())


def _metrics(values: dict[str, HyperparameterValue]) -> list[str]:
    """What to evaluate: the metrics asked for, and the one that a tuning job optimizes, which comes last."""
    asked = values.get("eval_metric", [])
    metrics = [str(metric) for metric in asked] if isinstance(asked, list) else []
    tuned = str(values.get("_tuning_objective_metric", "")).rpartition(":")[2]
    return [metric for metric in dict.fromkeys(metrics) if metric != tuned] + ([tuned] if tuned else [])


def _evaluated(values: dict[str, HyperparameterValue], metrics: list[str]) -> list[str]:
    """The metrics of the log: where none is asked for, what the image's library has for the objective."""
    is_ranking = str(values.get("objective", "")).startswith("rank:")
    return metrics or ([PRECISION] if is_ranking and image.ranks_by_precision() else [])


def _early_stopping(values: dict[str, HyperparameterValue], metrics: list[str], *, has_validation: bool) -> list[Any]:
    """Watches the last metric of the validation channel, and keeps the best round's model, as AWS's container does."""
    patience = values.get("early_stopping_rounds")
    if patience is None:
        return []
    if not has_validation:
        print("Warning: early_stopping_rounds does nothing without the channel 'validation'.", flush=True)
        return []
    if not metrics and not image.stops_by_default_metric():
        print("Warning: early_stopping_rounds does nothing without the hyperparameter eval_metric.", flush=True)
        return []
    watch = xgboost.callback.EarlyStopping(
        patience,
        metric_name=_name_in_log(metrics[-1]) if metrics else None,
        data_name=VALIDATION_CHANNEL,
        maximize=is_maximized(metrics[-1]) if metrics else None,
        save_best=values.get("booster") != "gblinear",
    )
    return [watch]


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
    if values.get("silent") == 1:  # of old images; the library has verbosity in its place
        parameters.setdefault("verbosity", 0)
    evaluated = _evaluated(values, metrics)
    known = [metric for metric in evaluated if not _is_ours(metric)]
    if known:
        parameters["eval_metric"] = known
    elif PRECISION in evaluated:
        parameters["disable_default_eval_metric"] = 1
    return parameters


def _first_sentence(message: str) -> str:
    """The library's message without its time, place in the source and stack trace."""
    told = message.partition("\nStack trace:")[0]
    told = re.sub(r"^\[\d\d:\d\d:\d\d\] \S+:\d+: ", "", told)
    return re.sub(r"^Check failed: .*?: ", "", told).strip()
