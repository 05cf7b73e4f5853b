"""An app whose second stack, in another region, uses what the first one made; and all that alarms are made of."""

from typing import cast

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_ssm as ssm

ACCOUNT = "000000000000"

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
app.synth()
