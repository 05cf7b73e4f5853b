"""References across regions, and alarms with their topic, as a billing alarm has them."""

import pytest

from .conftest import APPS, Cdk, RunningEmulator

pytestmark = pytest.mark.slow


@pytest.mark.timeout(600)
def test_a_stack_uses_a_topic_of_another_region(emulator: RunningEmulator, cdk: Cdk) -> None:
    cdk.bootstrap("eu-west-1")
    assembly = cdk.synth(APPS / "cross_region.py")
    cdk.deploy(assembly)
    sns = emulator.client("sns")
    topics = [topic["TopicArn"] for topic in sns.list_topics()["Topics"] if "Producer" in topic["TopicArn"]]
    there = emulator.client("ssm", "eu-west-1").get_parameter(Name="/test/topic")["Parameter"]["Value"]
    assert topics == [there]
    subscriptions = sns.list_subscriptions_by_topic(TopicArn=there)["Subscriptions"]
    assert [(each["Protocol"], each["Endpoint"]) for each in subscriptions] == [("email", "someone@example.com")]
    attributes = sns.get_topic_attributes(TopicArn=there)["Attributes"]
    assert "KmsMasterKeyId" in attributes
    assert "aws:SecureTransport" in attributes["Policy"]
    alarms = emulator.client("cloudwatch").describe_alarms()["MetricAlarms"]
    alarm = next(each for each in alarms if each["Namespace"] == "AWS/Billing")
    assert alarm["AlarmActions"] == [there]
    assert alarm["Threshold"] == 10
    keys = emulator.client("kms")
    assert keys.get_key_rotation_status(KeyId=attributes["KmsMasterKeyId"])["KeyRotationEnabled"] is True
    group = emulator.client("logs").describe_log_groups(logGroupNamePrefix="/test/group")["logGroups"][0]
    assert group["retentionInDays"] == 1

    assert cdk.deploy(assembly).count("no changes") == 2
    cdk.destroy(assembly)
    for region in ("us-east-1", "eu-west-1"):
        stacks = {each["StackName"] for each in emulator.client("cloudformation", region).describe_stacks()["Stacks"]}
        assert not stacks & {"Producer", "Consumer"}
        parameters = emulator.client("ssm", region).describe_parameters()["Parameters"]
        assert not [each["Name"] for each in parameters if "cdk-bootstrap" not in each["Name"]]
    assert there not in [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]
