"""Stacks deployed without the CDK CLI, by the fixtures of the plugin."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_ssm as ssm
from constructs import Construct
from sagecraft_infra.deployment.bootstrapping import bootstrap
from sagecraft_infra.deployment.cdk import run_cdk
from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.testing import Deploy
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.publishing import Publisher

TEMPLATES = "sagecraft-templates-"
"""The bucket of long templates, which stays for the next test."""


LeftBehind = Callable[[], list[str]]


@pytest.fixture(autouse=True)
def left_behind(sagecraft_emulator: RunningEmulator) -> Iterator[LeftBehind]:
    """What has been made on the emulator of all tests since this one began; after it, and its deployments, nothing."""
    bootstrap(sagecraft_emulator.target, sagecraft_emulator.region)  # which stays for the next test
    before = set(contents(sagecraft_emulator))

    def made() -> list[str]:
        return [each for each in contents(sagecraft_emulator) if each not in before]

    yield made
    assert made() == []


def contents(emulator: RunningEmulator) -> list[str]:
    stacks = emulator.client("cloudformation").describe_stacks()["Stacks"]
    buckets = [bucket["Name"] for bucket in emulator.client("s3").list_buckets()["Buckets"]]
    roles = [role["RoleName"] for role in emulator.client("iam").list_roles()["Roles"]]
    return (
        [stack["StackName"] for stack in stacks] + [each for each in buckets if not each.startswith(TEMPLATES)] + roles
    )


def data_stack(scope: Construct, name: str = "Data", **options: Any) -> cdk.Stack:
    """A bucket, which the CDK retains unless told otherwise, and a role that reads it."""
    stack = cdk.Stack(scope, name, **options)
    bucket = s3.Bucket(stack, "Bucket")
    bucket.grant_read(iam.Role(stack, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")))
    cdk.CfnOutput(stack, "BucketName", value=bucket.bucket_name)
    return stack


def parameter(stack: cdk.Stack, name: str, value: str) -> ssm.StringParameter:
    return ssm.StringParameter(stack, name, parameter_name=f"/{name}", string_value=value)


def value_of(emulator: RunningEmulator, name: str) -> str:
    value: str = emulator.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    return value


def failing_stack(scope: Construct, name: str = "Failing") -> cdk.Stack:
    """A bucket, and then an endpoint whose configuration there is not."""
    stack = data_stack(scope, name)
    endpoint = cdk.CfnResource(
        stack, "Endpoint", type="AWS::SageMaker::Endpoint", properties={"EndpointConfigName": "none"}
    )
    endpoint.node.add_dependency(stack.node.find_child("Bucket"))
    return stack


def test_a_stack_is_deployed_and_its_data_goes_with_it(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator
) -> None:
    outputs = sagecraft_deploy(data_stack(cdk.App()))
    store = sagecraft_emulator.client("s3")
    store.put_object(Bucket=outputs["BucketName"], Key="rows.csv", Body=b"1,2")
    assert store.get_object(Bucket=outputs["BucketName"], Key="rows.csv")["Body"].read() == b"1,2"
    # `left_behind` sees to the rest: the template says Retain.


def test_a_stack_that_fails_tells_the_reason_of_its_event_and_leaves_nothing(
    sagecraft_deploy: Deploy, left_behind: LeftBehind
) -> None:
    with pytest.raises(WorkFailed) as caught:
        sagecraft_deploy(failing_stack(cdk.App()))
    assert str(caught.value) == (
        "Stack Failing was not deployed; it is ROLLBACK_COMPLETE.\n"
        "  Failing: Endpoint (AWS::SageMaker::Endpoint) CREATE_FAILED: Could not find endpoint configuration "
        '"arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/none".'
    )
    assert [entry.name for entry in caught.traceback][1:] == ["deploy"]  # the test's own lines, and no more of ours
    assert left_behind() == []


def test_the_cdk_cli_finds_the_emulator_bootstrapped_as_it_does_it(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator
) -> None:
    sagecraft_deploy(data_stack(cdk.App()))
    target = sagecraft_emulator.target

    run_cdk(target, "bootstrap", f"aws://{sagecraft_emulator.account}/{sagecraft_emulator.region}")

    assert "bootstrapped (no changes)" in target.project.cdk_log.read_text()


def test_a_failure_takes_the_stacks_before_it_along(sagecraft_deploy: Deploy, left_behind: LeftBehind) -> None:
    app = cdk.App()
    first = data_stack(app, "First")
    failing_stack(app, "Second").add_dependency(first)
    with pytest.raises(WorkFailed, match="Stack Second was not deployed"):
        sagecraft_deploy(app)
    assert left_behind() == []


def test_the_reason_in_a_nested_stack_is_told(sagecraft_deploy: Deploy) -> None:
    stack = cdk.Stack(cdk.App(), "Outer")
    nested = cdk.NestedStack(stack, "Inner")
    s3.Bucket(nested, "Bucket")
    cdk.CfnResource(nested, "Endpoint", type="AWS::SageMaker::Endpoint", properties={"EndpointConfigName": "none"})
    with pytest.raises(WorkFailed, match=r"Embedded stack .* not successfully created: Resource Endpoint failed:"):
        sagecraft_deploy(stack)


def test_what_cloudformation_refuses_at_once_is_told(sagecraft_deploy: Deploy) -> None:
    stack = cdk.Stack(cdk.App(), "Strange")
    cdk.CfnResource(stack, "Thing", type="AWS::No::Such", properties={})
    with pytest.raises(WorkFailed, match=r"^Stack Strange is refused: .*AWS::No::Such"):
        sagecraft_deploy(stack)


def test_the_synthesized_app_goes_but_not_from_a_place_that_the_app_names(
    sagecraft_emulator: RunningEmulator, tmp_path: Path
) -> None:
    named, unnamed = cdk.App(outdir=str(tmp_path)), cdk.App()
    deployment = TestDeployment(sagecraft_emulator, Publisher())
    for app in (named, unnamed):
        deployment.deploy(data_stack(app))
    place = Path(unnamed.synth().directory)
    assert place.is_dir()
    deployment.destroy()
    assert not place.exists()
    assert (tmp_path / "manifest.json").is_file()


def test_stacks_come_in_the_order_of_their_references(sagecraft_deploy: Deploy, left_behind: LeftBehind) -> None:
    app = cdk.App()
    uses = cdk.Stack(app, "AUses")  # by name the first, by reference the last
    made = cdk.Stack(app, "ZMade")
    bucket = s3.Bucket(made, "Bucket")
    cdk.CfnOutput(uses, "Name", value=bucket.bucket_name)
    cdk.CfnOutput(made, "Name", value=bucket.bucket_name)
    other = data_stack(app, "Other")
    outputs = sagecraft_deploy(uses)
    assert list(outputs) == ["Name"]
    assert other.stack_name not in left_behind()  # nobody asked for it
    outputs = sagecraft_deploy(app)
    assert outputs.of("AUses")["Name"] == outputs.of("ZMade")["Name"]
    assert outputs["BucketName"] in left_behind()


def test_deploying_again_updates(sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator) -> None:
    def version(value: str) -> cdk.Stack:
        stack = cdk.Stack(cdk.App(), "Versions", tags={"team": "a"})
        parameter(stack, "version", value)
        cdk.CfnOutput(stack, "Version", value=value)
        return stack

    assert sagecraft_deploy(version("1"))["Version"] == "1"
    assert sagecraft_deploy(version("2"))["Version"] == "2"
    assert value_of(sagecraft_emulator, "/version") == "2"
    assert sagecraft_deploy(version("2"))["Version"] == "2"  # which changes nothing
    (stack,) = sagecraft_emulator.client("cloudformation").describe_stacks(StackName="Versions")["Stacks"]
    assert stack["Tags"] == [{"Key": "team", "Value": "a"}]


def test_functions_nested_stacks_and_long_templates_find_their_assets(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator, tmp_path: Path
) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "index.py").write_text("from package.words import WORD\ndef handler(event, _): return WORD + event\n")
    (tmp_path / "package" / "words.py").write_text("WORD = 'hello '\n")
    stack = cdk.Stack(cdk.App(), "Long")
    stack.template_options.metadata = {"Words": "word " * 12_000}  # longer than a request may be
    code = lambda_.Code.from_asset(str(tmp_path))
    function = lambda_.Function(stack, "F", runtime=lambda_.Runtime.PYTHON_3_11, handler="index.handler", code=code)
    cdk.CfnOutput(stack, "Function", value=function.function_name)
    bucket = s3.Bucket(cdk.NestedStack(stack, "Inner"), "Bucket")
    cdk.CfnOutput(stack, "Bucket", value=bucket.bucket_name)
    outputs = sagecraft_deploy(stack)
    answer = sagecraft_emulator.client("lambda").invoke(FunctionName=outputs["Function"], Payload=json.dumps("there"))
    assert json.loads(answer["Payload"].read()) == "hello there"
    sagecraft_emulator.client("s3").put_object(Bucket=outputs["Bucket"], Key="a", Body=b"goes with the nested stack")


def test_a_stack_goes_to_its_own_account_and_region(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator, left_behind: LeftBehind
) -> None:
    environment = cdk.Environment(account="123456789012", region="eu-west-1")
    outputs = sagecraft_deploy(data_stack(cdk.App(), "Away", env=environment))
    there = sagecraft_emulator.in_account("123456789012")
    assert outputs["BucketName"] in [bucket["Name"] for bucket in there.s3("eu-west-1").list_buckets()["Buckets"]]
    assert left_behind() == []


def test_all_stacks_are_destroyed_though_one_cannot_be(
    sagecraft_emulator: RunningEmulator, left_behind: LeftBehind
) -> None:
    deployment = TestDeployment(sagecraft_emulator, Publisher())
    app = cdk.App()
    made, uses = data_stack(app, "Made"), cdk.Stack(app, "Uses")
    cdk.CfnOutput(made, "Export", value="value", export_name="made-value")
    deployment.deploy(app)
    stacks = sagecraft_emulator.client("cloudformation")
    imports = {"Value": {"Value": {"Fn::ImportValue": "made-value"}}}
    topic = {"Type": "AWS::SNS::Topic"}
    stacks.create_stack(
        StackName="Outside", TemplateBody=json.dumps({"Resources": {"Topic": topic}, "Outputs": imports})
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="Outside", WaiterConfig={"Delay": 0.1})
    with pytest.raises(WorkFailed, match=r"^Stack Made cannot be destroyed: .*made-value.*Outside"):
        deployment.destroy()
    assert uses.stack_name not in left_behind()
    stacks.delete_stack(StackName="Outside")
    stacks.get_waiter("stack_delete_complete").wait(StackName="Outside", WaiterConfig={"Delay": 0.1})
    stacks.delete_stack(StackName="Made")
    stacks.get_waiter("stack_delete_complete").wait(StackName="Made", WaiterConfig={"Delay": 0.1})


def test_an_image_that_is_built_needs_a_local_program(sagecraft_deploy: Deploy, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    stack = cdk.Stack(cdk.App(), "Built")
    asset = ecr_assets.DockerImageAsset(stack, "Image", directory=str(tmp_path))
    cdk.CfnOutput(stack, "Uri", value=asset.image_uri)
    with pytest.raises(UserError, match=r"builds the image 'Image' from a Dockerfile\. .*local_program="):
        sagecraft_deploy(stack)


def test_a_look_up_is_refused(sagecraft_deploy: Deploy) -> None:
    stack = cdk.Stack(cdk.App(), "Looks", env=cdk.Environment(account="000000000000", region="us-east-1"))
    vpc = ec2.Vpc.from_lookup(stack, "Vpc", is_default=True)
    cdk.CfnOutput(stack, "VpcId", value=vpc.vpc_id)
    with pytest.raises(UserError, match=r"only the CDK CLI can find out: vpc-provider:.*Give its value as context"):
        sagecraft_deploy(stack)


@pytest.mark.parametrize(("given", "message"), [(None, "got: NoneType"), ("Data", "got: str")])
def test_what_is_no_app_is_refused(sagecraft_deploy: Deploy, given: Any, message: str) -> None:
    with pytest.raises(UserError, match=rf"^sagecraft_deploy takes an aws_cdk\.App, a Stage or a Stack, {message}$"):
        sagecraft_deploy(given)


def test_stacks_of_one_name_are_refused(sagecraft_deploy: Deploy) -> None:
    app = cdk.App()
    for region in ("us-east-1", "eu-west-1"):
        data_stack(app, f"Data-{region}", stack_name="Data", env=cdk.Environment(region=region))
    with pytest.raises(UserError, match=r"^The app has several stacks named Data, .* a stack_name of its own"):
        sagecraft_deploy(app)


def test_an_app_without_stacks_is_refused(sagecraft_deploy: Deploy) -> None:
    with pytest.raises(UserError, match=r"^The app has no stack\."):
        sagecraft_deploy(cdk.App())
