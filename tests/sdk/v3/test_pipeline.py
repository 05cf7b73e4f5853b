"""Pipeline of the SDK v3: upserted, started and waited for, with the steps that it makes of its own jobs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import WaiterError
from sagemaker.core import image_uris
from sagemaker.core.processing import ScriptProcessor
from sagemaker.core.shapes import OutputDataConfig, ProcessingOutput, ProcessingS3Output
from sagemaker.core.training.configs import Compute, InputData
from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import Join, JsonGet
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.pipeline import Pipeline
from sagemaker.mlops.workflow.steps import CacheConfig, ProcessingStep, TrainingStep
from sagemaker.serve.model_builder import ModelBuilder
from sagemaker.train import ModelTrainer

PREPARE = """
import json, pathlib, sys
out = pathlib.Path("/opt/ml/processing/report")
(out / "report.json").write_text(json.dumps({"metrics": {"rows": int(sys.argv[1])}}))
"""


def test_a_pipeline_of_the_sdks_jobs_is_upserted_started_and_waited_for(
    boto: boto3.Session,
    bucket: str,
    role: str,
    xgboost_image: str,
    train_uri: str,
    unique: Callable[[str], str],
    tmp_path: Path,
) -> None:
    session = PipelineSession(default_bucket=bucket)
    (script := tmp_path / "prepare.py").write_text(PREPARE, "utf-8")
    rows = ParameterInteger(name="Rows", default_value=10)
    processor = ScriptProcessor(
        image_uri=image_uris.retrieve("sklearn", boto.region_name, version="1.2-1"),
        command=["python3"],
        instance_type="ml.m5.large",
        instance_count=1,
        role=role,
        sagemaker_session=session,
    )
    where = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/reports", local_path="/opt/ml/processing/report", s3_upload_mode="EndOfJob"
    )
    report = PropertyFile(name="Report", output_name="report", path="report.json")
    prepare = ProcessingStep(
        name="Prepare",
        step_args=processor.run(
            code=str(script),
            outputs=[ProcessingOutput(output_name="report", s3_output=where)],
            arguments=[rows.to_string()],
        ),
        property_files=[report],
        cache_config=CacheConfig(enable_caching=True, expire_after="30d"),
    )
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=xgboost_image,
        role=role,
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"objective": "binary:logistic", "num_round": 2},
        output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
        input_data_config=[InputData(channel_name="train", data_source=train_uri, content_type="text/csv")],
    )
    train = TrainingStep(name="Train", step_args=trainer.train(), depends_on=[prepare])
    builder = ModelBuilder(
        s3_model_data_url=train.properties.ModelArtifacts.S3ModelArtifacts,
        image_uri=xgboost_image,
        sagemaker_session=session,
        role_arn=role,
    )
    group = unique("group")
    create = ModelStep(name="Model", step_args=builder.build())
    register = ModelStep(
        name="Version",
        step_args=builder.register(
            model_package_group_name=group,
            content_types=["text/csv"],
            response_types=["text/csv"],
            inference_instances=["ml.m5.large"],
            approval_status="Approved",
        ),
    )
    found = JsonGet(step_name=prepare.name, property_file=report, json_path="metrics.rows")
    judge = ConditionStep(
        name="Judge",
        conditions=[ConditionGreaterThanOrEqualTo(left=found, right=10)],
        if_steps=[create, register],
        else_steps=[FailStep(name="TooFew", error_message=Join(on=" ", values=["only", found, "rows"]))],
        depends_on=[train],
    )
    pipeline = Pipeline(
        name=unique("pipeline"), parameters=[rows], steps=[prepare, train, judge], sagemaker_session=session
    )
    assert pipeline.upsert(role)["PipelineArn"] == pipeline.upsert(role)["PipelineArn"]
    execution = pipeline.start()
    execution.wait(delay=1, max_attempts=240)
    steps = {each["StepName"]: each for each in execution.list_steps()}
    assert {each["StepStatus"] for each in steps.values()} == {"Succeeded"}
    assert set(steps) == {"Prepare", "Train", "Judge", "Model", "Version"}
    assert steps["Version"]["Metadata"]["RegisterModel"]["Arn"].endswith(f"/{group}/1")
    few = pipeline.start(parameters={"Rows": 3})
    with pytest.raises(WaiterError):
        few.wait(delay=1, max_attempts=240)
    reasons = {each["StepName"]: each.get("FailureReason") for each in few.list_steps()}
    assert reasons["TooFew"] == "only 3 rows"
    pipeline.delete()
