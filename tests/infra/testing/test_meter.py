"""What an account would owe AWS, and what follows: an alarm, a budget's topic, a budget's policy."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sagecraft_infra.emulator.meter import Bill
from sagecraft_infra.emulator.process import ask
from sagecraft_infra.errors import UserError
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.meter import Meter

from tests.clients import client

ACCOUNT = "414141414141"
ROLE = f"arn:aws:iam::{ACCOUNT}:role"
Clients = Callable[[str], Any]


@pytest.fixture(scope="module")
def clients(sagecraft_emulator: RunningEmulator) -> Clients:
    return lambda service: client(service, sagecraft_emulator.endpoint_url, account=ACCOUNT)


@pytest.fixture(scope="module")
def notebook(clients: Clients) -> str:
    """Of team churn, at 0.23 USD an hour and 0.14 a month for each of its GB."""
    for name, service in (("work", "sagemaker"), ("acts", "budgets"), ("wrong", "lambda")):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        clients("iam").create_role(
            RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )
    clients("sagemaker").create_notebook_instance(
        NotebookInstanceName="dear",
        InstanceType="ml.m5.xlarge",
        RoleArn=f"{ROLE}/work",
        Tags=[{"Key": "team", "Value": "churn"}],
    )
    clients("sagemaker").get_waiter("notebook_instance_in_service").wait(
        NotebookInstanceName="dear", WaiterConfig={"Delay": 1}
    )
    return "dear"


@pytest.fixture
def inbox(clients: Clients, request: pytest.FixtureRequest) -> tuple[str, Callable[[], list[dict[str, str]]]]:
    """A topic, and what its subscriber got."""
    name = request.function.__name__[:60]
    sqs, sns = clients("sqs"), clients("sns")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    topic: str = sns.create_topic(Name=name)["TopicArn"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)

    def got() -> list[dict[str, str]]:
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(each["Body"]) for each in received]

    return topic, got


def pass_hours(emulator: RunningEmulator, hours: float) -> None:
    ask(emulator.settings.port, "POST", "meter", {"pass_hours": hours, "account": ACCOUNT})


def test_an_alarm_on_the_charges_of_its_own_dimensions_tells_its_subscriber(
    sagecraft_emulator: RunningEmulator, clients: Clients, notebook: str, inbox: Any
) -> None:
    del notebook
    topic, got = inbox
    currency = {"Name": "Currency", "Value": "USD"}
    for name, service in (("all", None), ("sagemaker", "AmazonSageMaker"), ("s3", "AmazonS3")):
        clients("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace="AWS/Billing",
            MetricName="EstimatedCharges",
            Dimensions=[currency, *([{"Name": "ServiceName", "Value": service}] if service else [])],
            Statistic="Maximum",
            Period=21600,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            AlarmActions=[topic],
        )
    pass_hours(sagecraft_emulator, 10)
    alarms = clients("cloudwatch").describe_alarms()["MetricAlarms"]
    states = {each["AlarmName"]: each["StateValue"] for each in alarms}
    assert states == {"all": "ALARM", "sagemaker": "ALARM", "s3": "INSUFFICIENT_DATA"}
    assert sorted(each["Subject"] for each in got()) == ['ALARM: "all" in us-east-1', 'ALARM: "sagemaker" in us-east-1']
    bill = Bill.of(ask(sagecraft_emulator.settings.port, "GET", f"meter?account={ACCOUNT}"))
    today = datetime.now(UTC).date()
    answer = clients("ce").get_cost_and_usage(
        TimePeriod={"Start": str(today), "End": str(today + timedelta(1))},
        Granularity="DAILY",
        Metrics=["UnblendedCost"],
    )
    told = answer["ResultsByTime"][0]["Total"]["UnblendedCost"]["Amount"]
    assert float(told) == pytest.approx(float(bill.usd), abs=0.005)
    assert bill.usd > 2


def budget(topic: str, **members: Any) -> dict[str, Any]:
    told = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 50.0}
    subscribers = [
        {"SubscriptionType": "SNS", "Address": topic},
        {"SubscriptionType": "EMAIL", "Address": "ann@example.com"},
    ]
    return {
        "AccountId": ACCOUNT,
        "Budget": {
            "BudgetName": "team",
            "BudgetLimit": {"Amount": "100", "Unit": "USD"},
            "TimeUnit": "MONTHLY",
            "BudgetType": "COST",
            "CostFilters": {"TagKeyValue": ["user:team$churn"]},
            **members,
        },
        "NotificationsWithSubscribers": [{"Notification": told, "Subscribers": subscribers}],
    }


def test_a_budget_tells_its_topic_and_denies_what_it_should(
    sagecraft_emulator: RunningEmulator, clients: Clients, notebook: str, inbox: Any
) -> None:
    del notebook
    topic, got = inbox
    budgets, iam = clients("budgets"), clients("iam")
    denial = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*"}],
    }
    policy = iam.create_policy(PolicyName="deny", PolicyDocument=json.dumps(denial))["Policy"]["Arn"]
    budgets.create_budget(**budget(topic))
    budgets.create_budget(**budget(topic, BudgetName="other", CostFilters={"TagKeyValue": ["user:team$fraud"]}))

    def action(role: str, approval: str = "AUTOMATIC") -> dict[str, str]:
        made = budgets.create_budget_action(
            AccountId=ACCOUNT,
            BudgetName="team",
            NotificationType="ACTUAL",
            ActionType="APPLY_IAM_POLICY",
            ActionThreshold={"ActionThresholdValue": 100, "ActionThresholdType": "PERCENTAGE"},
            Definition={"IamActionDefinition": {"PolicyArn": policy, "Roles": ["work"]}},
            ExecutionRoleArn=f"{ROLE}/{role}",
            ApprovalModel=approval,
            Subscribers=[{"SubscriptionType": "SNS", "Address": topic}],
        )
        return {"AccountId": ACCOUNT, "BudgetName": "team", "ActionId": made["ActionId"]}

    def statuses() -> list[str]:
        found = budgets.describe_budget_actions_for_budget(AccountId=ACCOUNT, BudgetName="team")["Actions"]
        return [each["Status"] for each in found]

    def policies() -> list[str]:
        return [each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName="work")["AttachedPolicies"]]

    acts, _, waits = action("acts"), action("wrong"), action("acts", "MANUAL")
    pass_hours(sagecraft_emulator, 250)
    told = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="team")["Budget"]["CalculatedSpend"]
    assert 50 < float(told["ActualSpend"]["Amount"]) < float(told["ForecastedSpend"]["Amount"])
    assert [each["Subject"] for each in got()] == ["AWS Budgets: team has exceeded your alert threshold"]
    assert (statuses(), policies()) == (["STANDBY"] * 3, [])

    pass_hours(sagecraft_emulator, 250)
    assert (statuses(), policies()) == (["EXECUTION_SUCCESS", "EXECUTION_FAILURE", "PENDING"], [policy])
    assert len(got()) == 3  # of each action; of the threshold it was told
    budgets.execute_budget_action(**acts, ExecutionType="REVERSE_BUDGET_ACTION")
    assert (statuses()[0], policies()) == ("REVERSE_SUCCESS", [])
    budgets.execute_budget_action(**waits, ExecutionType="APPROVE_BUDGET_ACTION")
    assert (statuses()[2], policies()) == ("EXECUTION_SUCCESS", [policy])
    history = budgets.describe_budget_action_histories(**waits)["ActionHistories"]
    assert [each["Status"] for each in history] == ["STANDBY", "PENDING", "EXECUTION_IN_PROGRESS", "EXECUTION_SUCCESS"]
    with pytest.raises(budgets.exceptions.ResourceLockedException):
        budgets.execute_budget_action(**waits, ExecutionType="APPROVE_BUDGET_ACTION")
    budgets.delete_budget(AccountId=ACCOUNT, BudgetName="team")
    assert budgets.describe_budget_actions_for_account(AccountId=ACCOUNT)["Actions"] == []


@pytest.mark.parametrize("hours", [0, -1, 1e9, "ten", None, True])
def test_other_hours_cannot_pass(sagecraft_emulator: RunningEmulator, hours: Any) -> None:
    with pytest.raises(UserError, match='"pass_hours" must be a number above 0 and up to 87600'):
        Meter(sagecraft_emulator).pass_hours(hours)


def test_a_bill_is_told_with_what_is_not_known() -> None:
    free = {"usd": "0", "usd_an_hour": "0", "unpriced": []}
    assert Bill.of({**free, "usd": "0.004"}).told == "On AWS this would have cost less than $0.01 so far."
    told = Bill.of({"usd": "1234.5", "usd_an_hour": "0.23", "unpriced": ["ml.new.large"]}).told
    assert told == (
        "On AWS this would have cost at least $1,234.50 so far, and costs at least $0.23 an hour from now on. "
        "No price is known of ml.new.large."
    )
