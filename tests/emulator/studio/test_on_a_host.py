"""Studio in a whole emulator: file systems of domains, roles, events, and a stack."""

import json
from typing import Any

import pytest

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator
from tests.emulator.events.rule import Rule

from .studio import wait

NETWORK = {"VpcId": "vpc-00000001", "SubnetIds": ["subnet-00000001"]}


def file_systems(emulator: RunningEmulator) -> list[str]:
    return [each["FileSystemId"] for each in emulator.client("efs").describe_file_systems()["FileSystems"]]


def make_domain(emulator: RunningEmulator, name: str) -> dict[str, Any]:
    sagemaker = emulator.client("sagemaker")
    settings = {"ExecutionRole": emulator.make_role()}
    made = sagemaker.create_domain(DomainName=name, AuthMode="IAM", DefaultUserSettings=settings, **NETWORK)
    named = {"DomainId": made["DomainId"]}
    wait(lambda: sagemaker.describe_domain(**named)["Status"] == "InService")
    described: dict[str, Any] = sagemaker.describe_domain(**named)
    return described


@pytest.mark.parametrize("retention", ["Retain", "Delete"])
def test_the_file_system_of_a_domain_goes_with_it_if_it_is_said(emulator: RunningEmulator, retention: str) -> None:
    sagemaker = emulator.client("sagemaker")
    domain = make_domain(emulator, f"home-{retention}")
    [home] = emulator.client("efs").describe_file_systems(FileSystemId=domain["HomeEfsFileSystemId"])["FileSystems"]
    assert home["Tags"] == [{"Key": "ManagedByAmazonSageMakerResource", "Value": domain["DomainArn"]}]
    sagemaker.delete_domain(DomainId=domain["DomainId"], RetentionPolicy={"HomeEfsFileSystem": retention})
    wait(lambda: domain["DomainId"] not in [each["DomainId"] for each in sagemaker.list_domains()["Domains"]])
    wait(lambda: (home["FileSystemId"] in file_systems(emulator)) is (retention == "Retain"))
    if retention == "Retain":
        emulator.client("efs").delete_file_system(FileSystemId=home["FileSystemId"])


def test_events_tell_of_images_in_their_own_spelling(emulator: RunningEmulator) -> None:
    rule = Rule(emulator, {"detail-type": ["SageMaker Image State Change"], "detail": {"ImageName": ["told"]}})
    emulator.client("sagemaker").create_image(ImageName="told", RoleArn=emulator.make_role())
    told = rule.events(lambda events: len(events) == 2)
    assert [each["detail"]["ImageStatus"] for each in told] == ["Creating", "Created"]
    assert told[0]["resources"] == [f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:image/told"]


def test_a_stack_makes_a_domain_with_a_user_and_removes_both(emulator: RunningEmulator) -> None:
    stacks, sagemaker = emulator.client("cloudformation"), emulator.client("sagemaker")
    settings = {"ExecutionRole": emulator.make_role()}
    domain = {"DomainName": "stacked", "AuthMode": "IAM", "DefaultUserSettings": settings, **NETWORK}
    user = {"DomainId": {"Ref": "Domain"}, "UserProfileName": "Ana"}
    template = {
        "Resources": {
            "Domain": {"Type": "AWS::SageMaker::Domain", "Properties": domain},
            "User": {"Type": "AWS::SageMaker::UserProfile", "Properties": user},
        },
        "Outputs": {
            "User": {"Value": {"Ref": "User"}},
            "Home": {"Value": {"Fn::GetAtt": ["Domain", "HomeEfsFileSystemId"]}},
        },
    }
    stacks.create_stack(StackName="studio", TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName="studio", WaiterConfig={"Delay": 1})
    [made] = [each for each in sagemaker.list_domains()["Domains"] if each["DomainName"] == "stacked"]
    outputs = stacks.describe_stacks(StackName="studio")["Stacks"][0]["Outputs"]
    values = {each["OutputKey"]: each["OutputValue"] for each in outputs}
    assert values["User"] == f"ana|{made['DomainId']}"
    assert values["Home"] in file_systems(emulator)
    shown = [each["name"] for each in emulator.get("status")["resources"]["UserProfile"]]
    assert f"{made['DomainId']}/ana" in shown
    stacks.delete_stack(StackName="studio")
    stacks.get_waiter("stack_delete_complete").wait(StackName="studio", WaiterConfig={"Delay": 1})
    assert "stacked" not in [each["DomainName"] for each in sagemaker.list_domains()["Domains"]]
    emulator.client("efs").delete_file_system(FileSystemId=values["Home"])  # which CloudFormation leaves, as on AWS
