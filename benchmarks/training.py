"""A whole training job on the emulator against the same `xgboost.train` in a bare Python process.

The bare process reads the same CSV file with the same reader, trains with the same parameters and evaluates the same
metric, and saves the model. The job's time runs from CreateTrainingJob until DescribeTrainingJob says Completed, so
it holds the download from S3, the container's start, the log, the metrics and the upload of model.tar.gz.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np
from measure import REGION, Emulator, Row, emulator, execution_role, print_rows, side_by_side, time_training_job
from sagecraft_catalog import algorithm

ROWS, COLUMNS, NUM_ROUND, REPEATS = 200_000, 50, 200, 3


def write_synthetic_csv(path: Path) -> None:
    """`ROWS` lines of a 0/1 label and `COLUMNS` normal features, label first, no header."""
    random = np.random.default_rng(7)
    features = random.normal(size=(ROWS, COLUMNS)).astype(np.float32)
    label = (features[:, :5].sum(axis=1) + random.normal(size=ROWS) > 0).astype(np.float32)
    np.savetxt(path, np.column_stack([label, features]), delimiter=",", fmt="%.5f")


def time_bare(train_csv: Path, model: Path) -> float:
    script = Path(__file__).with_name("bare_training.py")
    begin = time.perf_counter()
    subprocess.run([sys.executable, str(script), str(train_csv), str(model), str(NUM_ROUND)], check=True)
    return time.perf_counter() - begin


def time_job(host: Emulator, role_arn: str, name: str) -> float:
    return time_training_job(
        host,
        TrainingJobName=name,
        RoleArn=role_arn,
        AlgorithmSpecification={
            "TrainingImage": algorithm("xgboost").image_uri("3.2-0", REGION),
            "TrainingInputMode": "File",
        },
        HyperParameters={
            "num_round": str(NUM_ROUND),
            "objective": "binary:logistic",
            "tree_method": "hist",
            "max_depth": "6",
        },
        InputDataConfig=[
            {
                "ChannelName": "train",
                "ContentType": "text/csv",
                "DataSource": {
                    "S3DataSource": {
                        "S3DataType": "S3Prefix",
                        "S3Uri": "s3://benchmark/train/",
                        "S3DataDistributionType": "FullyReplicated",
                    }
                },
            }
        ],
        OutputDataConfig={"S3OutputPath": "s3://benchmark/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        train_csv = directory / "train.csv"
        write_synthetic_csv(train_csv)
        with emulator(directory / "state") as host:
            role_arn = execution_role(host)
            s3 = host.client("s3")
            s3.create_bucket(Bucket="benchmark")
            s3.upload_file(str(train_csv), "benchmark", "train/train.csv")
            numbers = count()
            medians = side_by_side(
                REPEATS,
                bare=lambda: time_bare(train_csv, directory / "model.ubj"),
                job=lambda: time_job(host, role_arn, f"benchmark-{next(numbers)}"),
            )
    print_rows(
        f"Training, {ROWS:,} x {COLUMNS}, {NUM_ROUND} rounds (median of {REPEATS})",
        [
            Row("bare xgboost.train, whole process", f"{medians['bare']:.2f} s"),
            Row("training job on the emulator, whole", f"{medians['job']:.2f} s"),
            Row("ratio", f"{medians['job'] / medians['bare']:.3f}", "<= 1.15"),
        ],
    )


if __name__ == "__main__":
    main()
