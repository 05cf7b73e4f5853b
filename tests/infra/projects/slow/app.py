"""One stack whose resource is made as soon as there is a file `go-on` beside this one."""

from pathlib import Path

from aws_cdk import App, CustomResource, Duration, Stack
from aws_cdk import aws_lambda as lambda_

CODE = """
import json, os, time, urllib.request

def handler(event, context):
    while event["RequestType"] == "Create" and not os.path.exists(event["ResourceProperties"]["Until"]):
        time.sleep(0.2)
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
until = str(Path(__file__).with_name("go-on").absolute())
CustomResource(stack, "Slow", service_token=function.function_arn, properties={"Until": until})
app.synth()
