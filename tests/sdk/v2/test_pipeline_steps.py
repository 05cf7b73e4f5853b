"""Pipeline: the steps that `test_pipeline.py` has not, in one run."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable

import boto3
import sagemaker
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.lambda_helper import Lambda
from sagemaker.model import Model
from sagemaker.transformer import Transformer
from sagemaker.tuner import HyperparameterTuner, IntegerParameter
from sagemaker.workflow.callback_step import CallbackOutput, CallbackOutputTypeEnum, CallbackStep
from sagemaker.workflow.lambda_step import LambdaOutput, LambdaOutputTypeEnum, LambdaStep
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.steps import TransformStep, TuningStep

from tests.sdk.conftest import Flowers, Objects, csv

FUNCTION = "def handler(event, context):\n    return {'model': event['model'], 'code': 200}\n"
DEADLINE_SECONDS = 120


def make_function(boto: boto3.Session, name: str, role: str) -> str:
    """A function of Lambda; its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("index.py", FUNCTION)
    made = boto.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.11",
        Handler="index.handler",
        Role=role,
        Code={"ZipFile": archive.getvalue()},
    )
    return str(made["FunctionArn"])


def answer(boto: boto3.Session, queue: str) -> None:
    """Answers the one message of a queue, as whoever works for a Callback step does."""
    sqs, deadline = boto.client("sqs"), time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages", []):
            asked = json.loads(message["Body"])
            boto.client("sagemaker").send_pipeline_execution_step_success(
                CallbackToken=asked["token"],
                OutputParameters=[{"Name": "approved", "Value": asked["arguments"]["model"]}],
            )
            return
    raise AssertionError(f"no message came to {queue}")


def test_tuned_made_registered_transformed_told_and_asked(
    boto: boto3.Session,
    bucket: str,
    role: str,
    objects: Objects,
    flowers: Flowers,
    train_uri: str,
    validation_uri: str,
    unique: Callable[[str], str],
) -> None:
    session = PipelineSession(default_bucket=bucket)
    image = sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, "1.7-1")
    estimator = Estimator(
        image,
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{bucket}/steps",
        sagemaker_session=session,
        hyperparameters={"num_round": 2, "objective": "binary:logistic"},
    )
    ranges = {"max_depth": IntegerParameter(1, 2)}
    tuner = HyperparameterTuner(estimator, "validation:auc", ranges, max_jobs=2, max_parallel_jobs=2)
    channels = {"train": train_uri, "validation": validation_uri}
    tune = TuningStep(
        name="Tune",
        step_args=tuner.fit({name: TrainingInput(uri, content_type="text/csv") for name, uri in channels.items()}),
    )
    best = tune.get_top_model_s3_uri(top_k=0, s3_bucket=bucket, prefix="steps")
    model = Model(image_uri=image, model_data=best, role=role, sagemaker_session=session)
    create = ModelStep(name="Model", step_args=model.create(instance_type="ml.m5.large"))
    group = unique("group")
    register = ModelStep(
        name="Version",
        step_args=model.register(
            content_types=["text/csv"], response_types=["text/csv"], model_package_group_name=group
        ),
    )
    rows = objects.put(f"{group}/rows.csv", csv(flowers.unseen))
    transformer = Transformer(
        create.properties.ModelName,
        1,
        "ml.m5.large",
        output_path=f"s3://{bucket}/{group}/predicted",
        assemble_with="Line",
        accept="text/csv",
        sagemaker_session=session,
    )
    transform = TransformStep(
        name="Transform", step_args=transformer.transform(rows, content_type="text/csv", split_type="Line")
    )
    told = LambdaStep(
        name="Tell",
        lambda_func=Lambda(function_arn=make_function(boto, unique("function"), role)),
        inputs={"model": create.properties.ModelName},
        outputs=[
            LambdaOutput(output_name="model", output_type=LambdaOutputTypeEnum.String),
            LambdaOutput(output_name="code", output_type=LambdaOutputTypeEnum.String),
        ],
    )
    queue = boto.client("sqs").create_queue(QueueName=unique("queue"))["QueueUrl"]
    asked = CallbackStep(
        name="Ask",
        sqs_queue_url=queue,
        inputs={"model": told.properties.Outputs["model"]},
        outputs=[CallbackOutput(output_name="approved", output_type=CallbackOutputTypeEnum.String)],
    )
    pipeline = Pipeline(
        unique("steps"), steps=[tune, create, register, transform, told, asked], sagemaker_session=session
    )
    pipeline.upsert(role)
    assert pipeline.latest_pipeline_version_id == 1
    execution = pipeline.start()
    answer(boto, queue)
    execution.wait(delay=1, max_attempts=240)
    steps = {each["StepName"]: each for each in execution.list_steps()}
    assert {each["StepStatus"] for each in steps.values()} == {"Succeeded"}
    made = steps["Model-CreateModel"]["Metadata"]["Model"]["Arn"].rpartition("/")[2]
    outputs = {each["Name"]: each["Value"] for each in steps["Tell"]["Metadata"]["Lambda"]["OutputParameters"]}
    assert outputs == {"model": made, "code": "200"}
    assert steps["Ask"]["Metadata"]["Callback"]["OutputParameters"] == [{"Name": "approved", "Value": made}]
    assert steps["Version-RegisterModel"]["Metadata"]["RegisterModel"]["Arn"].endswith(f"/{group}/1")
    assert len(objects.get(f"s3://{bucket}/{group}/predicted/rows.csv.out").split()) == len(flowers.unseen)
    pipeline.description = "the same steps"
    pipeline.steps.pop()
    pipeline.upsert(role)
    assert pipeline.latest_pipeline_version_id == 2
    assert len(json.loads(pipeline.describe(pipeline_version_id=1)["PipelineDefinition"])["Steps"]) == len(steps)
    pipeline.delete()
