"""The bare trial that the tuning benchmark is held against: call xgboost.train on rows that are in memory, save."""

from pathlib import Path
from typing import Any

import pyarrow.csv
import xgboost

_rows: dict[str, Any] = {}


def read_rows(directory: Path) -> None:
    """Reads the rows, once in a process."""
    for name in ("train", "validation"):
        options = pyarrow.csv.ReadOptions(autogenerate_column_names=True)
        table = pyarrow.csv.read_csv(directory / f"{name}.csv", read_options=options)
        columns = table.to_pandas().to_numpy(dtype="float32")
        _rows[name] = xgboost.DMatrix(columns[:, 1:], label=columns[:, 0])


def train_trial(params: dict[str, Any], num_round: int, model_path: Path) -> float:
    """Trains with one thread; the metric of the last round."""
    results: dict[str, dict[str, list[float]]] = {}
    booster = xgboost.train(
        {"objective": "binary:logistic", "tree_method": "hist", "eval_metric": "auc", "nthread": 1, **params},
        _rows["train"],
        num_boost_round=num_round,
        evals=[(_rows[name], name) for name in ("train", "validation")],
        evals_result=results,
        verbose_eval=False,
    )
    booster.save_model(model_path)
    return results["validation"]["auc"][-1]
