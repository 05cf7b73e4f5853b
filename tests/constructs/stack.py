"""Stacks and constructs that the tests of this folder share."""

import json
from typing import Any

from aws_cdk import App, Duration, Environment, RemovalPolicy, Stack
from aws_cdk.assertions import Template
from constructs import Construct
from sagecraft_constructs import (
    AlgorithmImage,
    AutoMLJob,
    ContinuousRange,
    DataBucket,
    IntegerRange,
    Model,
    ModelData,
    Objective,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    Scaling,
    TabularProblem,
    TrainingInput,
    TrainingJob,
    TransformJob,
    TuningJob,
)

HYPERPARAMETERS = {"num_round": 10, "objective": "binary:logistic", "eta": 0.3}


# What the app's cdk.json says too: a value that another stack imports cannot change under it.
CONTEXT = {"@aws-cdk/core:defaultCrossStackReferences": "strong"}


def make_stack(region: str = "us-east-1", name: str = "Stack", app: App | None = None) -> Stack:
    app = App(context=CONTEXT) if app is None else app
    return Stack(app, name, env=Environment(account="123456789012", region=region))


def make_bucket(stack: Stack) -> DataBucket:
    return DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)


def training_props(bucket: DataBucket) -> dict[str, Any]:
    return {
        "container": AlgorithmImage(name="xgboost", version="1.7-1"),
        "inputs": {"train": TrainingInput(bucket=bucket, prefix="titanic/train/", content_type="text/csv")},
        "output_bucket": bucket,
        "hyperparameters": HYPERPARAMETERS,
    }


def make_job(stack: Construct, name: str = "Job", bucket: DataBucket | None = None, **props: Any) -> TrainingJob:
    bucket = make_bucket(Stack.of(stack)) if bucket is None else bucket
    return TrainingJob(stack, name, **{**training_props(bucket), "name_prefix": "titanic", **props})


def resources(stack: Stack, kind: str) -> list[dict[str, Any]]:
    """The properties of the resources of a type."""
    found = Template.from_stack(stack).find_resources(kind)
    return [each.get("Properties", {}) for each in json.loads(json.dumps(found)).values()]


def statements(stack: Stack, policy: str) -> list[dict[str, Any]]:
    """The statements of the one policy whose logical id begins so."""
    found = Template.from_stack(stack).find_resources("AWS::IAM::Policy")
    (document,) = [each["Properties"]["PolicyDocument"] for name, each in found.items() if name.startswith(policy)]
    return list(document["Statement"])


def tuning_props(bucket: DataBucket) -> dict[str, Any]:
    train = TrainingInput(bucket=bucket, prefix="titanic/train/", content_type="text/csv")
    validation = TrainingInput(bucket=bucket, prefix="titanic/validation/", content_type="text/csv")
    return {
        "container": AlgorithmImage(name="xgboost", version="1.7-1"),
        "inputs": {"train": train, "validation": validation},
        "output_bucket": bucket,
        "objective": Objective.maximize("validation:auc"),
        "ranges": {
            "eta": ContinuousRange(0.01, 0.3, Scaling.LOGARITHMIC),
            "max_depth": IntegerRange(3, 9),
        },
        "hyperparameters": {"num_round": 10, "objective": "binary:logistic", "eval_metric": "auc"},
        "max_jobs": 8,
        "max_parallel_jobs": 2,
    }


def make_tuning(stack: Stack, name: str = "Tuning", bucket: DataBucket | None = None, **props: Any) -> TuningJob:
    bucket = make_bucket(stack) if bucket is None else bucket
    return TuningJob(stack, name, **{**tuning_props(bucket), "name_prefix": "titanic", **props})


def transform_props(bucket: DataBucket) -> dict[str, Any]:
    return {
        "input": TrainingInput(bucket=bucket, prefix="titanic/test/", content_type="text/csv"),
        "output_bucket": bucket,
    }


def make_transform(
    stack: Stack, name: str = "Transform", bucket: DataBucket | None = None, **props: Any
) -> TransformJob:
    bucket = make_bucket(stack) if bucket is None else bucket
    given = {**transform_props(bucket), "name_prefix": "titanic"}
    if "model" not in props:
        data = ModelData.from_bucket(bucket, "models/titanic/model.tar.gz")
        given["model"] = Model(
            stack, "Model", container=AlgorithmImage(name="xgboost", version="1.7-1"), model_data=data
        )
    return TransformJob(stack, name, **{**given, **props})


def processing_props(bucket: DataBucket) -> dict[str, Any]:
    return {
        "container": AlgorithmImage(name="sklearn", version="1.2-1"),
        "output_bucket": bucket,
        "entry_point": ["python3", "-m", "prepare"],
        "arguments": ["--share", "0.2"],
        "inputs": {"passengers": ProcessingInput(source=TrainingInput(bucket=bucket, prefix="titanic/"))},
        "outputs": {"train": ProcessingOutput(content_type="text/csv"), "report": ProcessingOutput()},
    }


def make_processing(
    stack: Stack, name: str = "Processing", bucket: DataBucket | None = None, **props: Any
) -> ProcessingJob:
    bucket = make_bucket(stack) if bucket is None else bucket
    return ProcessingJob(stack, name, **{**processing_props(bucket), "name_prefix": "titanic", **props})


def automl_props(bucket: DataBucket) -> dict[str, Any]:
    return {
        "problem": TabularProblem(target="Survived"),
        "training": TrainingInput(bucket=bucket, prefix="titanic/"),
        "output_bucket": bucket,
        "max_candidates": 20,
        "max_runtime": Duration.minutes(10),
    }


def make_automl(stack: Stack, name: str = "AutoML", bucket: DataBucket | None = None, **props: Any) -> AutoMLJob:
    bucket = make_bucket(stack) if bucket is None else bucket
    return AutoMLJob(stack, name, **{**automl_props(bucket), "name_prefix": "titanic", **props})
