"""A dataset, a job that trains on it, and an endpoint that answers; ROUNDS and LABEL change it."""

import os
from pathlib import Path

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

LABEL = os.environ.get("LABEL", "")


def prepare(_: Path, output: Path) -> None:
    for channel, rows in (("train", 200), ("validation", 50)):
        (output / channel).mkdir()
        lines = (f"{LABEL or row % 2},{row % 2 + row % 7 / 10},{row % 5}\n" for row in range(rows))
        (output / channel / "rows.csv").write_text("".join(lines))


app = App(context={"@aws-cdk/core:defaultCrossStackReferences": "strong"})
environment = Environment(account="000000000000", region="us-east-1")
bucket = DataBucket(Stack(app, "TrainingData", env=environment), "Bucket", removal_policy=RemovalPolicy.DESTROY)
stack = Stack(app, "Training", env=environment)
dataset = Dataset(stack, "Rows", bucket=bucket, path=Path(__file__).parent / "files", preparation=prepare)
xgboost = AlgorithmImage(name="xgboost", version="1.7-1")
job = TrainingJob(
    stack,
    "Job",
    container=xgboost,
    inputs={channel: dataset.channel(channel, content_type="text/csv") for channel in ("train", "validation")},
    output_bucket=bucket,
    hyperparameters={
        "num_round": int(os.environ.get("ROUNDS", "5")),
        "objective": "binary:logistic",
        "eval_metric": "auc",
    },
    name_prefix="deployed",
)
model = Model(stack, "Model", container=xgboost, model_data=job.model_data)
config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="deployed")
CfnOutput(stack, "S3ModelArtifacts", value=job.s3_model_artifacts)
CfnOutput(stack, "ValidationAuc", value=job.metric_value("validation:auc"))
CfnOutput(stack, "JobName", value=job.training_job_name)
Tags.of(app).add("team", "data")
app.synth()
