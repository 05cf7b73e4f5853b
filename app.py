"""The Titanic environment: who survives, learnt from a list of passengers, and an endpoint that answers.

sagecraft up, or: cdk deploy --all
"""

import os

from aws_cdk import App, Environment, RemovalPolicy
from sagecraft_constructs import AlgorithmImage
from sagecraft_infra.settings import Settings
from sagecraft_infra.stacks import BillingStack, DataStack, NotebookStack, TrainingEndpointStack

from examples.titanic.features import prepare

app = App()
settings = Settings.from_context(app)
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
    container=AlgorithmImage(name="xgboost", version="3.2-0"),
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
NotebookStack(app, "TitanicNotebook", bucket=data.bucket, env=environment)
BillingStack(
    app,
    "TitanicBilling",
    threshold_usd=settings.monthly_usd,
    emails=[settings.alarm_email],
    account=environment.account,
)
app.synth()
