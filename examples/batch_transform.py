"""Trains on the Titanic, and writes to S3 the passengers that training never saw, each with its prediction.

sagecraft up --app "python -m examples.batch_transform"
"""

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from sagecraft_constructs import (
    AlgorithmImage,
    DataBucket,
    DataProcessing,
    Dataset,
    Model,
    TrainingJob,
    TransformJob,
)

from examples.titanic.features import FEATURES, prepare

app = App()
stack = Stack(app, "BatchTransform", description="A training job, and predictions of its model for a whole file")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
dataset = Dataset(stack, "Dataset", bucket=bucket, path="examples/titanic/data/titanic.csv", preparation=prepare)
xgboost = AlgorithmImage(name="xgboost", version="3.2-0")
training = TrainingJob(
    stack,
    "TrainingJob",
    container=xgboost,
    inputs={"train": dataset.channel("train", content_type="text/csv")},
    output_bucket=bucket,
    hyperparameters={"objective": "binary:logistic", "num_round": 50, "eta": 0.1, "max_depth": 4, "seed": 0},
)
transform = TransformJob(
    stack,
    "TransformJob",
    model=Model(stack, "Model", container=xgboost, model_data=training.model_data),
    input=dataset.channel("test", content_type="text/csv"),
    output_bucket=bucket,
    accept="text/csv",
    # A record is the label and the features. The model gets the features; the prediction is joined to the record, and
    # of both, the label, the class and the prediction are written.
    data_processing=DataProcessing(input_filter="$[1:]", join_input=True, output_filter=f"$[0,1,{len(FEATURES) + 1}]"),
)
CfnOutput(stack, "ModelArtifacts", value=training.s3_model_artifacts)
CfnOutput(stack, "Predictions", value=transform.output_uri)
app.synth()
