"""Trains with a script of one's own, and a package that it needs, in AWS's scikit-learn container.

sagecraft up --app "python -m examples.script_mode"
"""

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from sagecraft_constructs import AlgorithmImage, DataBucket, Dataset, TrainingJob

from examples.titanic.features import prepare

app = App()
stack = Stack(app, "ScriptMode", description="Training with a script of one's own")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
dataset = Dataset(stack, "Dataset", bucket=bucket, path="examples/titanic/data/titanic.csv", preparation=prepare)
job = TrainingJob(
    stack,
    "TrainingJob",
    container=AlgorithmImage(name="sklearn", version="1.4-2"),
    # The folder has the script, train.py, and requirements.txt, which the container installs before it runs the script.
    source="examples/script_mode",
    hyperparameters={"strength": 0.3},
    inputs={"train": dataset.channel("train"), "validation": dataset.channel("validation")},
    metric_definitions={"validation:accuracy": r"validation:accuracy=([0-9.]+)"},
    output_bucket=bucket,
)
CfnOutput(stack, "TrainingJobName", value=job.training_job_name)
CfnOutput(stack, "ValidationAccuracy", value=job.metric_value("validation:accuracy"))
CfnOutput(stack, "ModelArtifacts", value=job.s3_model_artifacts)
app.synth()
