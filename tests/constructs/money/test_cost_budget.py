import math
from typing import Any

import pytest
from aws_cdk import App, CfnParameter, Environment, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from sagecraft_constructs import (
    ApprovalModel,
    BilledService,
    CostBudget,
    InvalidProps,
    NotificationType,
    OffSwitch,
)

from tests.constructs.template_checks import assert_clean, template_of

ACCOUNT = "123456789012"
ME = ["someone@example.com"]


def make_stack() -> Stack:
    return Stack(App(), "Churn", env=Environment(account=ACCOUNT, region="eu-west-1"))


def resources(stack: Stack, kind: str) -> list[dict[str, Any]]:
    app = stack.node.root
    assert isinstance(app, App)
    app.synth()
    return [each["Properties"] for each in template_of(stack)["Resources"].values() if each["Type"] == kind]


def test_a_budget_tells_what_is_spent_and_what_is_going_to_be_of_a_tag_and_a_service() -> None:
    stack = make_stack()
    CostBudget(
        stack,
        "Budget",
        monthly_usd=200,
        emails=ME,
        tags={"team": "churn"},
        services=[BilledService.SAGEMAKER, BilledService.of("Amazon Simple Storage Service")],
    )
    assert_clean(stack)
    (budget,) = resources(stack, "AWS::Budgets::Budget")
    assert budget["Budget"] == {
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": 200, "Unit": "USD"},
        "CostFilters": {
            "TagKeyValue": ["user:team$churn"],
            "Service": ["Amazon SageMaker", "Amazon Simple Storage Service"],
        },
    }
    told = [each["Notification"] for each in budget["NotificationsWithSubscribers"]]
    assert [(each["NotificationType"], each["Threshold"]) for each in told] == [
        ("ACTUAL", 80),
        ("ACTUAL", 100),
        ("FORECASTED", 100),
    ]
    by_email = [{"SubscriptionType": "EMAIL", "Address": ME[0]}]
    assert all(each["Subscribers"] == by_email for each in budget["NotificationsWithSubscribers"])


def test_a_budget_of_the_whole_account_has_no_filter() -> None:
    stack = make_stack()
    CostBudget(stack, "Budget", monthly_usd=200, emails=ME)
    (budget,) = resources(stack, "AWS::Budgets::Budget")
    assert "CostFilters" not in budget["Budget"]


def test_budgets_may_publish_to_a_topic_that_is_told_for_this_account() -> None:
    stack = make_stack()
    topic = sns.Topic(stack, "Costs", enforce_ssl=True)
    budget = CostBudget(stack, "Budget", monthly_usd=200, topic=topic, actual_percent=[100], forecast_percent=[])
    stop = sns.Topic(stack, "Stop", enforce_ssl=True)
    budget.notify(stop, at_percent=120)
    assert_clean(stack)
    (found,) = resources(stack, "AWS::Budgets::Budget")
    told = {each["Notification"]["Threshold"]: each["Subscribers"] for each in found["NotificationsWithSubscribers"]}
    assert told == {
        100: [{"SubscriptionType": "SNS", "Address": stack.resolve(topic.topic_arn)}],
        120: [{"SubscriptionType": "SNS", "Address": stack.resolve(stop.topic_arn)}],
    }
    for policy in resources(stack, "AWS::SNS::TopicPolicy"):
        (allowed,) = (each for each in policy["PolicyDocument"]["Statement"] if each["Effect"] == "Allow")
        assert allowed["Principal"] == {"Service": "budgets.amazonaws.com"}
        assert allowed["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_an_action_attaches_a_policy_that_denies_with_a_role_that_can_attach_no_other() -> None:
    stack = make_stack()
    worker = iam.Role(stack, "Worker", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    budget = CostBudget(stack, "Budget", monthly_usd=200, emails=ME)
    denied = budget.deny("NoNewWork", roles=[worker], at_percent=90, approval_model=ApprovalModel.MANUAL)
    assert_clean(stack)
    policy = stack.resolve(denied.managed_policy.managed_policy_arn)
    (action,) = resources(stack, "AWS::Budgets::BudgetsAction")
    assert action == {
        "ActionThreshold": {"Type": "PERCENTAGE", "Value": 90},
        "ActionType": "APPLY_IAM_POLICY",
        "ApprovalModel": "MANUAL",
        "BudgetName": stack.resolve(budget.budget_name),
        "Definition": {"IamActionDefinition": {"PolicyArn": policy, "Roles": [stack.resolve(worker.role_name)]}},
        "ExecutionRoleArn": stack.resolve(denied.execution_role.role_arn),
        "NotificationType": "ACTUAL",
        "Subscribers": [{"Type": "EMAIL", "Address": ME[0]}],
    }
    (managed,) = resources(stack, "AWS::IAM::ManagedPolicy")
    (statement,) = managed["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert {"sagemaker:CreateEndpoint", "sagemaker:CreateTrainingJob", "sagemaker:StartNotebookInstance"} <= set(
        statement["Action"]
    )
    assert not [each for each in statement["Action"] if "Describe" in each or "Stop" in each or "Delete" in each]
    (attaching,) = resources(stack, "AWS::IAM::Policy")
    assert attaching["PolicyDocument"]["Statement"] == [
        {
            "Action": ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
            "Condition": {"ArnEquals": {"iam:PolicyARN": policy}},
            "Effect": "Allow",
            "Resource": stack.resolve(worker.role_arn),
        }
    ]
    (trust,) = (
        each["AssumeRolePolicyDocument"]["Statement"][0]
        for each in resources(stack, "AWS::IAM::Role")
        if each.get("Description", "").startswith("Attaches")
    )
    assert trust["Principal"] == {"Service": "budgets.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_a_token_is_taken_for_an_amount() -> None:
    stack = make_stack()
    amount = CfnParameter(stack, "Limit", type="Number").value_as_number
    CostBudget(stack, "Budget", monthly_usd=amount, emails=ME)
    (budget,) = resources(stack, "AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"]["Amount"] == {"Ref": "Limit"}


@pytest.mark.parametrize(
    ("props", "problem"),
    [
        ({"monthly_usd": 0}, "monthly_usd: should be more than 0, got 0."),
        ({"monthly_usd": -5}, "monthly_usd: should be more than 0, got -5."),
        ({"monthly_usd": math.inf}, "monthly_usd: should be more than 0, got inf."),
        ({"emails": []}, "emails: nobody would be told; give an address, or a 'topic'."),
        ({"emails": ["me"]}, "emails: 'me' is no email address; write it like name@example.com."),
        ({"emails": [f"a{n}@example.com" for n in range(11)]}, "emails: a budget tells up to 10 addresses, got 11"),
        ({"actual_percent": [80, 0]}, "actual_percent: should be more than 0, got 0."),
        ({"actual_percent": [80, 80]}, "actual_percent: 80 is given 2 times; give each percentage once."),
        (
            {"actual_percent": [], "forecast_percent": []},
            "actual_percent: 1 to 10 percentages are allowed together, got 0",
        ),
        ({"tags": {"team": ""}}, "tags: '' of 'team' should have 1 to 256 letters"),
        ({"tags": {"": "churn"}}, "tags: '' should have 1 to 128 letters"),
        ({"tags": {"team": "a", "stage": "b"}}, "tags: a budget counts by the values of one tag, got 'team', 'stage'"),
        ({"services": ["Amazon SageMaker"]}, "services: should be a sequence of BilledService, got"),
    ],
)
def test_what_cannot_be_a_budget_is_refused(props: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidProps) as caught:
        CostBudget(make_stack(), "Budget", **{"monthly_usd": 200, "emails": ME, **props})
    assert problem in str(caught.value)


def test_a_misspelt_service_is_refused_with_what_was_meant() -> None:
    with pytest.raises(InvalidProps, match=r"'Amazon Sagemaker' is no service .* Did you mean 'Amazon SageMaker'"):
        BilledService.of("Amazon Sagemaker")


def test_what_a_budget_cannot_do_is_refused() -> None:
    stack = make_stack()
    budget = CostBudget(stack, "Budget", monthly_usd=200, emails=ME)
    with pytest.raises(InvalidProps, match="roles: there is nobody to take permissions from"):
        budget.deny("Nobody")
    worker = iam.Role(stack, "Worker", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    with pytest.raises(InvalidProps, match="'CreateEndpoint' is no action of IAM's"):
        budget.deny("Misspelt", roles=[worker], actions=["CreateEndpoint"])
    with pytest.raises(InvalidProps, match="at_percent: should be more than 0, got -1"):
        budget.deny("Negative", roles=[worker], at_percent=-1)
    budget.notify(sns.Topic(stack, "One", enforce_ssl=True))
    with pytest.raises(InvalidProps, match=r"another topic is told at 100 percent \(ACTUAL\) already"):
        budget.notify(sns.Topic(stack, "Two", enforce_ssl=True))
    budget.notify(sns.Topic(stack, "Three", enforce_ssl=True), notification_type=NotificationType.FORECASTED)


def test_a_budget_that_exists_takes_permissions_away_and_tells_who_is_named() -> None:
    stack = make_stack()
    role = iam.Role.from_role_name(stack, "Scientist", "scientist")
    budget = CostBudget.from_budget_name(stack, "Budget", "team-churn", emails=ME)
    budget.deny("NoNewWork", roles=[role], at_percent=90)
    assert_clean(stack)
    (action,) = resources(stack, "AWS::Budgets::BudgetsAction")
    assert (action["BudgetName"], action["ActionThreshold"]) == ("team-churn", {"Type": "PERCENTAGE", "Value": 90})
    assert action["Subscribers"] == [{"Type": "EMAIL", "Address": ME[0]}]
    assert resources(stack, "AWS::Budgets::Budget") == []
    for name in ("", "a:b", "a\\b", "x" * 101, "a/action/b"):
        with pytest.raises(InvalidProps, match="budget_name: should be 1 to 100 characters"):
            CostBudget.from_budget_name(stack, f"Named{len(name)}", name, emails=ME)
    with pytest.raises(InvalidProps, match="nobody would be told"):
        CostBudget.from_budget_name(stack, "Silent", "team-churn")
    with pytest.raises(InvalidProps, match="budget: should be a CostBudget"):
        OffSwitch(stack, "Switch", tags={"team": "churn"}, emails=ME).stop_at(budget)  # type: ignore[arg-type]
