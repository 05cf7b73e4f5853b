"""A whole job of linear-learner on as much as MNIST against the same fit in a bare Python process.

The bare process reads the same file of records with the same reader, and fits as many models by the same optimizer for
as many epochs. The job's time runs from CreateTrainingJob until DescribeTrainingJob says Completed.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import numpy as np
from measure import REGION, Emulator, Row, emulator, execution_role, print_rows, side_by_side, time_training_job
from sagecraft_catalog import algorithm
from sagemaker_training.recordio import _write_numpy_to_dense_tensor

ROWS, COLUMNS, CLASSES, MODELS, EPOCHS, REPEATS = 60_000, 784, 10, 32, 5, 1
COPIES = 10


def write_synthetic_records(path: Path) -> None:
    """`ROWS` records of `COLUMNS` numbers, with the label that a random linear model gives them; each ten times."""
    random = np.random.default_rng(7)
    features = random.uniform(size=(ROWS // COPIES, COLUMNS)).astype(np.float32)
    labels = (features @ random.normal(size=(COLUMNS, CLASSES))).argmax(axis=1).astype(np.float32)
    written = io.BytesIO()
    _write_numpy_to_dense_tensor(written, features, labels)
    path.write_bytes(written.getvalue() * COPIES)


def time_bare(records: Path, model: Path) -> float:
    script = Path(__file__).with_name("bare_linear_learner.py")
    numbers = [str(number) for number in (MODELS, CLASSES, EPOCHS)]
    begin = time.perf_counter()
    subprocess.run([sys.executable, str(script), str(records), str(model), *numbers], check=True)
    return time.perf_counter() - begin


def time_job(host: Emulator, role_arn: str, name: str) -> float:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": "s3://benchmark/train/",
        "S3DataDistributionType": "FullyReplicated",
    }
    return time_training_job(
        host,
        TrainingJobName=name,
        RoleArn=role_arn,
        AlgorithmSpecification={
            "TrainingImage": algorithm("linear-learner").image_uri("1", REGION),
            "TrainingInputMode": "File",
        },
        HyperParameters={
            "predictor_type": "multiclass_classifier",
            "num_classes": str(CLASSES),
            "num_models": str(MODELS),
            "epochs": str(EPOCHS),
            "early_stopping_patience": str(EPOCHS),
        },
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": source}}],
        OutputDataConfig={"S3OutputPath": "s3://benchmark/output"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
        StoppingCondition={"MaxRuntimeInSeconds": 3600},
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        records = directory / "train.pbr"
        write_synthetic_records(records)
        with emulator(directory / "state") as host:
            role_arn = execution_role(host)
            s3 = host.client("s3")
            s3.create_bucket(Bucket="benchmark")
            s3.upload_file(str(records), "benchmark", "train/train.pbr")
            numbers = count()
            medians = side_by_side(
                REPEATS,
                bare=lambda: time_bare(records, directory / "model.npz"),
                job=lambda: time_job(host, role_arn, f"benchmark-{next(numbers)}"),
            )
    print_rows(
        f"linear-learner, {ROWS:,} x {COLUMNS}, {CLASSES} classes, {MODELS} models, {EPOCHS} epochs",
        [
            Row("bare JAX, whole process", f"{medians['bare']:.2f} s"),
            Row("training job on the emulator, whole", f"{medians['job']:.2f} s"),
            Row("ratio", f"{medians['job'] / medians['bare']:.3f}", "<= 1.3"),
        ],
    )


if __name__ == "__main__":
    main()
