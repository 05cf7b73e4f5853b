"""References across regions, and alarms with their topic, as a billing alarm has them."""

from typing import Any, cast

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.publishing import Publisher

pytestmark = pytest.mark.slow

ACCOUNT = "000000000000"


def two_regions() -> cdk.App:
    """An app whose second stack, in another region, uses what the first one made; and all that alarms are made of."""
    app = cdk.App()
    producer = cdk.Stack(
        app, "Producer", env=cdk.Environment(account=ACCOUNT, region="us-east-1"), cross_region_references=True
    )
    key = kms.Key(producer, "Key", enable_key_rotation=True, removal_policy=cdk.RemovalPolicy.DESTROY)
    topic = sns.Topic(producer, "Topic", master_key=cast("kms.IKey", key), enforce_ssl=True)
    topic.add_subscription(cast("sns.ITopicSubscription", subscriptions.EmailSubscription("someone@example.com")))
    metric = cloudwatch.Metric(
        namespace="AWS/Billing", metric_name="EstimatedCharges", dimensions_map={"Currency": "USD"}, statistic="Maximum"
    )
    alarm = cloudwatch.Alarm(
        producer, "Alarm", metric=cast("cloudwatch.IMetric", metric), threshold=10, evaluation_periods=1
    )
    alarm.add_alarm_action(cast("cloudwatch.IAlarmAction", actions.SnsAction(cast("sns.ITopic", topic))))
    logs.LogGroup(
        producer,
        "Logs",
        log_group_name="/test/group",
        retention=logs.RetentionDays.ONE_DAY,
        removal_policy=cdk.RemovalPolicy.DESTROY,
    )
    consumer = cdk.Stack(
        app, "Consumer", env=cdk.Environment(account=ACCOUNT, region="eu-west-1"), cross_region_references=True
    )
    ssm.StringParameter(consumer, "Parameter", parameter_name="/test/topic", string_value=topic.topic_arn)
    return app


def client_of(emulator: RunningEmulator, service: str, region: str = "us-east-1") -> Any:
    return boto3.Session(ACCOUNT, "sagecraft", region_name=region).client(
        service,  # type: ignore[call-overload]  # a name that is known at run time only
        endpoint_url=emulator.endpoint_url,
    )


@pytest.mark.timeout(600)
def test_a_stack_uses_a_topic_of_another_region(sagecraft_emulator: RunningEmulator) -> None:
    emulator, deployment = sagecraft_emulator, TestDeployment(sagecraft_emulator, Publisher())
    try:
        deployment.deploy(two_regions())
        sns_client = client_of(emulator, "sns")
        topics = [topic["TopicArn"] for topic in sns_client.list_topics()["Topics"] if "Producer" in topic["TopicArn"]]
        there = client_of(emulator, "ssm", "eu-west-1").get_parameter(Name="/test/topic")["Parameter"]["Value"]
        assert topics == [there]
        subscribed = sns_client.list_subscriptions_by_topic(TopicArn=there)["Subscriptions"]
        assert [(each["Protocol"], each["Endpoint"]) for each in subscribed] == [("email", "someone@example.com")]
        attributes = sns_client.get_topic_attributes(TopicArn=there)["Attributes"]
        assert "KmsMasterKeyId" in attributes
        assert "aws:SecureTransport" in attributes["Policy"]
        alarms = client_of(emulator, "cloudwatch").describe_alarms()["MetricAlarms"]
        alarm = next(each for each in alarms if each.get("Namespace") == "AWS/Billing")
        assert alarm["AlarmActions"] == [there]
        assert alarm["Threshold"] == 10
        keys = client_of(emulator, "kms")
        assert keys.get_key_rotation_status(KeyId=attributes["KmsMasterKeyId"])["KeyRotationEnabled"] is True
        group = client_of(emulator, "logs").describe_log_groups(logGroupNamePrefix="/test/group")["logGroups"][0]
        assert group["retentionInDays"] == 1

        # The consumer reads `{{resolve:ssm:…}}`, so CloudFormation updates it even so; the producer it leaves alone.
        before = client_of(emulator, "cloudformation").describe_stack_events(StackName="Producer")["StackEvents"]
        deployment.deploy(two_regions())
        after = client_of(emulator, "cloudformation").describe_stack_events(StackName="Producer")["StackEvents"]
        assert after == before
        assert client_of(emulator, "ssm", "eu-west-1").get_parameter(Name="/test/topic")["Parameter"]["Value"] == there
    finally:
        deployment.destroy()
    for region in ("us-east-1", "eu-west-1"):
        stacks = {
            each["StackName"] for each in client_of(emulator, "cloudformation", region).describe_stacks()["Stacks"]
        }
        assert not stacks & {"Producer", "Consumer"}
        parameters = client_of(emulator, "ssm", region).describe_parameters()["Parameters"]
        assert not [each["Name"] for each in parameters if "cdk-bootstrap" not in each["Name"]]
    assert there not in [topic["TopicArn"] for topic in sns_client.list_topics()["Topics"]]
