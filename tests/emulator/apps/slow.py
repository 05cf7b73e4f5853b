"""An app whose deployment can be interrupted: a bucket, then a custom resource that waits for the file `UNTIL`."""

import os
from pathlib import Path
from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import custom_resources as cr

HANDLERS = Path(__file__).parent / "handlers"

app = cdk.App()
stack = cdk.Stack(app, "Slow", env=cdk.Environment(account="000000000000", region="us-east-1"))
bucket = s3.Bucket(stack, "Bucket", bucket_name="slow-bucket", removal_policy=cdk.RemovalPolicy.DESTROY)
function = lambda_.Function(
    stack,
    "Handler",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.on_event",
    timeout=cdk.Duration.minutes(1),
    code=lambda_.Code.from_inline((HANDLERS / "slow.py").read_text()),
)
provider = cr.Provider(stack, "Provider", on_event_handler=cast("lambda_.IFunction", function))
properties = {"Until": os.environ["UNTIL"]}
resource = cdk.CustomResource(stack, "Slow", service_token=provider.service_token, properties=properties)
resource.node.add_dependency(bucket)
cdk.CfnOutput(stack, "WaitedFor", value=resource.get_att_string("WaitedFor"))
app.synth()
