"""Trains XGBoost on two hosts, each of which reads half of the passengers; and on one host that reads all of them.

sagecraft up --app "python -m examples.two_hosts"
"""

from dataclasses import replace
from pathlib import Path

from aws_cdk import App, CfnOutput, RemovalPolicy, Stack
from sagecraft_constructs import AlgorithmImage, DataBucket, Dataset, TrainingJob

from examples.titanic.features import prepare

HYPERPARAMETERS = {
    "objective": "binary:logistic",
    "num_round": 60,
    "eta": 0.1,
    "max_depth": 4,
    "min_child_weight": 3,
    "tree_method": "hist",
    "eval_metric": "auc",
    "seed": 0,
}


def prepare_shards(source: Path, output: Path) -> None:
    """Prepares the passengers, with two files for training: a file goes to one host as a whole."""
    prepare(source, output)
    whole = output / "train" / "passengers.csv"
    rows = whole.read_text().splitlines(keepends=True)
    whole.unlink()
    for host in range(2):
        whole.with_name(f"passengers-{host + 1}.csv").write_text("".join(rows[host::2]))


app = App()
stack = Stack(app, "TwoHosts", description="Distributed training, compared with training on one host")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
dataset = Dataset(stack, "Dataset", bucket=bucket, path="examples/titanic/data/titanic.csv", preparation=prepare_shards)
xgboost = AlgorithmImage(name="xgboost", version="3.2-0")
train = dataset.channel("train", content_type="text/csv")
validation = dataset.channel("validation", content_type="text/csv")
jobs = {
    "TwoHosts": TrainingJob(
        stack,
        "TwoHosts",
        container=xgboost,
        inputs={"train": replace(train, distribution="ShardedByS3Key"), "validation": validation},
        output_bucket=bucket,
        hyperparameters=HYPERPARAMETERS,
        instance_count=2,
    ),
    "OneHost": TrainingJob(
        stack,
        "OneHost",
        container=xgboost,
        inputs={"train": train, "validation": validation},
        output_bucket=bucket,
        hyperparameters=HYPERPARAMETERS,
    ),
}
for name, job in jobs.items():
    CfnOutput(stack, f"{name}ValidationAuc", value=job.metric_value("validation:auc"))
    CfnOutput(stack, f"{name}ModelArtifacts", value=job.s3_model_artifacts)
app.synth()
