"""A whole tuning job on the emulator against the same trials run by Optuna in a bare pool of processes.

Both sides ask the same sampler over the same ranges, run as many trials at once as the machine has cores, and train
each with one thread on the same CSV files; the bare side reads them once per process of its pool, and tries what the
tuning job has tried, so that both train the same models. The tuning job's time runs from CreateHyperParameterTuningJob
until DescribeHyperParameterTuningJob says Completed: each of its trials is a training job with a container's start, a
download from S3, a log, metrics, and a model.tar.gz in S3. A trial takes seconds of a core, and a run a dozen of them:
all of it takes two minutes on two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import tempfile
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from bare_trial import read_rows, train_trial
from measure import REGION, Emulator, Row, emulator, execution_role, print_rows, side_by_side
from sagecraft_catalog import algorithm

ROWS, COLUMNS, NUM_ROUND, TRIALS, REPEATS = 100_000, 30, 150, 12, 2
POLL_SECONDS = 0.5
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
RANGES = {"eta": (0.1, 0.5), "subsample": (0.5, 1.0)}
DEPTHS = (4, 7)


def write_synthetic_csv(path: Path, rows: int, seed: int) -> None:
    """Lines of a 0/1 label and normal features, label first, no header."""
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, COLUMNS)).astype(np.float32)
    label = (features[:, :5].sum(axis=1) + random.normal(size=rows) > 0).astype(np.float32)
    np.savetxt(path, np.column_stack([label, features]), delimiter=",", fmt="%.5f")


def suggest(study: optuna.Study) -> optuna.trial.Trial:
    """A trial with its hyperparameters, of which the next are waiting in the study."""
    trial = study.ask()
    for name, (low, high) in RANGES.items():
        trial.suggest_float(name, low, high)
    trial.suggest_int("max_depth", *DEPTHS)
    return trial


def tried(host: Emulator, name: str) -> list[dict[str, float]]:
    """The hyperparameters of a tuning job's trials, in their order."""
    listed = host.client("sagemaker").list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name, MaxResults=100
    )
    return [
        {name: float(text) for name, text in trial["TunedHyperParameters"].items()}
        for trial in listed["TrainingJobSummaries"]
    ]


def time_bare(directory: Path, trials: list[dict[str, float]]) -> float:
    """Optuna's trials in a pool of processes, which read the rows when they begin."""
    begin = time.perf_counter()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=1, multivariate=True, constant_liar=True)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for params in trials:
        study.enqueue_trial({**params, "max_depth": int(params["max_depth"])})
    running: dict[Any, optuna.trial.Trial] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(CORES, context, initializer=read_rows, initargs=(directory,)) as pool:
        for _ in range(TRIALS):
            if len(running) == CORES:
                tell(study, running)
            trial = suggest(study)
            running[pool.submit(train_trial, trial.params, NUM_ROUND, directory / f"{trial.number}.ubj")] = trial
        while running:
            tell(study, running)
    return time.perf_counter() - begin


def tell(study: optuna.Study, running: dict[Any, optuna.trial.Trial]) -> None:
    """Waits for a trial to end."""
    ended, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in ended:
        study.tell(running.pop(future), future.result())


def time_job(host: Emulator, role_arn: str, name: str) -> float:
    """The tuning job."""
    sagemaker = host.client("sagemaker")
    begin = time.perf_counter()
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": TRIALS, "MaxParallelTrainingJobs": CORES},
            "ParameterRanges": {
                "ContinuousParameterRanges": [
                    {"Name": name, "MinValue": str(low), "MaxValue": str(high)} for name, (low, high) in RANGES.items()
                ],
                "IntegerParameterRanges": [
                    {"Name": "max_depth", "MinValue": str(DEPTHS[0]), "MaxValue": str(DEPTHS[1])}
                ],
            },
            "RandomSeed": 1,
        },
        TrainingJobDefinition={
            "AlgorithmSpecification": {
                "TrainingImage": algorithm("xgboost").image_uri("3.2-0", REGION),
                "TrainingInputMode": "File",
            },
            "StaticHyperParameters": {
                "num_round": str(NUM_ROUND),
                "objective": "binary:logistic",
                "tree_method": "hist",
                "eval_metric": "auc",
            },
            "InputDataConfig": [channel(each) for each in ("train", "validation")],
            "RoleArn": role_arn,
            "OutputDataConfig": {"S3OutputPath": "s3://benchmark/output"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
    )
    while True:
        job = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
        match job["HyperParameterTuningJobStatus"]:
            case "Completed":
                return time.perf_counter() - begin
            case "InProgress":
                time.sleep(POLL_SECONDS)
            case status:
                raise RuntimeError(f"The tuning job ended {status}: {job.get('FailureReason')}")


def channel(name: str) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://benchmark/{name}/",
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}


def main() -> None:
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        for seed, (name, rows) in enumerate((("train", ROWS), ("validation", ROWS // 10))):
            write_synthetic_csv(directory / f"{name}.csv", rows, seed)
        with emulator(directory / "state") as host:
            role_arn = execution_role(host)
            s3 = host.client("s3")
            s3.create_bucket(Bucket="benchmark")
            for name in ("train", "validation"):
                s3.upload_file(str(directory / f"{name}.csv"), "benchmark", f"{name}/{name}.csv")
            numbers = count()
            medians = side_by_side(
                REPEATS,
                job=lambda: time_job(host, role_arn, f"benchmark-{next(numbers)}"),
                bare=lambda: time_bare(directory, tried(host, "benchmark-0")),
            )
    print_rows(
        f"Tuning, {TRIALS} trials of {ROWS:,} x {COLUMNS}, {NUM_ROUND} rounds, {CORES} at once (median of {REPEATS})",
        [
            Row("Optuna in a bare pool of processes", f"{medians['bare']:.2f} s"),
            Row("tuning job on the emulator, whole", f"{medians['job']:.2f} s"),
            Row("ratio", f"{medians['job'] / medians['bare']:.3f}", "<= 1.08"),
        ],
    )


if __name__ == "__main__":
    main()
