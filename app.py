"""The Titanic environment: who survives, learnt from a list of passengers, and an endpoint that answers.

cdk deploy --all, or: sagecraft up
"""

import os

from aws_cdk import App, Environment, RemovalPolicy
from sagecraft_constructs import AlgorithmImage
from sagecraft_infra.stacks import DataStack, TrainingEndpointStack

from examples.titanic.features import prepare

app = App()
# The CDK CLI sets these from the credentials that it finds: the emulator's after `sagecraft env`, else the user's own.
environment = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))

data = DataStack(app, "TitanicData", removal_policy=RemovalPolicy.DESTROY, env=environment)
TrainingEndpointStack(
    app,
    "TitanicEndpoint",
    bucket=data.bucket,
    dataset_path="examples/titanic/data/titanic.csv",
    preparation=prepare,
    channels={"train": "train", "validation": "validation"},
    container=AlgorithmImage(name="xgboost", version="3.0-5"),
    # Found by cross-validation on the passengers that are not held out.
    hyperparameters={
        "objective": "binary:logistic",
        "num_round": 300,
        "eta": 0.05,
        "max_depth": 5,
        "min_child_weight": 3,
        "subsample": 0.8,
        "colsample_bytree": 0.8,
        "eval_metric": "auc,error,logloss",
        "early_stopping_rounds": 20,
        "seed": 0,
    },
    env=environment,
)
app.synth()
