"""Pipeline: upserted, started, waited for, with the steps that the SDK makes of its own jobs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sagemaker
from botocore.exceptions import ClientError, WaiterError
from sagemaker.inputs import TrainingInput
from sagemaker.model import Model
from sagemaker.processing import ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
from sagemaker.workflow.condition_step import ConditionStep
from sagemaker.workflow.conditions import ConditionGreaterThanOrEqualTo, ConditionIn, ConditionNot, ConditionOr
from sagemaker.workflow.execution_variables import ExecutionVariables
from sagemaker.workflow.fail_step import FailStep
from sagemaker.workflow.function_step import step as as_step
from sagemaker.workflow.functions import Join, JsonGet
from sagemaker.workflow.model_step import ModelStep
from sagemaker.workflow.notebook_job_step import NotebookJobStep
from sagemaker.workflow.parameters import ParameterInteger, ParameterString
from sagemaker.workflow.pipeline import Pipeline
from sagemaker.workflow.pipeline_context import PipelineSession
from sagemaker.workflow.properties import PropertyFile
from sagemaker.workflow.steps import CacheConfig, ProcessingStep, TrainingStep

from tests.sdk.conftest import Flowers, Objects

DISTRIBUTION = "885854791233.dkr.ecr.us-east-1.amazonaws.com/sagemaker-distribution-prod:3.2.0-cpu"
PREPARE = """
import argparse, json, pathlib, shutil
parser = argparse.ArgumentParser()
parser.add_argument("--rows", type=int)
rows = parser.parse_args().rows
out = pathlib.Path("/opt/ml/processing/report")
(out / "report.json").write_text(json.dumps({"metrics": {"rows": rows}}))
"""


@pytest.fixture(scope="session")
def pipeline_session(bucket: str) -> PipelineSession:
    """The SDK's session that begins nothing, and makes steps of what would have begun."""
    return PipelineSession(default_bucket=bucket)


def test_a_pipeline_of_the_sdks_jobs_is_upserted_started_and_waited_for(
    pipeline_session: PipelineSession,
    role: str,
    objects: Objects,
    flowers: Flowers,
    train_uri: str,
    unique: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    script = tmp_path_factory.mktemp("pipeline") / "prepare.py"
    script.write_text(PREPARE, "utf-8")
    rows, color = ParameterInteger("Rows", default_value=10), ParameterString("Color", default_value="red")
    processor = SKLearnProcessor(
        "1.2-1", role, instance_type="ml.m5.large", instance_count=1, sagemaker_session=pipeline_session
    )
    where = Join(on="/", values=["s3:/", objects.bucket, "reports", ExecutionVariables.PIPELINE_EXECUTION_ID])
    report = PropertyFile(name="Report", output_name="report", path="report.json")
    prepare = ProcessingStep(
        name="Prepare",
        step_args=processor.run(
            str(script),
            outputs=[ProcessingOutput("/opt/ml/processing/report", where, output_name="report")],
            arguments=["--rows", rows.to_string()],
        ),
        property_files=[report],
        cache_config=CacheConfig(enable_caching=True, expire_after="P1D"),
    )
    estimator = sagemaker.estimator.Estimator(
        sagemaker.image_uris.retrieve("xgboost", pipeline_session.boto_region_name, "1.7-1"),
        role,
        instance_count=1,
        instance_type="ml.m5.large",
        output_path=f"s3://{objects.bucket}/trained",
        sagemaker_session=pipeline_session,
        hyperparameters={"num_round": 2, "objective": "binary:logistic"},
    )
    source = TrainingInput(train_uri.rpartition("/")[0], content_type="text/csv")
    train = TrainingStep(name="Train", step_args=estimator.fit({"train": source}), depends_on=[prepare])
    model = Model(
        image_uri=estimator.training_image_uri(),
        model_data=train.properties.ModelArtifacts.S3ModelArtifacts,
        role=role,
        sagemaker_session=pipeline_session,
    )
    create = ModelStep(name="Model", step_args=model.create(instance_type="ml.m5.large"))
    found = JsonGet(step_name=prepare.name, property_file=report, json_path="metrics.rows")
    is_red = ConditionIn(value=color, in_values=["red", "crimson"])
    few = FailStep(name="TooFew", error_message=Join(on=" ", values=["only", found, "rows"]))
    judge = ConditionStep(
        name="Judge",
        conditions=[ConditionGreaterThanOrEqualTo(left=found, right=10), ConditionOr([is_red, ConditionNot(is_red)])],
        if_steps=[create],
        else_steps=[few],
        depends_on=[train],
    )
    pipeline = Pipeline(
        name=unique("pipeline"),
        parameters=[rows, color],
        steps=[prepare, train, judge],
        sagemaker_session=pipeline_session,
    )
    assert pipeline.upsert(role)["PipelineArn"] == pipeline.upsert(role)["PipelineArn"]
    execution = pipeline.start()
    execution.wait(delay=1, max_attempts=240)
    steps = {each["StepName"]: each for each in execution.list_steps()}
    assert set(steps) == {"Prepare", "Train", "Judge", "Model-CreateModel"}
    assert execution.describe()["PipelineExecutionStatus"] == "Succeeded"
    told = {each["Name"]: each["Value"] for each in execution.list_parameters()["PipelineParameters"]}
    assert told == {"Rows": "10", "Color": "red"}
    few_rows: Any = pipeline.start(parameters={"Rows": 3})
    with pytest.raises(WaiterError):
        few_rows.wait(delay=1, max_attempts=240)
    steps = {each["StepName"]: each for each in few_rows.list_steps()}
    assert steps["TooFew"]["FailureReason"] == "only 3 rows"
    again = pipeline.start()
    again.wait(delay=1, max_attempts=240)
    cached = next(each for each in again.list_steps() if each["StepName"] == "Prepare")
    assert cached["CacheHitResult"] == {"SourcePipelineExecutionArn": execution.arn}
    pipeline.delete()
    with pytest.raises(ClientError, match="does not exist"):
        pipeline.describe()


def test_a_notebook_job_runs_its_notebook(
    pipeline_session: PipelineSession, role: str, objects: Objects, unique: Callable[[str], str], tmp_path: Path
) -> None:
    cell: dict[str, Any] = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{**cell, "source": "print(who)"}]}
    (tmp_path / "in.ipynb").write_text(json.dumps(notebook), "utf-8")
    step = NotebookJobStep(
        name="notebook",
        input_notebook=str(tmp_path / "in.ipynb"),
        image_uri=DISTRIBUTION,
        kernel_name="python3",
        role=role,
        s3_root_uri=f"s3://{objects.bucket}/notebooks",
        parameters={"who": "world"},
    )
    pipeline = Pipeline(unique("notebooks"), steps=[step], sagemaker_session=pipeline_session)
    pipeline.upsert(role)
    execution = pipeline.start()
    execution.wait(delay=2, max_attempts=100)
    (done,) = execution.list_steps()
    client = pipeline_session.sagemaker_client
    job = client.describe_training_job(TrainingJobName=done["Metadata"]["TrainingJob"]["Arn"].rpartition("/")[2])
    left = objects.unpack(job["ModelArtifacts"]["S3ModelArtifacts"].replace("model.tar.gz", "output.tar.gz"))
    cells = json.loads(left[job["Environment"]["SM_OUTPUT_NOTEBOOK_NAME"]])["cells"]
    assert cells[-1]["outputs"][0]["text"] == ["world\n"]


def test_functions_are_steps_and_what_they_return_goes_on(
    session: sagemaker.Session, role: str, unique: Callable[[str], str]
) -> None:
    made: dict[str, Any] = {"image_uri": DISTRIBUTION, "instance_type": "ml.m5.large", "role": role}

    @as_step(name="double", **made)  # type: ignore[untyped-decorator]
    def double(number: int) -> int:
        return 2 * number

    @as_step(name="add", **made)  # type: ignore[untyped-decorator]
    def add(one: int, other: int) -> int:
        return one + other

    pipeline = Pipeline(unique("functions"), steps=[add(double(20), 2)], sagemaker_session=session)
    pipeline.upsert(role)
    execution = pipeline.start()
    execution.wait(delay=1, max_attempts=240)
    assert execution.result(step_name="add") == 42
