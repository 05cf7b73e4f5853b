"""A stack with an AutoML job, deployed to the emulator: the job runs, and its best candidate answers."""

from pathlib import Path

import pytest
from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from sagecraft_constructs import (
    AutoMLJob,
    AutoMLMetric,
    AutoMLMode,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    ProblemType,
    ProductionVariant,
    TabularProblem,
)
from sagecraft_infra.automl.job import AUTOML_JOB
from sagecraft_infra.jobs.log import WorkLog
from sagecraft_infra.jobs.lookup import list_jobs
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.testing import Deploy
from sagecraft_infra.testing.emulator import RunningEmulator

from tests.emulator.automl.automl import table

pytestmark = pytest.mark.slow


def test_a_table_becomes_an_endpoint(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator, tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_text(table())
    stack = Stack(App(), "Buyers")
    bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
    problem = TabularProblem(
        target="bought",
        problem_type=ProblemType.BINARY_CLASSIFICATION,
        mode=AutoMLMode.ENSEMBLING,
        algorithms=["xgboost"],
        feature_columns={"age": "numeric", "income": "numeric"},
    )
    automl = AutoMLJob(
        stack,
        "AutoML",
        problem=problem,
        objective=AutoMLMetric.AUC,
        training=Dataset(stack, "Rows", bucket=bucket, path=tmp_path).channel(),
        output_bucket=bucket,
        max_candidates=1,
        max_runtime=Duration.minutes(5),
    )
    model = Model.from_automl(stack, "Model", automl=automl, inference_response_keys=["predicted_label", "probability"])
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    CfnOutput(stack, "EndpointName", value=Endpoint(stack, "Endpoint", endpoint_config=config).endpoint_name)
    CfnOutput(stack, "JobName", value=automl.auto_ml_job_name)
    CfnOutput(stack, "Reached", value=automl.best_objective_value)
    CfnOutput(stack, "Insights", value=automl.model_insights_report)
    outputs = sagecraft_deploy(stack)
    assert 0.5 < float(outputs["Reached"]) <= 1
    assert outputs["Insights"].startswith("s3://")
    answer = sagecraft_emulator.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=outputs["EndpointName"], ContentType="text/csv", Body="79,98\n"
    )
    label, _, probability = answer["Body"].read().decode().strip().partition(",")
    assert label == "yes"
    assert 0.5 <= float(probability) <= 1
    target = sagecraft_emulator.target
    job = list_jobs(target, target.region, kinds=(AUTOML_JOB,), status=None, limit=1)[0]  # the newest: others share it
    assert job.name == outputs["JobName"]
    assert job.summary(job.description["EndTime"])["secondary_status"] == "MaxCandidatesReached"
    lines = [line.message for line in WorkLog.named(target, target.region, job.name, NOUNS.jobs, ()).lines()]
    assert any("validation:AUC=" in line for line in lines)
