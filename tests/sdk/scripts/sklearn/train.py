# ruff: noqa: INP001 - it is the source of a job, not of a package
"""Script mode of scikit-learn: a logistic regression, and all functions of an endpoint."""

from __future__ import annotations

import argparse
import io
import json
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from names import CLASSES  # type: ignore[import-not-found]  # it lies beside this script in the job
from sklearn.linear_model import LogisticRegression


def main() -> None:
    """Trains on the channel `train`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-C", type=float, required=True)
    options = parser.parse_args()
    rows = np.vstack([np.loadtxt(file, delimiter=",") for file in Path(os.environ["SM_CHANNEL_TRAIN"]).iterdir()])
    model = LogisticRegression(C=options.C).fit(rows[:, 1:], rows[:, 0])
    print(f"accuracy={model.score(rows[:, 1:], rows[:, 0]):.6f};")
    joblib.dump(model, Path(os.environ["SM_MODEL_DIR"]) / "model.joblib")


def model_fn(model_dir: str) -> Any:
    """The regression."""
    return joblib.load(Path(model_dir) / "model.joblib")


def input_fn(body: bytes | str, content_type: str) -> Any:
    """Rows of CSV."""
    if content_type != "text/csv":
        raise ValueError(f"'{content_type}' is not text/csv")
    text = body.decode() if isinstance(body, bytes) else body
    return np.loadtxt(io.StringIO(text), delimiter=",", ndmin=2)


def predict_fn(rows: Any, model: Any) -> Any:
    """The probability of each class."""
    return model.predict_proba(rows)


def output_fn(probabilities: Any, accept: str) -> str:
    """An object of class name to probability for each row, as JSON."""
    return json.dumps([dict(zip(CLASSES, row, strict=True)) for row in probabilities.tolist()])


if __name__ == "__main__":
    main()
