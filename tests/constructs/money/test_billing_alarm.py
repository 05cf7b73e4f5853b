import math

import pytest
from aws_cdk import App, CfnParameter, Environment, NestedStack, Stack, Tags
from aws_cdk import aws_sns as sns
from constructs import Construct
from sagecraft_constructs import BilledService, BillingAlarm, DataBucket, InvalidProps

from tests.constructs.template_checks import assert_clean, template_of

ACCOUNT = "123456789012"


def stack_in(region: str | None) -> Stack:
    env = None if region is None else Environment(account=ACCOUNT, region=region)
    stack = Stack(App(), "Titanic", env=env)
    DataBucket(stack, "Bucket")
    return stack


def resources(stack: Stack, kind: str) -> list[dict[str, object]]:
    return [each["Properties"] for each in template_of(stack)["Resources"].values() if each["Type"] == kind]


def test_in_us_east_1_the_alarm_stands_in_its_own_stack_and_watches_the_estimated_charges() -> None:
    stack = stack_in("us-east-1")
    alarm = BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"])
    assert_clean(stack)
    assert alarm.billing_stack is stack
    (properties,) = resources(stack, "AWS::CloudWatch::Alarm")
    assert {name: value for name, value in properties.items() if name != "AlarmActions"} == {
        "AlarmDescription": "The estimated charges of this month exceed 20.00 US dollars",
        "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{"Name": "Currency", "Value": "USD"}],
        "EvaluationPeriods": 1,
        "MetricName": "EstimatedCharges",
        "Namespace": "AWS/Billing",
        "Period": 21600,
        "Statistic": "Maximum",
        "Threshold": 20,
        "TreatMissingData": "ignore",
    }
    (subscription,) = resources(stack, "AWS::SNS::Subscription")
    assert (subscription["Protocol"], subscription["Endpoint"]) == ("email", "someone@example.com")


@pytest.mark.parametrize("region", ["eu-west-1", None])
def test_elsewhere_the_alarm_makes_a_stack_in_us_east_1_that_its_own_stack_depends_on(region: str | None) -> None:
    stack = stack_in(region)
    alarm = BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"])
    Tags.of(stack).add("project", "titanic")
    assert_clean(stack)
    assert alarm.billing_stack.region == "us-east-1"
    assert alarm.billing_stack.stack_name == "Titanic-billing-Alarm"
    assert stack.dependencies == [alarm.billing_stack]
    assert resources(stack, "AWS::CloudWatch::Alarm") == []
    (properties,) = resources(alarm.billing_stack, "AWS::CloudWatch::Alarm")
    assert properties["Tags"] == [{"Key": "project", "Value": "titanic"}]
    if region is not None:
        assert alarm.billing_stack.account == ACCOUNT


def test_cloudwatch_may_publish_to_the_encrypted_topic_and_plain_http_is_refused() -> None:
    stack = stack_in("us-east-1")
    BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"])
    assert_clean(stack)
    (policy,) = resources(stack, "AWS::SNS::TopicPolicy")
    statements = policy["PolicyDocument"]["Statement"]  # type: ignore[index]  # a template's depths are untyped
    assert [(each["Effect"], each["Principal"], each["Action"]) for each in statements] == [
        ("Deny", "*", "sns:Publish"),
        ("Allow", {"Service": "cloudwatch.amazonaws.com"}, "sns:Publish"),
    ]
    (key,) = resources(stack, "AWS::KMS::Key")
    assert key["EnableKeyRotation"] is True
    statements = key["KeyPolicy"]["Statement"]  # type: ignore[index]  # a template's depths are untyped
    assert statements[1]["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statements[1]["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_an_existing_topic_is_told_and_gets_the_addresses_beside_the_alarm() -> None:
    stack = stack_in("eu-west-1")
    arn = f"arn:aws:sns:us-east-1:{ACCOUNT}:costs"
    topic = sns.Topic.from_topic_arn(stack, "Costs", arn)
    alarm = BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"], topic=topic)
    assert_clean(stack)
    (properties,) = resources(alarm.billing_stack, "AWS::CloudWatch::Alarm")
    assert properties["AlarmActions"] == [arn]
    (subscription,) = resources(alarm.billing_stack, "AWS::SNS::Subscription")
    assert subscription["TopicArn"] == arn
    assert resources(alarm.billing_stack, "AWS::SNS::Topic") == []


def test_every_problem_is_told_at_once() -> None:
    stack = stack_in("eu-west-1")
    with pytest.raises(InvalidProps) as caught:
        BillingAlarm(stack, "Alarm", threshold_usd=0, emails=["someone", "a b@example.com"])
    assert caught.value.problems == (
        "threshold_usd: should be more than 0, got 0.",
        "emails: 'someone' is no email address; write it like name@example.com.",
        "emails: 'a b@example.com' is no email address; write it like name@example.com.",
    )


def test_an_alarm_that_would_tell_nobody_is_refused() -> None:
    with pytest.raises(InvalidProps, match="emails: nobody would be told; give an address, or a 'topic'"):
        BillingAlarm(stack_in("us-east-1"), "Alarm", threshold_usd=20)


def test_a_topic_of_another_region_is_refused() -> None:
    stack = stack_in("eu-west-1")
    topic = sns.Topic.from_topic_arn(stack, "Costs", f"arn:aws:sns:eu-west-1:{ACCOUNT}:costs")
    with pytest.raises(InvalidProps, match="topic: it is in eu-west-1, but the alarm can only be in us-east-1"):
        BillingAlarm(stack, "Alarm", threshold_usd=20, topic=topic)


def test_alarms_of_one_id_in_two_scopes_are_two_stacks() -> None:
    stack = stack_in("eu-west-1")
    scopes = [stack, Construct(stack, "Team"), NestedStack(stack, "Nested"), Construct(stack, "A" * 200)]
    alarms = [BillingAlarm(scope, "Alarm", threshold_usd=20, emails=["someone@example.com"]) for scope in scopes]
    names = [alarm.billing_stack.stack_name for alarm in alarms]
    assert names[:2] == ["Titanic-billing-Alarm", "Titanic-Team-Alarm-6E58A2CB-billing"]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 128


def test_an_alarm_that_would_share_the_stack_of_another_is_refused() -> None:
    app = App()
    for region in ("eu-west-1", "eu-central-1"):
        stack = Stack(app, f"In{region}", stack_name="Money", env=Environment(account=ACCOUNT, region=region))
        if region == "eu-west-1":
            BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"])
            continue
        with pytest.raises(InvalidProps, match="the stack 'Money-billing-Alarm' in us-east-1 is that of 'Ineu-west-1/"):
            BillingAlarm(stack, "Alarm", threshold_usd=20, emails=["someone@example.com"])


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        # Source: https://docs.amazonaws.cn/en_us/aws/latest/userguide/billing-and-payment.html
        ("cn-north-1", "its stack is in cn-north-1 of the partition aws-cn, where AWS bills in CNY"),
        # Source: https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/usage-and-payment.html
        ("us-gov-west-1", "aws-us-gov, whose charges are those of the standard AWS account that it belongs to"),
        ("us-iso-east-1", "aws-iso, which has no region us-east-1"),
    ],
)
def test_a_partition_without_such_a_metric_is_refused(region: str, reason: str) -> None:
    with pytest.raises(InvalidProps, match=reason):
        BillingAlarm(stack_in(region), "Alarm", threshold_usd=20, emails=["someone@example.com"])


@pytest.mark.parametrize("threshold", [math.nan, math.inf, -1.0])
def test_a_threshold_that_no_bill_can_exceed_is_refused(threshold: float) -> None:
    with pytest.raises(InvalidProps, match=f"threshold_usd: should be more than 0, got {threshold}"):
        BillingAlarm(stack_in("us-east-1"), "Alarm", threshold_usd=threshold, emails=["someone@example.com"])


def test_an_address_that_is_given_twice_is_refused() -> None:
    addresses = ["someone@example.com", "other@example.com", "someone@example.com"]
    with pytest.raises(InvalidProps, match=r"emails: 'someone@example\.com' is given 2 times; give each address once"):
        BillingAlarm(stack_in("us-east-1"), "Alarm", threshold_usd=20, emails=addresses)


def test_an_address_may_be_a_parameter_of_the_stack() -> None:
    stack = stack_in("us-east-1")
    address = CfnParameter(stack, "Address", default="someone@example.com").value_as_string
    BillingAlarm(stack, "Alarm", threshold_usd=20, emails=[address])
    assert_clean(stack)
    (subscription,) = resources(stack, "AWS::SNS::Subscription")
    assert subscription["Endpoint"] == {"Ref": "Address"}


def test_several_thresholds_of_a_service_are_an_alarm_each_on_its_charges_alone() -> None:
    stack = stack_in("us-east-1")
    alarm = BillingAlarm(
        stack, "Alarm", threshold_usd=[20, 50], service=BilledService.SAGEMAKER, emails=["someone@example.com"]
    )
    assert_clean(stack)
    first, second = resources(stack, "AWS::CloudWatch::Alarm")
    # Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html
    assert first["Dimensions"] == [
        {"Name": "Currency", "Value": "USD"},
        {"Name": "ServiceName", "Value": "AmazonSageMaker"},
    ]
    assert (first["Threshold"], second["Threshold"]) == (20, 50)
    assert second["AlarmDescription"] == (
        "The estimated charges of Amazon SageMaker of this month exceed 50.00 US dollars"
    )
    assert first["AlarmActions"] == second["AlarmActions"]
    assert alarm.alarms == (alarm.alarm, alarm.alarms[1])


@pytest.mark.parametrize(
    ("thresholds", "problem"),
    [
        ([], "threshold_usd: there is none; give at least one amount"),
        ([20, -1], "threshold_usd: should be more than 0, got -1."),
        ([20, 20], "threshold_usd: 20 is given 2 times; give each threshold once."),
    ],
)
def test_thresholds_that_cannot_be_are_refused(thresholds: list[float], problem: str) -> None:
    with pytest.raises(InvalidProps, match=problem):
        BillingAlarm(stack_in("us-east-1"), "Alarm", threshold_usd=thresholds, emails=["someone@example.com"])
