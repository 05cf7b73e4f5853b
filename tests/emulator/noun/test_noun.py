"""A noun that stands in one folder of the tests is done by the whole emulator, which knows nothing of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port
from tests.emulator.events.rule import Rule
from tests.emulator.orchestration.executions import SAGEMAKER, run, task

ROOT = Path(__file__).parents[3]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
OUTPUT = {"S3OutputPath": "s3://bucket/flows"}
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:flow-definition"


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """One that does flow definitions, and enforces permissions."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("flows"), free_port(), enforce_iam=True)
    running = RunningEmulator(
        settings, module="tests.emulator.noun.flow_definition", environment={"PYTHONPATH": str(ROOT)}
    ).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def role(emulator: RunningEmulator) -> str:
    """A role that SageMaker may assume."""
    iam = emulator.client("iam")
    arn: str = iam.create_role(RoleName="flows", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    return arn


def test_it_is_created_described_listed_tagged_and_deleted(emulator: RunningEmulator, role: str) -> None:
    client = emulator.client("sagemaker")
    tags = [{"Key": "team", "Value": "a"}]
    made = client.create_flow_definition(FlowDefinitionName="first", OutputConfig=OUTPUT, RoleArn=role, Tags=tags)
    assert made["FlowDefinitionArn"] == f"{ARN}/first"
    described = client.describe_flow_definition(FlowDefinitionName="first")
    assert (described["FlowDefinitionStatus"], described["OutputConfig"]) == ("Active", OUTPUT)
    listed = [each["FlowDefinitionName"] for each in client.list_flow_definitions()["FlowDefinitionSummaries"]]
    assert listed.count("first") == 1
    client.add_tags(ResourceArn=made["FlowDefinitionArn"], Tags=[{"Key": "stage", "Value": "test"}])
    tagged = client.list_tags(ResourceArn=made["FlowDefinitionArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tagged} == {"team": "a", "stage": "test"}
    shown = [each["name"] for each in emulator.get("status")["resources"]["FlowDefinition"]]
    assert shown.count("first") == 1
    client.delete_flow_definition(FlowDefinitionName="first")
    with pytest.raises(ClientError, match=f'Could not find flow definition "{ARN}/first"'):
        client.describe_flow_definition(FlowDefinitionName="first")


def test_events_tell_of_its_statuses(emulator: RunningEmulator, role: str) -> None:
    rule = Rule(emulator, {"detail-type": ["SageMaker Flow Definition State Change"]})
    emulator.client("sagemaker").create_flow_definition(FlowDefinitionName="told", OutputConfig=OUTPUT, RoleArn=role)
    told = rule.events(lambda events: len(events) == 2)
    assert [each["detail"]["FlowDefinitionStatus"] for each in told] == ["Initializing", "Active"]


def test_cloudformation_makes_and_removes_it(emulator: RunningEmulator, role: str) -> None:
    stacks, client = emulator.client("cloudformation"), emulator.client("sagemaker")
    properties = {"FlowDefinitionName": "declared", "OutputConfig": OUTPUT, "RoleArn": role}
    template = {"Resources": {"Flow": {"Type": "AWS::SageMaker::FlowDefinition", "Properties": properties}}}
    stacks.create_stack(StackName="flows", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="flows", WaiterConfig={"Delay": 1})
    resource = stacks.describe_stack_resources(StackName="flows")["StackResources"][0]
    assert resource["PhysicalResourceId"] == f"{ARN}/declared"
    assert client.describe_flow_definition(FlowDefinitionName="declared")["RoleArn"] == role
    stacks.delete_stack(StackName="flows")
    stacks.get_waiter("stack_delete_complete").wait(StackName="flows", WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="Could not find flow definition"):
        client.describe_flow_definition(FlowDefinitionName="declared")


def test_its_role_must_trust_sagemaker_and_is_known_by_its_name(emulator: RunningEmulator, role: str) -> None:
    client = emulator.client("sagemaker")
    with pytest.raises(ClientError, match="Could not assume role"):
        client.create_flow_definition(FlowDefinitionName="refused", OutputConfig=OUTPUT, RoleArn=f"{role}-not-there")
    client.create_flow_definition(FlowDefinitionName="known", OutputConfig=OUTPUT, RoleArn=role)
    assert [each["arn"] for each in emulator.get("permissions?name=known")["roles"]] == [role]


def test_a_state_machine_makes_it(emulator: RunningEmulator, role: str) -> None:
    request = {"FlowDefinitionName": "stepped", "OutputConfig": OUTPUT, "RoleArn": role}
    trust = json.dumps(TRUST).replace("sagemaker.amazonaws.com", "states.amazonaws.com")
    machine_role = emulator.client("iam").create_role(RoleName="machine", AssumeRolePolicyDocument=trust)["Role"]
    output = run(emulator, {"Make": task(f"{SAGEMAKER}:createFlowDefinition", request)}, machine_role["Arn"])
    assert output["FlowDefinitionArn"] == f"{ARN}/stepped"
