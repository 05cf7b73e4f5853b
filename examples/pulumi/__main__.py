"""The Titanic as a program of Pulumi: a training job, an endpoint with its model, an alarm on the month's bill.

In this folder: pulumi config set alarmEmail you@example.com && pulumi up
"""

import sys
from pathlib import Path

import pulumi
from sagecraft_constructs import AlgorithmImage, InstanceType, ProductionVariant
from sagecraft_infra.pulumi import (
    BillingAlarm,
    DataBucket,
    Dataset,
    Endpoint,
    EndpointConfig,
    Model,
    TrainingJob,
)

ROOT = Path(__file__).resolve().parents[2]
# Pulumi runs the program with this folder alone in the path.
sys.path.insert(0, str(ROOT))

from examples.titanic.features import prepare  # noqa: E402 - the path has to be there first

config = pulumi.Config()
xgboost = AlgorithmImage(name="xgboost", version="3.2-0")

bucket = DataBucket("data")
dataset = Dataset("passengers", bucket=bucket, path=ROOT / "examples/titanic/data/titanic.csv", preparation=prepare)
training = TrainingJob(
    "survival",
    container=xgboost,
    inputs={
        "train": dataset.channel("train", content_type="text/csv"),
        "validation": dataset.channel("validation", content_type="text/csv"),
    },
    output_bucket=bucket,
    hyperparameters={"objective": "binary:logistic", "num_round": 100, "eval_metric": "auc", "seed": 0},
)
model = Model("survival-model", container=xgboost, model_data=training.model_data)
endpoint = Endpoint(
    "survival-endpoint",
    endpoint_config=EndpointConfig(
        "survival-config",
        production_variants=[ProductionVariant(model=model.reference, instance_type=InstanceType.M5_LARGE)],
    ),
)
alarm = BillingAlarm("bill", threshold_usd=50, emails=[config.require("alarmEmail")])

pulumi.export("model_artifacts", training.s3_model_artifacts)
pulumi.export("auc", training.metric_value("validation:auc"))
pulumi.export("endpoint", endpoint.endpoint_name)
pulumi.export("alarm", alarm.alarm.alarm_arn)
