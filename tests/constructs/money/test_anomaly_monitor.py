import json
from typing import Any

import pytest
from aws_cdk import App, Environment, Stack
from aws_cdk import aws_sns as sns
from sagecraft_constructs import AnomalyFrequency, CostAnomalyMonitor, InvalidProps

from tests.constructs.template_checks import assert_clean, template_of

ME = ["someone@example.com"]


def make_stack() -> Stack:
    return Stack(App(), "Churn", env=Environment(account="123456789012", region="eu-west-1"))


def resources(stack: Stack, kind: str) -> list[dict[str, Any]]:
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    return [each["Properties"] for each in template_of(stack)["Resources"].values() if each["Type"] == kind]


def test_the_charges_of_a_tag_are_watched_and_who_reads_emails_and_topics_is_told_in_their_ways() -> None:
    stack = make_stack()
    topic = sns.Topic(stack, "Costs", enforce_ssl=True)
    monitor = CostAnomalyMonitor(
        stack,
        "Anomalies",
        threshold_usd=20,
        threshold_percent=12.5,
        emails=ME,
        topic=topic,
        frequency=AnomalyFrequency.WEEKLY,
        tag="team",
        tag_values=["churn"],
    )
    assert_clean(stack)
    (found,) = resources(stack, "AWS::CE::AnomalyMonitor")
    assert (found["MonitorType"], json.loads(found["MonitorSpecification"])) == (
        "CUSTOM",
        {"Tags": {"Key": "team", "Values": ["churn"]}},
    )
    by_email, by_topic = resources(stack, "AWS::CE::AnomalySubscription")
    assert by_email["Subscribers"] == [{"Type": "EMAIL", "Address": ME[0]}]
    assert by_topic["Subscribers"] == [{"Type": "SNS", "Address": stack.resolve(topic.topic_arn)}]
    # Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_AnomalySubscription.html
    assert (by_email["Frequency"], by_topic["Frequency"]) == ("WEEKLY", "IMMEDIATE")
    assert by_email["MonitorArnList"] == [stack.resolve(monitor.monitor_arn)]
    assert json.loads(by_email["ThresholdExpression"]) == {
        "And": [
            {
                "Dimensions": {
                    "Key": f"ANOMALY_TOTAL_IMPACT_{kind}",
                    "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "Values": [least],
                }
            }
            for kind, least in (("ABSOLUTE", "20"), ("PERCENTAGE", "12.5"))
        ]
    }
    (policy,) = resources(stack, "AWS::SNS::TopicPolicy")
    allowed = [each["Principal"] for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow"]
    assert allowed == [{"Service": "costalerts.amazonaws.com"}]


def test_without_a_tag_each_service_is_watched() -> None:
    stack = make_stack()
    CostAnomalyMonitor(stack, "Anomalies", threshold_usd=20, emails=ME)
    assert_clean(stack)
    (found,) = resources(stack, "AWS::CE::AnomalyMonitor")
    assert (found["MonitorType"], found["MonitorDimension"]) == ("DIMENSIONAL", "SERVICE")


def test_an_existing_monitor_tells_who_subscribes_to_it() -> None:
    stack = make_stack()
    arn = "arn:aws:ce::123456789012:anomalymonitor/12345678-abcd-ef12-3456-987654321a12"
    CostAnomalyMonitor.from_monitor_arn(stack, "Anomalies", arn).subscribe("Me", threshold_usd=20, emails=ME)
    assert_clean(stack)
    (subscription,) = resources(stack, "AWS::CE::AnomalySubscription")
    assert subscription["MonitorArnList"] == [arn]
    assert not resources(stack, "AWS::CE::AnomalyMonitor")


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"threshold_usd": 0}, "threshold_usd: should be more than 0, got 0."),
        ({"threshold_percent": -1}, "threshold_percent: should be more than 0, got -1."),
        ({"emails": []}, "emails: nobody would be told"),
        ({"emails": [f"a{n}@example.com" for n in range(11)]}, "emails: up to 10 addresses are told, got 11"),
        ({"tag": "team"}, "tag_values: a tag needs values, and values their tag"),
        ({"tag_values": ["churn"]}, "tag_values: a tag needs values, and values their tag"),
        ({"tag": "team", "tag_values": [""]}, "tag_values: '' of 'team' should have 1 to 256"),
        ({"tag": "team", "tag_values": [*map(str, range(11))]}, "tag_values: a monitor takes up to 10 values, got 11."),
    ],
)
def test_what_cannot_be_a_monitor_is_refused(props: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidProps) as caught:
        CostAnomalyMonitor(make_stack(), "Anomalies", **{"threshold_usd": 20, "emails": ME, **props})
    assert problem in str(caught.value)
