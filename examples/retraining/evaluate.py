"""The script that the XGBoost container runs: tells how good the model is on passengers that it has not seen."""

import json
import tarfile
from pathlib import Path

import numpy as np
import xgboost

DATA = Path("/opt/ml/processing")

with tarfile.open(DATA / "input" / "model" / "model.tar.gz") as archive:
    archive.extract("xgboost-model", "/tmp", filter="data")  # noqa: S108 - the container's own
booster = xgboost.Booster(model_file="/tmp/xgboost-model")  # noqa: S108
rows = np.vstack([np.loadtxt(file, delimiter=",") for file in (DATA / "input" / "validation").glob("*.csv")])
truth, features = rows[:, 0], rows[:, 1:]
predicted = booster.predict(xgboost.DMatrix(features))
# How often somebody who survived is ranked before somebody who did not.
before = predicted[truth == 1][:, None] - predicted[truth == 0][None, :]
auc = float(np.mean((before > 0) + 0.5 * (before == 0)))
report = DATA / "output" / "report"
report.mkdir(parents=True, exist_ok=True)
(report / "evaluation.json").write_text(json.dumps({"metrics": {"auc": {"value": auc}}}))
print(f"auc {auc:.4f}")
