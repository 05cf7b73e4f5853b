"""Makes a dataset of raw passengers in a processing job, and trains on what it made.

sagecraft up --app "python -m examples.processing"
"""

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    Dataset,
    ProcessingInput,
    ProcessingJob,
    ProcessingOutput,
    TrainingJob,
)

app = App()
stack = Stack(app, "Processing", description="A processing job that makes the dataset of a training job")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
raw = Dataset(stack, "Raw", bucket=bucket, path="examples/titanic/data/titanic.csv")
preparation = ProcessingJob(
    stack,
    "Preparation",
    container=AlgorithmImage(name="sklearn", version="1.4-2"),
    script="examples/processing/prepare.py",
    arguments=["--validation-share", "0.2"],
    # The script finds them in /opt/ml/processing/input/NAME, and writes to /opt/ml/processing/output/NAME.
    inputs={"passengers": ProcessingInput(source=raw.channel())},
    outputs={
        "train": ProcessingOutput(content_type="text/csv"),
        "validation": ProcessingOutput(content_type="text/csv"),
    },
    output_bucket=bucket,
)
training = TrainingJob(
    stack,
    "TrainingJob",
    container=AlgorithmImage(name="xgboost", version="3.2-0"),
    inputs={"train": preparation.output("train"), "validation": preparation.output("validation")},
    output_bucket=bucket,
    hyperparameters={
        "objective": "binary:logistic",
        "num_round": 50,
        "eta": 0.1,
        "max_depth": 4,
        "eval_metric": "auc",
        "seed": 0,
    },
)
CfnOutput(stack, "Train", value=preparation.output_uri("train"))
CfnOutput(stack, "Validation", value=preparation.output_uri("validation"))
CfnOutput(stack, "ValidationAuc", value=training.metric_value("validation:auc"))
CfnOutput(stack, "ModelArtifacts", value=training.s3_model_artifacts)
app.synth()
