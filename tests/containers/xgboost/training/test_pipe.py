"""Channels in Pipe mode: what comes through a FIFO trains the same model as the files would."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.containers.training_job import JobResult, TrainingJob

from .synthetic import (
    ROUNDS,
    as_csv,
    as_parquet,
    as_recordio,
    assert_same_predictions,
    bare_model,
    saved_model,
    synthetic,
)


@pytest.fixture
def job(tmp_path: Path) -> TrainingJob:
    hyperparameters = {"num_round": str(ROUNDS), "objective": "binary:logistic", "max_depth": "3"}
    image = {"SAGECRAFT_IMAGE_VERSION": "3.0-5"}  # the last one that reads pipes
    return TrainingJob(tmp_path, "sagecraft_containers.xgboost", hyperparameters, environment=image)


def run(job: TrainingJob, content_type: str, **contents: bytes) -> JobResult:
    """Runs the job with a pipe for each channel."""
    data = job.base / "input" / "data"
    data.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        job.channels[name] = {"TrainingInputMode": "Pipe", "ContentType": content_type}
        pipe = data / f"{name}_0"
        os.mkfifo(pipe)
        threading.Thread(target=pipe.write_bytes, args=(content,), daemon=True).start()
    return job.run()


@pytest.mark.parametrize(
    ("write", "content_type"),
    [
        (as_csv, "text/csv"),
        (as_parquet, "application/x-parquet"),
        (as_recordio, "application/x-recordio-protobuf"),
    ],
)
def test_what_comes_through_the_pipe_is_read_to_its_end(
    job: TrainingJob, write: Callable[[np.ndarray, np.ndarray], bytes], content_type: str
) -> None:
    features, labels = synthetic()
    # Two objects, one after the other.
    stream = write(features[:100], labels[:100]) + write(features[100:], labels[100:])
    result = run(job, content_type, train=stream, validation=write(*synthetic(1)))
    assert_same_predictions(saved_model(result), bare_model(features, labels))
    assert "validation-logloss:" in result.log


def test_an_error_names_the_pipe_and_the_line(job: TrainingJob) -> None:
    failure = run(job, "text/csv", train=b"1,2,3\n0,x,4\n").failure
    assert failure is not None
    assert failure.startswith("train_0, line 2: 'x' in column 2 is not a finite number; ")


def test_a_pipe_without_data_is_a_users_error(job: TrainingJob) -> None:
    result = run(job, "text/csv", train=b"")
    assert result.failure == "The channel 'train' holds no data; check its S3Uri."


def test_the_newest_image_reads_no_pipes(job: TrainingJob) -> None:
    # aws/sagemaker-xgboost-container master, data_utils.py: "Pipe mode for CSV is no longer supported."
    job.environment.clear()
    result = run(job, "text/csv", train=b"1,2,3\n")
    assert result.failure == (
        "The channel 'train' is in Pipe mode, which XGBoost 3.2-0 no longer reads; use File or FastFile mode."
    )


def test_channels_of_different_modes_are_refused(job: TrainingJob) -> None:
    job.add_channel("validation", {"validation.csv": as_csv(*synthetic())})
    result = run(job, "text/csv", train=as_csv(*synthetic()))
    assert result.failure is not None
    assert result.failure.startswith("The channel 'validation' is in another input mode than 'train'")
