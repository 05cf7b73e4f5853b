"""Training of AWS's algorithms on as much as MNIST against their bare libraries: whole processes, and their memory.

Both read the same file, of records or CSV, and fit the same. linear-learner has a benchmark of its own, as a whole job.
By name, one or some of them: `python benchmarks/algorithms.py kmeans pca`.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from measure import Row, print_rows
from sagemaker_training.recordio import _write_numpy_to_dense_tensor

COLUMNS, COPIES = 784, 10
SCRIPT = "s3://jumpstart-cache-prod-us-east-1/source-directory-tarballs/{}/transfer_learning/classification/v/x.tar.gz"


@dataclass(frozen=True)
class Case:
    """What one algorithm is given: as many rows, and these hyperparameters beside `feature_dim`."""

    name: str
    hyperparameters: dict[str, str]
    rows: int = 60_000
    counts: bool = False
    csv: bool = False
    bare: str = field(default="")

    @property
    def module(self) -> str:
        """What its folder is called."""
        return self.name.replace("-", "_")


_TABLE = {"early_stopping_rounds": "0"}
CASES = {
    "kmeans": Case("kmeans", {"k": "10"}),
    "pca": Case("pca", {"num_components": "50", "mini_batch_size": "5000"}),
    "pca-randomized": Case(
        "pca",
        {"num_components": "50", "mini_batch_size": "5000", "algorithm_mode": "randomized"},
        bare="pca_randomized",
    ),
    "knn": Case("knn", {"k": "10", "sample_size": "60000", "predictor_type": "classifier"}),
    "lda": Case("lda", {"num_topics": "10", "mini_batch_size": "5000", "max_iterations": "2"}, 5_000, counts=True),
    "randomcutforest": Case("randomcutforest", {"num_trees": "50", "num_samples_per_tree": "256"}, 5_000),
    "factorization-machines": Case(
        "factorization-machines",
        {"num_factors": "10", "predictor_type": "binary_classifier", "epochs": "2", "mini_batch_size": "1000"},
    ),
    "lightgbm": Case("lightgbm", {**_TABLE, "num_boost_round": "20"}, 10_000, csv=True),
    "catboost": Case("catboost", {**_TABLE, "iterations": "20", "learning_rate": "0.1"}, 10_000, csv=True),
}


def write_rows(case: Case, directory: Path) -> Path:
    """A label that depends on the features, and these; each row ten times."""
    random = np.random.default_rng(7)
    features = random.uniform(size=(case.rows // COPIES, COLUMNS)).astype(np.float32).round(4)
    if case.counts:
        features = random.poisson(1, size=features.shape).astype(np.float32)
    labels = (features[:, :9].sum(axis=1) > features[:, 9:18].sum(axis=1)).astype(np.float32)
    directory.mkdir(parents=True)
    if case.csv:
        written = io.StringIO()
        np.savetxt(written, np.column_stack((labels, features)), fmt="%g", delimiter=",")
        file = directory / "data.csv"
        file.write_text(written.getvalue() * COPIES)
        return file
    records = io.BytesIO()
    _write_numpy_to_dense_tensor(records, features, labels)
    file = directory / "data.pbr"
    file.write_bytes(records.getvalue() * COPIES)
    return file


def configure(case: Case, base: Path) -> None:
    configuration = base / "input" / "config"
    configuration.mkdir(parents=True)
    given = {"sagemaker_submit_directory": SCRIPT.format(case.name)} if case.csv else {"feature_dim": str(COLUMNS)}
    channel = {"TrainingInputMode": "File", "S3DistributionType": "FullyReplicated"}
    files = {
        "hyperparameters": {**given, **case.hyperparameters},
        "inputdataconfig": {"train": {**channel, **({"ContentType": "text/csv"} if case.csv else {})}},
    }
    for name, content in files.items():
        (configuration / f"{name}.json").write_text(json.dumps(content))


def measure(command: list[str], **environment: str) -> tuple[float, float, float]:
    """Seconds, those of all cores, and the most mebibytes of a process."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{command} ended with status {status}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(case: Case) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch) / "ml"
        data = write_rows(case, base / "input" / "data" / "train")
        configure(case, base)
        bare = [sys.executable, str(Path(__file__).with_name("bare_algorithms.py")), case.bare or case.module]
        own = [sys.executable, "-m", f"sagecraft_containers.{case.module}", "train"]
        bare_run = measure([*bare, str(data), str(Path(scratch) / "model")])
        own_run = measure(own, SAGEMAKER_BASE_DIR=str(base))
    print_rows(
        f"{case.bare or case.name}, {case.rows:,} x {COLUMNS}",
        [
            *(
                Row(what, f"{seconds:.2f} s, {cpu:.2f} s of cores, {mib:,.0f} MiB")
                for what, (seconds, cpu, mib) in (("bare library", bare_run), ("the container's train", own_run))
            ),
            Row("ratio", f"{own_run[0] / bare_run[0]:.2f}", "<= 1.3"),
            Row("ratio of cores' seconds", f"{own_run[1] / bare_run[1]:.2f}"),
        ],
    )


if __name__ == "__main__":
    for name in sys.argv[1:] or CASES:
        compare(CASES[name])
