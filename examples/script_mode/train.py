"""The script that the scikit-learn container runs: a logistic regression of who survives.

Hyperparameters arrive as arguments, channels and the folder for the model as `SM_*` variables.
"""

import argparse
import os
from pathlib import Path

import joblib
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tabulate import tabulate

parser = argparse.ArgumentParser()
parser.add_argument("--strength", type=float, required=True, help="how freely the model fits, above 0")
parser.add_argument("--model-dir", type=Path, default=os.environ["SM_MODEL_DIR"])
parser.add_argument("--train", type=Path, default=os.environ["SM_CHANNEL_TRAIN"])
parser.add_argument("--validation", type=Path, default=os.environ["SM_CHANNEL_VALIDATION"])
options = parser.parse_args()

# The label stands in the first column, and there is no header.
train = np.loadtxt(options.train / "passengers.csv", delimiter=",")
validation = np.loadtxt(options.validation / "passengers.csv", delimiter=",")
model = make_pipeline(StandardScaler(), LogisticRegression(C=options.strength, max_iter=1000))
model.fit(train[:, 1:], train[:, 0])

rows = [
    (name, model.score(table[:, 1:], table[:, 0])) for name, table in (("train", train), ("validation", validation))
]
print(tabulate(rows, headers=["passengers", "accuracy"], floatfmt=".6f", tablefmt="github"))
# SageMaker reads the metric from the log, with the regular expression of the job.
print(f"validation:accuracy={rows[-1][1]:.6f}")
joblib.dump(model, options.model_dir / "model.joblib")
