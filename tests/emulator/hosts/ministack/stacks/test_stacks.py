"""Stacks of SageMaker's resources on the running emulator: made, changed, rolled back, deleted."""

import json
import sys
import textwrap
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from botocore.exceptions import WaiterError

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator

ROLE = f"arn:aws:iam::{ACCOUNT}:role/work"
SERVE = """
    import http.server, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"")

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(os.environ["WORD"].encode())

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    address = (os.environ["SAGEMAKER_BIND_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""


def template(image: str, word: str) -> str:
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": {"Fn::GetAtt": ["Model", "ModelName"]},
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1,
    }
    resources: dict[str, Any] = {
        "Model": {
            "Type": "AWS::SageMaker::Model",
            "Properties": {
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": {"Image": image, "Environment": {"WORD": word}},
            },
        },
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"ProductionVariants": [variant]}},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
        },
    }
    outputs = {"Name": {"Value": {"Fn::GetAtt": ["Endpoint", "EndpointName"]}}, "Arn": {"Value": {"Ref": "Endpoint"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


@pytest.fixture
def image(emulator: RunningEmulator, tmp_path: Path) -> str:
    """An image whose containers answer with a word."""
    program = tmp_path / "serve.py"
    program.write_text(textwrap.dedent(SERVE))
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/word:1"
    registration = json.dumps({"uri": uri, "serve": [sys.executable, str(program)]}).encode()
    with urlopen(Request(f"{emulator.url}/_sagecraft/images", registration, method="POST"), timeout=10) as answer:
        assert answer.status < 300
    return uri


@pytest.mark.timeout(300)
def test_an_endpoint_is_made_moved_rolled_back_and_deleted_by_its_stack(emulator: RunningEmulator, image: str) -> None:
    cloudformation, sagemaker = emulator.client("cloudformation"), emulator.client("sagemaker")
    runtime = emulator.client("sagemaker-runtime")
    stack = "answers"

    def finish(waiter: str) -> dict[str, Any]:
        cloudformation.get_waiter(waiter).wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 100})
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        return found

    def said() -> str:
        return str(runtime.invoke_endpoint(EndpointName=outputs["Name"], Body=b"?")["Body"].read().decode())

    def counts() -> tuple[int, int, int]:
        return (
            len(sagemaker.list_models(NameContains=stack)["Models"]),
            len(sagemaker.list_endpoint_configs(NameContains=stack)["EndpointConfigs"]),
            len(sagemaker.list_endpoints(NameContains=stack)["Endpoints"]),
        )

    cloudformation.create_stack(StackName=stack, TemplateBody=template(image, "one"))
    outputs = {each["OutputKey"]: each["OutputValue"] for each in finish("stack_create_complete")["Outputs"]}
    assert outputs["Arn"] == f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/{outputs['Name']}"
    assert said() == "one"

    cloudformation.update_stack(StackName=stack, TemplateBody=template(image, "two"))
    finish("stack_update_complete")
    assert said() == "two"
    assert counts() == (1, 1, 1)
    config = sagemaker.describe_endpoint(EndpointName=outputs["Name"])["EndpointConfigName"]

    cloudformation.update_stack(StackName=stack, TemplateBody=template(f"{image}-unknown", "three"))
    assert finish("stack_rollback_complete")["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    reasons = [event.get("ResourceStatusReason", "") for event in events if event["ResourceStatus"] == "UPDATE_FAILED"]
    assert any(f"{image}-unknown" in reason for reason in reasons), reasons
    assert said() == "two"
    assert sagemaker.describe_endpoint(EndpointName=outputs["Name"])["EndpointConfigName"] == config
    assert counts() == (1, 1, 1)

    cloudformation.delete_stack(StackName=stack)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 100}
    )
    assert counts() == (0, 0, 0)


@pytest.mark.timeout(300)
def test_a_stack_whose_endpoint_cannot_start_fails_with_the_reason_and_leaves_nothing(
    emulator: RunningEmulator, image: str
) -> None:
    cloudformation, sagemaker = emulator.client("cloudformation"), emulator.client("sagemaker")
    cloudformation.create_stack(StackName="fails", TemplateBody=template(f"{image}-unknown", "one"))
    with pytest.raises(WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName="fails", WaiterConfig={"Delay": 1, "MaxAttempts": 100}
        )
    deadline = time.monotonic() + 100
    while cloudformation.describe_stacks(StackName="fails")["Stacks"][0]["StackStatus"] != "ROLLBACK_COMPLETE":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    events = cloudformation.describe_stack_events(StackName="fails")["StackEvents"]
    [reason] = [event["ResourceStatusReason"] for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert f"{image}-unknown" in reason
    assert sagemaker.list_endpoints(NameContains="fails-")["Endpoints"] == []
    assert sagemaker.list_models(NameContains="fails-")["Models"] == []
    cloudformation.delete_stack(StackName="fails")
