"""An app with two environments, whose work stands in nested stacks beside a stack that it takes the bucket of."""

from dataclasses import dataclass

from aws_cdk import App, RemovalPolicy
from sagecraft_constructs import (
    AlgorithmImage,
    ExecutionRole,
    JobRealization,
    LifecycleConfig,
    NotebookInstance,
    TrainingInput,
    TrainingJob,
)
from sagecraft_infra.settings import environment_name, load_settings
from sagecraft_infra.stacks import DataStack, GroupedStack


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs.

    Attributes:
        prefix: What the names of the stacks begin with.
        rounds: How long the job trains.
    """

    prefix: str
    rounds: int = 10


app = App()
settings = load_settings(Settings, "settings", environment_name(app))
bucket = DataStack(app, f"{settings.prefix}Data", removal_policy=RemovalPolicy.DESTROY).bucket
team = GroupedStack(app, f"{settings.prefix}Team", resources_per_group=1)
role = ExecutionRole(team.group("Roles"), "Role")
for name in ("First", "Second"):
    TrainingJob(
        team.group("Jobs"),
        name,
        container=AlgorithmImage(name="xgboost", version="1.7-1"),
        inputs={"train": TrainingInput(bucket=bucket, prefix="train/", content_type="text/csv")},
        output_bucket=bucket,
        hyperparameters={"num_round": settings.rounds},
        role=role,
        realization=JobRealization.BY_HAND,
    )
lifecycle = LifecycleConfig(team.group("Notebooks"), "Lifecycle")
NotebookInstance(
    team.group("Notebooks"), "Notebook", role=role, lifecycle_config=lifecycle, direct_internet_access=True
)
app.synth()
