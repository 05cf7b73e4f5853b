# ruff: noqa: INP001 - it is the source of a job, not of a package
"""Script mode of XGBoost: trains with the job's hyperparameters, and loads the model for an endpoint."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import roman  # type: ignore[import-not-found]  # the job installs it from requirements.txt
import xgboost


def main() -> None:
    """Trains on the channel `train`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--num_round", type=int, required=True)
    parser.add_argument("--max_depth", type=int, required=True)
    parser.add_argument("--label-name", required=True)
    options = parser.parse_args()
    rows = np.vstack([np.loadtxt(file, delimiter=",") for file in Path(os.environ["SM_CHANNEL_TRAIN"]).iterdir()])
    matrix = xgboost.DMatrix(rows[:, 1:], label=rows[:, 0])
    parameters = {"objective": "binary:logistic", "max_depth": options.max_depth, "seed": 5}
    evaluations: dict[str, Any] = {}
    model = xgboost.train(
        parameters, matrix, options.num_round, evals=[(matrix, "train")], evals_result=evaluations, verbose_eval=False
    )
    loss = evaluations["train"]["logloss"][-1]
    print(f"after {roman.toRoman(options.num_round)} rounds: logloss={loss:.6f};")
    model.save_model(Path(os.environ["SM_MODEL_DIR"]) / "booster.ubj")
    report = {"loss": loss, "label": options.label_name, "hosts": json.loads(os.environ["SM_HOSTS"])}
    (Path(os.environ["SM_OUTPUT_DATA_DIR"]) / "report.json").write_text(json.dumps(report), "utf-8")


def model_fn(model_dir: str) -> Any:
    """The booster."""
    return xgboost.Booster(model_file=str(Path(model_dir) / "booster.ubj"))


if __name__ == "__main__":
    main()
