"""An endpoint that follows what is approved, on a running emulator."""

import json
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, RemovalPolicy, Stack
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from botocore.exceptions import ClientError
from sagecraft_constructs import (
    ContinuousDelivery,
    Endpoint,
    EndpointConfig,
    Model,
    ModelApprovalStatus,
    ModelPackage,
    ModelPackageGroup,
    ProductionVariant,
    TrainingContainer,
)
from sagecraft_infra.emulator.images import register_image
from sagecraft_infra.testing import Deploy
from sagecraft_infra.testing.emulator import RunningEmulator

pytestmark = pytest.mark.slow

ACCOUNT, REGION = "000000000000", "us-east-1"
SERVES, ENDS = (f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/delivery:{tag}" for tag in ("serves", "ends"))
SERVE = """
    import http.server, os

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(b"")

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(os.environ["VERSION"].encode())

        def answer(self, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    address = (os.environ["SAGEMAKER_BIND_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""
WAIT_SECONDS = 90


def app_of() -> App:
    """A group with one approved version, an endpoint that serves it, and its delivery."""
    app = App()
    stack = Stack(app, "Delivered", env=Environment(account=ACCOUNT, region=REGION))
    group = ModelPackageGroup(stack, "Group", removal_policy=RemovalPolicy.DESTROY)
    version = ModelPackage(
        stack,
        "First",
        group=group,
        container=TrainingContainer.from_image_uri(SERVES),
        environment={"VERSION": "one"},
        approval_status=ModelApprovalStatus.APPROVED,
    )
    model = Model.from_model_package(stack, "Model", package=version)
    config = EndpointConfig(stack, "Config", production_variants=[ProductionVariant(model=model)])
    endpoint = Endpoint(stack, "Endpoint", endpoint_config=config, endpoint_name="delivered")
    topic, queue = sns.Topic(stack, "Topic"), sqs.Queue(stack, "Told")
    topic.add_subscription(subscriptions.SqsSubscription(queue, raw_message_delivery=True))
    ContinuousDelivery(stack, "Delivery", group=group, endpoint=endpoint, role=model.role, topic=topic)
    CfnOutput(stack, "GroupName", value=group.model_package_group_name)
    CfnOutput(stack, "QueueUrl", value=queue.queue_url)
    return app


def wait(until: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + WAIT_SECONDS
    while not (found := until()):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
    return found


def test_what_is_approved_is_served_and_what_does_not_answer_is_taken_back(
    sagecraft_emulator: RunningEmulator, sagecraft_deploy: Deploy, tmp_path: Path
) -> None:
    program = tmp_path / "serve.py"
    program.write_text(textwrap.dedent(SERVE))
    port = sagecraft_emulator.settings.port
    serves, ends = [sys.executable, str(program)], [sys.executable, "-c", "raise SystemExit('no model')"]
    for image, command in ((SERVES, serves), (ENDS, ends)):
        register_image(port, image, train=command, serve=command, process=command)
    outputs = sagecraft_deploy(app_of())
    sagemaker, runtime, queues = (sagecraft_emulator.client(name) for name in ("sagemaker", "sagemaker-runtime", "sqs"))
    group = outputs["GroupName"]

    def answer() -> str:
        body = runtime.invoke_endpoint(EndpointName="delivered", Body=b"?")["Body"]
        return str(body.read().decode())

    def register(image: str, version: str) -> str:
        container = {"Image": image, "Environment": {"VERSION": version}}
        arn: str = sagemaker.create_model_package(
            ModelPackageGroupName=group, InferenceSpecification={"Containers": [container]}
        )["ModelPackageArn"]
        return arn

    def told() -> dict[str, Any] | None:
        received = queues.receive_message(QueueUrl=outputs["QueueUrl"], MaxNumberOfMessages=1)
        for each in received.get("Messages", []):
            queues.delete_message(QueueUrl=outputs["QueueUrl"], ReceiptHandle=each["ReceiptHandle"])
            message: dict[str, Any] = json.loads(each["Body"])
            return message
        return None

    assert answer() == "one"

    second = register(SERVES, "two")
    sagemaker.update_model_package(ModelPackageArn=second, CustomerMetadataProperties={"looked": "at"})
    sagemaker.update_model_package(ModelPackageArn=second, ModelApprovalStatus="Approved")
    message = wait(told)
    assert (message["outcome"], message["modelPackageArn"], answer()) == ("Moved", second, "two")
    live = sagemaker.describe_endpoint(EndpointName="delivered")["EndpointConfigName"]

    third = register(ENDS, "three")
    sagemaker.update_model_package(ModelPackageArn=third, ModelApprovalStatus="Approved")
    message = wait(told)
    assert (message["outcome"], message["modelPackageArn"], answer()) == ("Failed", third, "two")
    assert f"the configuration {live} serves again" in message["message"]
    endpoint = sagemaker.describe_endpoint(EndpointName="delivered")
    assert (endpoint["EndpointStatus"], endpoint["EndpointConfigName"]) == ("InService", live)
    with pytest.raises(ClientError, match="Could not find model"):
        sagemaker.describe_model(ModelName=live.replace("-2-", "-3-"))
    made = [each["ModelName"] for each in sagemaker.list_models(NameContains="-3-")["Models"]]
    assert made == []
