"""Stacks as another project composes them: with what exists, with each other, and large."""

from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Environment, RemovalPolicy, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from aws_cdk import aws_ssm as ssm
from sagecraft_constructs import AlgorithmImage, DataBucket, Dataset, TrainingJob
from sagecraft_infra.stacks import (
    BillingStack,
    DataStack,
    GroupedStack,
    NotebookStack,
    TeamStack,
    TrainingEndpointStack,
)
from sagecraft_infra.testing import Deploy
from sagecraft_infra.testing.emulator import RunningEmulator

from tests.constructs.stack import CONTEXT
from tests.constructs.template_checks import assert_clean, template_of

ENV = Environment(account="123456789012", region="us-east-1")


def make_app() -> App:
    return App(context=CONTEXT)


def properties(stack: Stack, kind: str) -> dict[str, Any]:
    (found,) = [each["Properties"] for each in template_of(stack)["Resources"].values() if each["Type"] == kind]
    assert isinstance(found, dict)
    return found


def test_stacks_take_what_exists(tmp_path: Path) -> None:
    app = make_app()
    own = Stack(app, "Own", env=ENV)
    ssm.StringParameter(own, "Parameter", string_value="x")
    vpc = ec2.Vpc.from_vpc_attributes(
        own,
        "Vpc",
        vpc_id="vpc-0123456789abcdef0",
        availability_zones=["us-east-1a"],
        private_subnet_ids=["subnet-0123456789abcdef0"],
        private_subnet_route_table_ids=["rtb-0123456789abcdef0"],
    )
    group = ec2.SecurityGroup.from_security_group_id(own, "Group", "sg-0123456789abcdef0")
    key_arn = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000"
    key = kms.Key.from_key_arn(own, "Key", key_arn)
    bucket = s3.Bucket.from_bucket_attributes(own, "Bucket", bucket_name="theirs", encryption_key=key)
    topic_arn = "arn:aws:sns:us-east-1:123456789012:theirs"
    topic = sns.Topic.from_topic_arn(own, "Topic", topic_arn)
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "rows.csv").write_text("1,2\n0,3\n")

    data = DataStack(app, "Data", encryption_key=key, access_logs=bucket, env=ENV)
    endpoint = TrainingEndpointStack(
        app,
        "Endpoint",
        bucket=bucket,
        dataset_path=tmp_path,
        channels={"train": "train"},
        container=AlgorithmImage(name="xgboost", version="3.2-0"),
        hyperparameters={"objective": "binary:logistic", "num_round": 5},
        volume_key=key,
        vpc=vpc,
        security_groups=[group],
        alarm_topic=topic,
        env=ENV,
    )
    notebook = NotebookStack(
        app, "Notebook", bucket=bucket, encryption_key=key, vpc=vpc, security_groups=[group], env=ENV
    )
    billing = BillingStack(app, "Billing", threshold_usd=20, topic=topic, account=ENV.account)
    assert_clean(app)

    encryption = properties(data, "AWS::S3::Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption[0]["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key_arn
    network = {"Subnets": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-0123456789abcdef0"]}
    request = properties(endpoint, "Custom::SageMakerTrainingJob")["Request"]
    assert request["VpcConfig"] == network
    assert request["ResourceConfig"]["VolumeKmsKeyId"] == key_arn
    assert properties(endpoint, "AWS::SageMaker::EndpointConfig")["KmsKeyId"] == key_arn
    model = properties(endpoint, "AWS::SageMaker::Model")["VpcConfig"]
    assert model == {"Subnets": ["subnet-0123456789abcdef0"], "SecurityGroupIds": ["sg-0123456789abcdef0"]}
    assert properties(endpoint, "AWS::CloudWatch::Alarm")["AlarmActions"] == [topic_arn]
    instance = properties(notebook, "AWS::SageMaker::NotebookInstance")
    assert (instance["SubnetId"], instance["KmsKeyId"]) == ("subnet-0123456789abcdef0", key_arn)
    assert instance["DirectInternetAccess"] == "Disabled"
    assert properties(billing, "AWS::CloudWatch::Alarm")["AlarmActions"] == [topic_arn]


def test_the_stack_of_a_team_says_what_its_environment_does() -> None:
    stack = TeamStack(
        make_app(),
        "Team",
        name="churn",
        counts={"data-scientist": 1},
        monthly_usd=500,
        emails=["lead@example.com"],
        volume_gib=20,
        log_retention=logs.RetentionDays.ONE_WEEK,
        env=ENV,
    )
    assert_clean(stack)
    assert properties(stack, "AWS::SageMaker::NotebookInstance")["VolumeSizeInGB"] == 20
    kept = [each for each in template_of(stack)["Resources"].values() if each["Type"] == "Custom::LogRetention"]
    assert {each["Properties"]["RetentionInDays"] for each in kept} == {7}


def test_two_stacks_that_export_one_name_are_refused_naming_both() -> None:
    app = make_app()
    data = DataStack(app, "Data", env=ENV)
    CfnOutput(data, "Name", value="a", export_name="bucket-name")
    CfnOutput(Stack(app, "Other", env=ENV), "Name", value="b", export_name="bucket-name")
    elsewhere = Stack(app, "Elsewhere", env=Environment(account="123456789012", region="eu-west-1"))
    CfnOutput(elsewhere, "Name", value="c", export_name="bucket-name")
    with pytest.raises(RuntimeError) as refused:
        app.synth()
    assert "The stacks 'Data' and 'Other' export the same name 'bucket-name'" in str(refused.value)
    assert "Elsewhere" not in str(refused.value)


def test_a_large_group_goes_on_in_another_nested_stack() -> None:
    app = make_app()
    stack = GroupedStack(app, "Large", resources_per_group=2)
    places = []
    for number in range(5):
        group = stack.group("Names")
        places.append(group.node.id)
        ssm.StringParameter(group, f"Name{number}", string_value="x")
    assert stack.group("Others").node.id == "Others"
    assert places == ["Names", "Names", "Names2", "Names2", "Names3"]
    app.synth()
    kinds = [each["Type"] for each in template_of(stack)["Resources"].values()]
    assert kinds == ["AWS::CloudFormation::Stack"] * 4


def test_a_group_trains_on_what_stands_in_another_one(
    sagecraft_deploy: Deploy, sagecraft_emulator: RunningEmulator, tmp_path: Path
) -> None:
    (tmp_path / "train").mkdir()
    (tmp_path / "train" / "rows.csv").write_text("1,1\n0,0\n" * 20)
    stack = GroupedStack(make_app(), "Groups")
    bucket = DataBucket(stack.group("Data"), "Bucket", removal_policy=RemovalPolicy.DESTROY)
    dataset = Dataset(stack.group("Rows"), "Dataset", bucket=bucket, path=tmp_path)
    job = TrainingJob(
        stack.group("Jobs"),
        "Job",
        container=AlgorithmImage(name="xgboost", version="1.7-1"),
        inputs={"train": dataset.channel("train", content_type="text/csv")},
        output_bucket=bucket,
        hyperparameters={"num_round": 2, "objective": "binary:logistic"},
    )
    CfnOutput(stack, "JobName", value=job.training_job_name)
    name = sagecraft_deploy(stack)["JobName"]
    sagemaker = sagecraft_emulator.client("sagemaker")
    assert sagemaker.describe_training_job(TrainingJobName=name)["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("number", [0, 501])
def test_a_group_has_room_for_one_resource_and_no_more_than_a_template(number: int) -> None:
    with pytest.raises(ValueError, match=f"resources_per_group: should be 1 to 500, got {number}"):
        GroupedStack(make_app(), "Large", resources_per_group=number)
