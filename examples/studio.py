"""Studio for two people who look at the Titanic together: each has their own JupyterLab, and there is one for both.

sagecraft up --app "python -m examples.studio"
"""

from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack, Tags
from sagecraft_constructs import (
    DataBucket,
    Dataset,
    InstanceType,
    Space,
    StudioApp,
    StudioAppType,
    StudioDomain,
    StudioLifecycleConfig,
    UserProfile,
)

from examples.titanic.features import prepare

app = App()
stack = Stack(app, "Studio", description="A domain of Studio, two who work in it, and what they look at")
bucket = DataBucket(stack, "Bucket", removal_policy=RemovalPolicy.DESTROY)
dataset = Dataset(stack, "Dataset", bucket=bucket, path="examples/titanic/data/titanic.csv", preparation=prepare)
tools = StudioLifecycleConfig(stack, "Tools", script="#!/bin/bash\npip install --quiet seaborn\n")
domain = StudioDomain(
    stack,
    "Domain",
    apps={StudioAppType.JUPYTER_LAB: StudioApp(instance_type=InstanceType.T3_LARGE, lifecycle_configs=[tools])},
    idle_time=Duration.hours(2),
    # What is on the home directories goes with the stack. RemovalPolicy.RETAIN keeps it.
    home_removal_policy=RemovalPolicy.DESTROY,
)
domain.allow_read(bucket)
people = {name: UserProfile(stack, name.title(), domain=domain, user_profile_name=name) for name in ("ann", "bob")}
for name, profile in people.items():
    Tags.of(profile).add("person", name)
Space(stack, "Together", owner=people["ann"], shared=True, volume_gib=20, space_name="together")

CfnOutput(stack, "DomainId", value=domain.domain_id)
CfnOutput(stack, "Data", value=dataset.s3_uri)
app.synth()
