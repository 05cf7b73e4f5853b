import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Duration, Environment, Stack, Tags, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sagemaker as sagemaker
from aws_cdk import aws_sns as sns
from aws_cdk.aws_scheduler import ScheduleExpression
from sagecraft_catalog.charge.estimate import estimate
from sagecraft_catalog.charge.resource import StackTemplate
from sagecraft_catalog.charge.rules import RULES
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_constructs import CostBudget, InvalidProps, OffSwitch, Stoppable
from sagecraft_constructs.handlers.off_switch.prices import FILE
from sagecraft_constructs.money.off_switch_code import _Bundling

from tests.constructs.template_checks import assert_clean, template_of

ACCOUNT = "123456789012"
ME = ["someone@example.com"]
EVENING = ScheduleExpression.cron(hour="19", minute="0", time_zone=TimeZone.EUROPE_BERLIN)


def make_stack() -> Stack:
    return Stack(App(), "Churn", env=Environment(account=ACCOUNT, region="eu-west-1"))


def resources(stack: Stack, kind: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in template_of(stack)["Resources"].values() if each["Type"] == kind]


@pytest.fixture(scope="module")
def switched() -> Stack:
    """A switch that does all that it can."""
    stack = make_stack()
    key = kms.Key(stack, "Key", enable_key_rotation=True)
    switch = OffSwitch(
        stack,
        "Switch",
        tags={"team": "churn"},
        emails=ME,
        idle_time=Duration.hours(1),
        max_runtime=Duration.hours(8),
        off_at=EVENING,
        on_at=ScheduleExpression.cron(hour="7", minute="0"),
        encryption_keys=[key],
    )
    switch.stop_at(CostBudget(stack, "Budget", monthly_usd=100, emails=ME), at_percent=110)
    switch.grant_switch(iam.Role(stack, "Operator", assumed_by=iam.AccountRootPrincipal()))
    assert_clean(stack)
    return stack


def test_it_is_switched_at_its_times_and_looks_four_times_within_the_shortest(switched: Stack) -> None:
    schedules = {
        json.loads(each["Target"]["Input"])["Switch"]: each for each in resources(switched, "AWS::Scheduler::Schedule")
    }
    told = {
        switch: (each["ScheduleExpression"], each.get("ScheduleExpressionTimezone"))
        for switch, each in schedules.items()
    }
    assert told == {
        "Off": ("cron(0 19 * * ? *)", "Europe/Berlin"),
        "On": ("cron(0 7 * * ? *)", "Etc/UTC"),
        "Check": ("rate(15 minutes)", "Etc/UTC"),
    }


def test_it_may_stop_and_start_nothing_but_what_carries_its_tags(switched: Stack) -> None:
    statements = [
        statement
        for policy in resources(switched, "AWS::IAM::Policy")
        for statement in policy["PolicyDocument"]["Statement"]
    ]

    def of(*verbs: str) -> list[dict[str, Any]]:
        def actions(statement: dict[str, Any]) -> list[str]:
            given = statement["Action"]
            return given if isinstance(given, list) else [given]

        return [each for each in statements if any(f":{verb}" in action for verb in verbs for action in actions(each))]

    changes = of("Stop", "Start", "DeleteEndpoint", "DeleteApp")
    assert len(changes) == 8
    assert all(each["Condition"] == {"StringEquals": {"aws:ResourceTag/team": "churn"}} for each in changes)
    requested = {"StringEquals": {"aws:RequestTag/team": "churn"}}
    (made,) = [each for each in of("AddTags") if "sagemaker:CreateEndpoint" in each["Action"]]
    assert made["Condition"] == requested
    tagged, given = of("kms:CreateGrant", "CreateGrant")
    assert tagged["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": {"aws:ResourceTag/team": "churn"},
    }
    assert given["Resource"] != "*"
    everywhere = {action for each in statements if each["Resource"] == "*" for action in each["Action"]}
    assert everywhere == {"cloudwatch:GetMetricStatistics", "sagemaker:ListApps", "tag:GetResources"}


def test_a_budget_may_publish_to_the_topic_that_switches_off(switched: Stack) -> None:
    (key,) = (
        each["KeyPolicy"]["Statement"]
        for each in resources(switched, "AWS::KMS::Key")
        if each.get("Description", "").startswith("Encrypts reports")
    )
    principals = [each["Principal"].get("Service") for each in key]
    assert "budgets.amazonaws.com" in principals
    by_lambda = [each for each in resources(switched, "AWS::SNS::Subscription") if each["Protocol"] == "lambda"]
    assert len(by_lambda) == 1


def test_a_switch_of_one_kind_has_the_permissions_of_that_kind_alone() -> None:
    stack = make_stack()
    OffSwitch(stack, "Switch", tags={"team": "churn"}, emails=ME, kinds=[Stoppable.NOTEBOOK_INSTANCE], off_at=EVENING)
    assert_clean(stack)
    text = json.dumps(resources(stack, "AWS::IAM::Policy"))
    assert "sagemaker:StopNotebookInstance" in text
    assert not [other for other in ("Endpoint", "App", "Job") if f"{other}" in text.replace("AppSpec", "")]


def test_a_topic_that_is_there_gets_the_reports() -> None:
    stack = make_stack()
    topic = sns.Topic.from_topic_arn(stack, "Told", f"arn:aws:sns:eu-west-1:{ACCOUNT}:told")
    switch = OffSwitch(stack, "Switch", tags={"team": "churn"}, topic=topic)
    assert_clean(stack)
    assert switch.topic is topic
    (function,) = resources(stack, "AWS::Lambda::Function")
    assert function["Environment"]["Variables"]["TOPIC_ARN"] == topic.topic_arn
    assert not resources(stack, "AWS::SNS::Topic")


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"tags": {}}, "tags: there is none; name at least one tag"),
        ({"tags": {"team": ""}}, "tags: '' of 'team' should have 1 to 256 letters"),
        ({"emails": []}, "emails: nobody would be told; give an address, or a 'topic'"),
        ({"idle_time": Duration.minutes(4)}, "idle_time: should be from 5 minutes to 14 days, got 4 minutes."),
        ({"max_runtime": Duration.days(29)}, "max_runtime: should be from 5 minutes to 28 days, got 29 days."),
        ({"kinds": []}, "kinds: nothing would be stopped; name at least one"),
        (
            {"kinds": [Stoppable.JOB], "off_at": EVENING},
            "off_at: has no use for the 'kinds' that are given; add Stoppable.ENDPOINT, Stoppable.NOTEBOOK_INSTANCE",
        ),
        (
            {"kinds": [Stoppable.NOTEBOOK_INSTANCE], "idle_time": Duration.hours(1)},
            "idle_time: has no use for the 'kinds' that are given; add Stoppable.ENDPOINT, Stoppable.STUDIO_APP",
        ),
    ],
)
def test_what_cannot_be_a_switch_is_refused(props: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidProps) as caught:
        OffSwitch(make_stack(), "Switch", **{"tags": {"team": "churn"}, "emails": ME, **props})
    assert problem in str(caught.value)


def test_what_it_saves_is_counted_before_it_is_deployed() -> None:
    stack = make_stack()
    weekdays = {
        hour: ScheduleExpression.cron(week_day="MON-FRI", hour=hour, minute="0", time_zone=TimeZone.EUROPE_BERLIN)
        for hour in ("7", "19")
    }
    OffSwitch(stack, "Switch", tags={"team": "churn"}, emails=ME, off_at=weekdays["19"], on_at=weekdays["7"])
    for name in ("Ours", "Theirs"):
        variant = sagemaker.CfnEndpointConfig.ProductionVariantProperty(
            variant_name="A", model_name="m", instance_type="ml.m5.large", initial_instance_count=1
        )
        config = sagemaker.CfnEndpointConfig(stack, f"{name}Config", production_variants=[variant])
        made = sagemaker.CfnEndpoint(stack, name, endpoint_config_name=config.attr_endpoint_config_name)
        if name == "Ours":
            Tags.of(made).add("team", "churn")
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    template = StackTemplate("Churn", "eu-west-1", template_of(stack))
    notes = {
        each.resource.path: each.charges[0].charge.note
        for each in estimate([template], bundled_prices(), RULES).resources
        if each.resource.type == "AWS::SageMaker::Endpoint"
    }
    assert notes == {"Churn/Ours": "260.7 h by its off switch", "Churn/Theirs": ""}


def test_the_prices_in_its_code_have_one_order(tmp_path: Path) -> None:
    """Python's sets have another one in each process, and other code would be another deployment."""
    assert _Bundling(["us-east-1"]).try_bundle(str(tmp_path))
    (file,) = tmp_path.rglob(FILE)
    prices = json.loads(file.read_text(encoding="utf-8"))
    hosting = prices["us-east-1"]["hosting"]
    assert len(hosting) > 100
    assert list(hosting) == sorted(hosting)
