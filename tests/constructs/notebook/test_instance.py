from typing import Any

import pytest
from aws_cdk import App, Environment, Stack, Tags
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from sagecraft_constructs import (
    DataBucket,
    InstanceType,
    InvalidProps,
    LifecycleConfig,
    NotebookInstance,
    PlatformIdentifier,
)

from tests.constructs.stack import statements as policy_statements
from tests.constructs.template_checks import assert_clean, nag_findings, template_of


@pytest.fixture
def stack() -> Stack:
    return Stack(App(), "Notebooks", env=Environment(account="123456789012", region="eu-west-1"))


def resources(stack: Stack, kind: str) -> dict[str, dict[str, Any]]:
    return {name: each for name, each in template_of(stack)["Resources"].items() if each["Type"] == kind}


def notebook(stack: Stack) -> dict[str, Any]:
    (resource,) = resources(stack, "AWS::SageMaker::NotebookInstance").values()
    properties: dict[str, Any] = resource["Properties"]
    return properties


def statements(stack: Stack) -> list[dict[str, Any]]:
    policies = resources(stack, "AWS::IAM::Policy").values()
    return [statement for policy in policies for statement in policy["Properties"]["PolicyDocument"]["Statement"]]


def test_a_notebook_that_is_meant_to_reach_the_internet_is_otherwise_closed(stack: Stack) -> None:
    NotebookInstance(
        stack, "Notebook", direct_internet_access=True, default_code_repository="https://github.com/example/titanic"
    )
    Tags.of(stack).add("project", "titanic")
    assert_clean(stack)
    properties = notebook(stack)
    assert properties == {
        "DefaultCodeRepository": "https://github.com/example/titanic",
        "DirectInternetAccess": "Enabled",
        "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        "InstanceType": "ml.t3.medium",
        "KmsKeyId": properties["KmsKeyId"],
        "LifecycleConfigName": properties["LifecycleConfigName"],
        "PlatformIdentifier": "notebook-al2023-v1",
        "RoleArn": properties["RoleArn"],
        "RootAccess": "Disabled",
        "Tags": [{"Key": "project", "Value": "titanic"}],
        "VolumeSizeInGB": 5,
    }
    ((key_id, key),) = resources(stack, "AWS::KMS::Key").items()
    assert properties["KmsKeyId"] == {"Fn::GetAtt": [key_id, "Arn"]}
    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Delete"


def test_the_notebook_may_stop_itself_and_no_other(stack: Stack) -> None:
    NotebookInstance(stack, "Notebook", direct_internet_access=True)
    assert_clean(stack)
    ((name, resource),) = resources(stack, "AWS::SageMaker::NotebookInstance").items()
    assert [each for each in statements(stack) if "sagemaker:StopNotebookInstance" in each["Action"]] == [
        {"Action": "sagemaker:StopNotebookInstance", "Effect": "Allow", "Resource": {"Ref": name}}
    ]
    # The role's own policy is in force before the instance is made; the one that names the instance comes after.
    policies = resources(stack, "AWS::IAM::Policy")
    assert [policy for policy in policies if policy in resource["DependsOn"]] == [
        policy for policy in policies if "OwnStop" not in policy
    ]


def test_a_lifecycle_configuration_that_does_not_stop_gives_no_permission_to(stack: Stack) -> None:
    config = LifecycleConfig(stack, "Config", on_start="#!/bin/bash\necho started\n")
    NotebookInstance(stack, "Notebook", direct_internet_access=True, lifecycle_config=config)
    assert_clean(stack)
    assert not [each for each in statements(stack) if "sagemaker:StopNotebookInstance" in each["Action"]]


def test_in_a_vpc_there_is_no_direct_internet_and_nothing_gets_in(stack: Stack) -> None:
    vpc = ec2.Vpc.from_vpc_attributes(
        stack,
        "Vpc",
        vpc_id="vpc-0123abcd",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-0123abcd"],
        private_subnet_route_table_ids=["rtb-0123abcd"],
    )
    NotebookInstance(stack, "Notebook", vpc=vpc)
    assert_clean(stack)
    properties = notebook(stack)
    assert (properties["SubnetId"], properties["DirectInternetAccess"]) == ("subnet-0123abcd", "Disabled")
    ((group, resource),) = resources(stack, "AWS::EC2::SecurityGroup").items()
    assert properties["SecurityGroupIds"] == [{"Fn::GetAtt": [group, "GroupId"]}]
    assert "SecurityGroupIngress" not in resource["Properties"]


def test_without_a_vpc_and_a_word_about_it_cdk_nag_still_tells(stack: Stack) -> None:
    NotebookInstance(stack, "Notebook")
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    assert notebook(stack)["DirectInternetAccess"] == "Enabled"
    assert [finding.partition(" ")[0] for finding in nag_findings(app)] == ["AwsSolutions-SM1", "AwsSolutions-SM3"]


def test_given_things_are_used(stack: Stack) -> None:
    key = kms.Key.from_key_arn(stack, "Key", "arn:aws:kms:eu-west-1:123456789012:key/1234")
    role = iam.Role(stack, "Given", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    NotebookInstance(
        stack,
        "Notebook",
        instance_type=InstanceType.M5_XLARGE,
        volume_gib=20,
        encryption_key=key,
        role=role,
        platform_identifier=PlatformIdentifier.AMAZON_LINUX_2_JUPYTER_LAB_4,
        direct_internet_access=True,
        root_access=True,
        notebook_instance_name="titanic",
    )
    assert_clean(stack)
    properties = notebook(stack)
    assert properties["KmsKeyId"] == "arn:aws:kms:eu-west-1:123456789012:key/1234"
    assert properties["RoleArn"] == stack.resolve(role.role_arn)
    assert (properties["InstanceType"], properties["VolumeSizeInGB"]) == ("ml.m5.xlarge", 20)
    assert (properties["PlatformIdentifier"], properties["RootAccess"]) == ("notebook-al2-v3", "Enabled")
    assert properties["NotebookInstanceName"] == "titanic"


def test_people_may_be_allowed_to_open_start_and_stop_it(stack: Stack) -> None:
    made = NotebookInstance(stack, "Notebook", direct_internet_access=True)
    person = iam.Role(stack, "Person", assumed_by=iam.AccountRootPrincipal())
    made.grant_open(person)
    made.grant_start(person)
    made.grant_stop(person)
    assert_clean(stack)
    ((name, _),) = resources(stack, "AWS::SageMaker::NotebookInstance").items()
    granted = [each for each in statements(stack) if "sagemaker:DescribeNotebookInstance" in each["Action"]]
    assert {action for each in granted for action in each["Action"]} == {
        "sagemaker:CreatePresignedNotebookInstanceUrl",
        "sagemaker:DescribeNotebookInstance",
        "sagemaker:StartNotebookInstance",
        "sagemaker:StopNotebookInstance",
    }
    assert all(each["Resource"] == {"Ref": name} for each in granted)
    # https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    ((key, _),) = resources(stack, "AWS::KMS::Key").items()
    assert {
        "Action": "kms:CreateGrant",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        "Effect": "Allow",
        "Resource": {"Fn::GetAtt": [key, "Arn"]},
    } in policy_statements(stack, "Person")


def test_others_grants_take_the_notebook(stack: Stack) -> None:
    made = NotebookInstance(stack, "Notebook", direct_internet_access=True)
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    key.grant_decrypt(made)
    assert_clean(stack)
    (key_id,) = [name for name in resources(stack, "AWS::KMS::Key") if "Notebook" not in name]
    assert {"Action": "kms:Decrypt", "Effect": "Allow", "Resource": {"Fn::GetAtt": [key_id, "Arn"]}} in statements(
        stack
    )


def test_the_notebook_may_read_what_it_is_allowed_of_another_stacks_bucket(stack: Stack) -> None:
    app = stack.node.root
    assert isinstance(app, App)
    stack.node.set_context("@aws-cdk/core:defaultCrossStackReferences", "strong")
    bucket = DataBucket(Stack(app, "Data", env=Environment(account="123456789012", region="eu-west-1")), "Bucket")
    NotebookInstance(stack, "Notebook", direct_internet_access=True).allow_read(bucket, "titanic/")
    assert_clean(stack)
    reads = [each for each in statements(stack) if each["Action"] == "s3:GetObject"]
    assert [each["Resource"]["Fn::Join"][1][-1] for each in reads] == ["/titanic/*"]


def test_an_existing_notebook_is_known_by_its_name(stack: Stack) -> None:
    known = NotebookInstance.from_notebook_instance_name(stack, "Notebook", "titanic")
    assert known.notebook_instance_name == "titanic"
    assert "notebook-instance/titanic" in str(stack.resolve(known.notebook_instance_arn))


def test_every_problem_is_told_at_once(stack: Stack) -> None:
    with pytest.raises(InvalidProps) as caught:
        NotebookInstance(
            stack,
            "Notebook",
            instance_type=InstanceType.of("ml.t3.medum"),
            volume_gib=4,
            default_code_repository="git@github.com:example/titanic.git",
            direct_internet_access=False,
            notebook_instance_name="my_notebook",
            security_groups=[],
        )
    problems = dict(problem.split(": ", 1) for problem in caught.value.problems)
    assert "Did you mean" in problems["instance_type"]
    assert "ml.t3.medium" in problems["instance_type"]
    assert problems["volume_gib"] == "should be from 5 to 16,384, got 4."
    assert problems["default_code_repository"].startswith("'git@github.com:example/titanic.git' is neither an https://")
    assert problems["direct_internet_access"].startswith("without a VPC there is no other way to the network")
    assert problems["vpc"] == "'subnet' and 'security_groups' need it; give it too."
    assert "NotebookInstanceName 'my_notebook' does not match" in problems["notebook_instance_name"]
