"""The Titanic environment: who survives, learnt from a list of passengers, and an endpoint that answers.

sagecraft up, or: cdk deploy --all
sagecraft up --environment prod, or: cdk deploy --all --context environment=prod
"""

import os
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import App, Environment, RemovalPolicy
from sagecraft_constructs import AlgorithmImage
from sagecraft_infra.settings import environment_name, load_settings
from sagecraft_infra.stacks import BillingStack, DataStack, NotebookStack, TrainingEndpointStack

from examples.titanic.features import prepare


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs between the environments; `settings/dev.toml` and `settings/prod.toml` hold the values.

    Attributes:
        alarm_email: Who is told when the month gets dear.
        monthly_usd: From how many US dollars a month on.
        stack_prefix: What the stacks' names begin with, so that two environments fit into one account.
        keep_data: Whether the bucket stays when its stack is destroyed.
        hosting_instance_count: How many instances answer.
    """

    alarm_email: str
    monthly_usd: float
    stack_prefix: str = "Titanic"
    keep_data: bool = True
    hosting_instance_count: int = 1


app = App()
settings = load_settings(Settings, Path(__file__).parent / "settings", environment_name(app))
prefix = settings.stack_prefix
# The CDK CLI sets these from the credentials that it finds: the emulator's after `sagecraft env`, else the user's own.
env = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))

removal_policy = RemovalPolicy.RETAIN if settings.keep_data else RemovalPolicy.DESTROY
data = DataStack(app, f"{prefix}Data", removal_policy=removal_policy, env=env)
TrainingEndpointStack(
    app,
    f"{prefix}Endpoint",
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
    hosting_instance_count=settings.hosting_instance_count,
    env=env,
)
NotebookStack(app, f"{prefix}Notebook", bucket=data.bucket, env=env)
BillingStack(
    app,
    f"{prefix}Billing",
    threshold_usd=settings.monthly_usd,
    emails=[settings.alarm_email],
    account=env.account,
)
app.synth()
