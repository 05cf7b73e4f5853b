"""One stack that takes as long to make as its function sleeps."""

from aws_cdk import App, CustomResource, Duration, Stack
from aws_cdk import aws_lambda as lambda_

CODE = """
import json, time, urllib.request

def handler(event, context):
    if event["RequestType"] == "Create":
        time.sleep(25)
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "slow"}
    data, headers = json.dumps(answer).encode(), {"Content-Type": ""}
    request = urllib.request.Request(event["ResponseURL"], data, headers, method="PUT")
    urllib.request.urlopen(request)
"""

app = App()
stack = Stack(app, "Slow")
function = lambda_.Function(
    stack,
    "Function",
    runtime=lambda_.Runtime.PYTHON_3_13,
    handler="index.handler",
    code=lambda_.Code.from_inline(CODE),
    timeout=Duration.minutes(5),
)
CustomResource(stack, "Slow", service_token=function.function_arn)
app.synth()
