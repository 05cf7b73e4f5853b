"""A job and an endpoint of the construct library, deployed for real: new, unchanged, changed, failing, destroyed."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, RemovalPolicy, Stack, Tags
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    ProductionVariant,
    TrainingJob,
)
from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.publishing import Publisher

from tests.emulator.conftest import APPS

pytestmark = pytest.mark.slow


def training_app(rounds: int = 5, label: str = "") -> App:
    """A dataset, a job that trains on it, and an endpoint that answers."""

    def prepare(_: Path, output: Path) -> None:
        for channel, rows in (("train", 200), ("validation", 50)):
            (output / channel).mkdir()
            lines = (f"{label or row % 2},{row % 2 + row % 7 / 10},{row % 5}\n" for row in range(rows))
            (output / channel / "rows.csv").write_text("".join(lines))

    app = App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
    environment = Environment(account="000000000000", region="us-east-1")
    bucket = DataBucket(Stack(app, "TrainingData", env=environment), "Bucket", removal_policy=RemovalPolicy.DESTROY)
    stack = Stack(app, "Training", env=environment)
    dataset = Dataset(stack, "Rows", bucket=bucket, path=APPS / "files", preparation=prepare)
    xgboost = AlgorithmImage(name="xgboost", version="1.7-1")
    job = TrainingJob(
        stack,
        "Job",
        container=xgboost,
        inputs={channel: dataset.channel(channel, content_type="text/csv") for channel in ("train", "validation")},
        output_bucket=bucket,
        hyperparameters={"num_round": rounds, "objective": "binary:logistic", "eval_metric": "auc"},
        name_prefix="deployed",
    )
    model = Model(stack, "Model", container=xgboost, model_data=job.model_data)
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="deployed")
    CfnOutput(stack, "S3ModelArtifacts", value=job.s3_model_artifacts)
    CfnOutput(stack, "ValidationAuc", value=job.metric_value("validation:auc"))
    CfnOutput(stack, "JobName", value=job.training_job_name)
    Tags.of(app).add("team", "data")
    return app


def jobs(emulator: RunningEmulator) -> set[str]:
    listed: list[dict[str, Any]] = emulator.client("sagemaker").list_training_jobs(NameContains="deployed")[
        "TrainingJobSummaries"
    ]
    return {job["TrainingJobName"] for job in listed}


def data_buckets(emulator: RunningEmulator) -> list[str]:
    names = [bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if name.startswith("trainingdata-")]


@pytest.mark.timeout(600)
def test_a_training_stack_is_deployed_left_alone_changed_refused_and_destroyed(
    sagecraft_emulator: RunningEmulator,
) -> None:
    deployment = TestDeployment(sagecraft_emulator, Publisher())
    sagemaker, runtime = sagecraft_emulator.client("sagemaker"), sagecraft_emulator.client("sagemaker-runtime")
    try:
        trained = deployment.deploy(training_app()).of("Training")
        job = sagemaker.describe_training_job(TrainingJobName=trained["JobName"])
        assert job["TrainingJobStatus"] == "Completed"
        assert job["ModelArtifacts"]["S3ModelArtifacts"] == trained["S3ModelArtifacts"]
        assert float(trained["ValidationAuc"]) > 0.9
        assert {"Key": "team", "Value": "data"} in sagemaker.list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
        answer = runtime.invoke_endpoint(EndpointName="deployed", ContentType="text/csv", Body=b"1.0,2\n0.0,2\n")
        likely, unlikely = (float(each) for each in answer["Body"].read().replace(b"\n", b",").strip(b",").split(b","))
        assert likely > 0.5 > unlikely

        assert deployment.deploy(training_app()).of("Training") == trained
        assert jobs(sagecraft_emulator) == {trained["JobName"]}

        config = sagemaker.describe_endpoint(EndpointName="deployed")["EndpointConfigName"]
        changed = deployment.deploy(training_app(rounds=6)).of("Training")
        assert jobs(sagecraft_emulator) == {trained["JobName"], changed["JobName"]}
        assert changed["JobName"] != trained["JobName"]
        endpoint = sagemaker.describe_endpoint(EndpointName="deployed")
        assert endpoint["EndpointStatus"] == "InService"
        assert endpoint["EndpointConfigName"] != config

        with pytest.raises(WorkFailed) as refused:
            deployment.deploy(training_app(label="seven"))
        (failed,) = jobs(sagecraft_emulator) - {trained["JobName"], changed["JobName"]}
        reason = sagemaker.describe_training_job(TrainingJobName=failed)["FailureReason"]
        assert f"Training job {failed} failed: {reason}" in str(refused.value)
        (stack,) = sagecraft_emulator.client("cloudformation").describe_stacks(StackName="Training")["Stacks"]
        assert {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}["JobName"] == changed["JobName"]
        assert sagemaker.describe_endpoint(EndpointName="deployed")["EndpointStatus"] == "InService"
        assert data_buckets(sagecraft_emulator)
    finally:
        deployment.destroy()
    assert data_buckets(sagecraft_emulator) == []
    assert sagemaker.list_endpoints(NameContains="deployed")["Endpoints"] == []
