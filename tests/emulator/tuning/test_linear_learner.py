"""linear-learner tuned by its own metrics, and the best of it in a batch transform."""

import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sagecraft_catalog import algorithm

from tests.containers.records import dense
from tests.emulator.conftest import REGION, RunningEmulator

from .tuning import ROLE, WAIT_SECONDS, definition, tuning_config

pytestmark = pytest.mark.slow

IMAGE = algorithm("linear-learner").image_uri("1", REGION)
BUCKET = "tuned-linear-learner"
ROWS = np.random.default_rng(5).normal(size=(160, 3)).astype(np.float32)
LABELS = (ROWS[:, 0] > 0).astype(np.float32)


def of_linear_learner(**static: str) -> dict[str, Any]:
    def channel(name: str) -> dict[str, Any]:
        source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/"}
        return {"ChannelName": name, "DataSource": {"S3DataSource": source}}

    job = definition(IMAGE, f"s3://{BUCKET}/output", {"mini_batch_size": "40", "epochs": "4", **static})
    job["AlgorithmSpecification"] = {"TrainingImage": IMAGE, "TrainingInputMode": "File"}
    return {**job, "InputDataConfig": [channel("train"), channel("validation")]}


def config(metric: str, kind: str) -> dict[str, Any]:
    rates = [{"Name": "learning_rate", "MinValue": "0.0001", "MaxValue": "0.5", "ScalingType": "Logarithmic"}]
    objective = {"Type": kind, "MetricName": metric}
    ranges = {"ContinuousParameterRanges": rates}
    return tuning_config(3, 1, HyperParameterTuningJobObjective=objective, ParameterRanges=ranges)


def ended(describe: Callable[[], dict[str, Any]], status: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    while (job := describe())[status] == "InProgress":
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
    return job


def test_the_best_of_three_trials_transforms_records_that_are_joined_with_their_answers(
    emulator: RunningEmulator,
) -> None:
    s3, sagemaker = emulator.client("s3"), emulator.client("sagemaker")
    emulator.make_role()
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="train/rows", Body=dense(ROWS[:120], LABELS[:120]))
    s3.put_object(Bucket=BUCKET, Key="validation/rows", Body=dense(ROWS[120:], LABELS[120:]))
    sagemaker.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="linear",
        HyperParameterTuningJobConfig=config("validation:objective_loss", "Minimize"),
        TrainingJobDefinition=of_linear_learner(predictor_type="binary_classifier", num_models="8"),
    )
    named = {"HyperParameterTuningJobName": "linear"}
    job = ended(lambda: sagemaker.describe_hyper_parameter_tuning_job(**named), "HyperParameterTuningJobStatus")
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}, job
    trials = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(**named)["TrainingJobSummaries"]
    losses = [each["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for each in trials]
    best = job["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == min(losses)
    assert len(set(losses)) == 3

    described = sagemaker.describe_training_job(TrainingJobName=best["TrainingJobName"])
    container = {"Image": IMAGE, "ModelDataUrl": described["ModelArtifacts"]["S3ModelArtifacts"]}
    sagemaker.create_model(ModelName="linear", ExecutionRoleArn=ROLE, PrimaryContainer=container)
    lines = [json.dumps({"id": place, "features": row}) for place, row in enumerate(ROWS[:4].tolist())]
    s3.put_object(Bucket=BUCKET, Key="records/rows.jsonl", Body="\n".join(lines).encode())
    joined = transform(sagemaker, "joined", Accept="application/jsonlines")
    assert joined["TransformJobStatus"] == "Completed", joined.get("FailureReason")
    written = s3.get_object(Bucket=BUCKET, Key="joined/rows.jsonl.out")["Body"].read().decode()
    answers = [json.loads(line) for line in written.splitlines()]
    assert [each["id"] for each in answers] == [0, 1, 2, 3]
    assert [each["SageMakerOutput"]["predicted_label"] for each in answers] == LABELS[:4].tolist()
    failed = transform(sagemaker, "one-object")
    assert failed["FailureReason"].endswith(
        "the container answered 1 predictions for 4 records, so they cannot be joined or filtered. It must answer each "
        "record on a line of its own: where that is JSON, ask for it by the Accept application/jsonlines."
    )


def transform(sagemaker: Any, name: str, **output: str) -> dict[str, Any]:
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/records/"}
    sagemaker.create_transform_job(
        TransformJobName=name,
        ModelName="linear",
        TransformInput={
            "DataSource": {"S3DataSource": source},
            "ContentType": "application/jsonlines",
            "SplitType": "Line",
        },
        TransformOutput={"S3OutputPath": f"s3://{BUCKET}/{name}", "AssembleWith": "Line", **output},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        DataProcessing={"JoinSource": "Input"},
    )
    return ended(lambda: sagemaker.describe_transform_job(TransformJobName=name), "TransformJobStatus")
