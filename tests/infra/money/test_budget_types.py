"""Budgets with actions, and monitors of anomalies, from a stack: made, changed, replaced, taken away.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budgetsaction.html,
…/aws-resource-ce-anomalymonitor.html, …/aws-resource-ce-anomalysubscription.html
"""

from typing import Any

import pytest
from aws_cdk import App, Stack
from aws_cdk import aws_iam as iam
from sagecraft_constructs import AnomalyFrequency, ApprovalModel, CostAnomalyMonitor, CostBudget
from sagecraft_infra.errors import WorkFailed
from sagecraft_infra.testing.emulator import RunningEmulator
from sagecraft_infra.testing.outputs import Deploy

ME = ["someone@example.com"]


def declared(
    *, at_percent: float = 100, usd: float = 20, team: str = "churn", name: str = "Money", no_tag: bool = False
) -> Stack:
    stack = Stack(App(), name)
    worker = iam.Role(stack, "Worker", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    budget = CostBudget(stack, "Budget", monthly_usd=100, emails=ME)
    budget.deny("Deny", roles=[worker], at_percent=at_percent, approval_model=ApprovalModel.MANUAL)
    watched: dict[str, Any] = {} if no_tag else {"tag": "team", "tag_values": [team]}
    CostAnomalyMonitor(stack, "Anomalies", threshold_usd=usd, emails=ME, frequency=AnomalyFrequency.WEEKLY, **watched)
    return stack


def test_actions_and_monitors_are_made_changed_replaced_and_taken_away(
    sagecraft_emulator: RunningEmulator, sagecraft_deploy: Deploy
) -> None:
    budgets, explorer = sagecraft_emulator.client("budgets"), sagecraft_emulator.client("ce")

    def action() -> dict[str, Any]:
        (found,) = budgets.describe_budget_actions_for_account(AccountId=sagecraft_emulator.account)["Actions"]
        return dict(found)

    def watched() -> tuple[dict[str, Any], dict[str, Any]]:
        (monitor,) = explorer.get_anomaly_monitors()["AnomalyMonitors"]
        found = explorer.get_anomaly_subscriptions(MonitorArn=monitor["MonitorArn"])["AnomalySubscriptions"]
        return monitor, found[0]

    sagecraft_deploy(declared())
    made = action()
    assert (made["Status"], made["ApprovalModel"], made["ActionType"]) == ("STANDBY", "MANUAL", "APPLY_IAM_POLICY")
    assert made["ActionThreshold"] == {"ActionThresholdValue": 100.0, "ActionThresholdType": "PERCENTAGE"}
    assert made["Subscribers"] == [{"SubscriptionType": "EMAIL", "Address": ME[0]}]
    assert len(made["Definition"]["IamActionDefinition"]["Roles"]) == 1
    monitor, subscription = watched()
    assert monitor["MonitorSpecification"] == {"Tags": {"Key": "team", "Values": ["churn"]}}
    assert (subscription["Frequency"], subscription["Subscribers"]) == ("WEEKLY", [{"Type": "EMAIL", "Address": ME[0]}])

    sagecraft_deploy(declared(at_percent=90, usd=30))
    assert (action()["ActionId"], action()["ActionThreshold"]["ActionThresholdValue"]) == (made["ActionId"], 90.0)
    same, changed = watched()
    assert same["MonitorArn"] == monitor["MonitorArn"]
    assert changed["SubscriptionArn"] == subscription["SubscriptionArn"]
    assert changed["ThresholdExpression"]["Dimensions"]["Values"] == ["30"]

    sagecraft_deploy(declared(team="fraud"))
    other, follows = watched()  # the one before is gone
    assert other["MonitorArn"] != monitor["MonitorArn"]
    assert follows["MonitorArnList"] == [other["MonitorArn"]]

    # An account has one monitor of its services: https://github.com/hashicorp/terraform-provider-aws/issues/30379
    sagecraft_deploy(declared(no_tag=True))
    with pytest.raises(WorkFailed, match="Limit exceeded on dimensional spend monitor creation"):
        sagecraft_deploy(declared(no_tag=True, name="Again"))
