"""The app: one stack for the environment that is asked for, `dev` unless told.

sagecraft up --environment prod, or: cdk deploy -c environment=prod
"""

import os
from pathlib import Path

from aws_cdk import App, Environment
from sagecraft_infra.settings import environment_name, load_settings

from sagecraft_project.settings import Settings
from sagecraft_project.stack import SagecraftProjectStack

app = App()
environment = environment_name(app)
SagecraftProjectStack(
    app,
    f"SagecraftProject-{environment}",
    settings=load_settings(Settings, Path(__file__).with_name("settings"), environment),
    # The CDK CLI sets these from the credentials that it finds.
    env=Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")),
)
app.synth()
