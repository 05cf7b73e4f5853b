"""Who may ask what is owed, and as whom a budget acts, as an emulator with `enforce_iam` decides it."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError
from sagecraft_infra.emulator.process import ask

from tests.emulator.conftest import ACCOUNT

from .enforced import TRUST, Enforced, allow, deny, document

BUDGETS = {**TRUST, "Principal": {"Service": "budgets.amazonaws.com"}}
TODAY = datetime.now(UTC).date()
PERIOD = {"Start": str(TODAY), "End": str(TODAY + timedelta(1))}


def test_cost_explorer_answers_who_may_ask(enforced: Enforced) -> None:
    asks = enforced.as_role(enforced.role("asks", allow("ce:GetTags")), "ce")
    assert "Tags" in asks.get_tags(TimePeriod=PERIOD)
    with pytest.raises(ClientError, match="not authorized to perform: ce:GetDimensionValues"):
        asks.get_dimension_values(TimePeriod=PERIOD, Dimension="SERVICE")


def test_a_budget_does_what_the_role_of_its_action_may_do(enforced: Enforced) -> None:
    budgets, iam = enforced.client("budgets"), enforced.client("iam")
    work = enforced.role("spends")
    policy = iam.create_policy(PolicyName="no-more", PolicyDocument=document(deny("sagemaker:Create*")))["Policy"][
        "Arn"
    ]
    roles = [
        enforced.role("may-attach", allow("iam:AttachRolePolicy", work), trust=(BUDGETS,)),
        enforced.role("may-nothing", trust=(BUDGETS,)),
        enforced.role("trusts-others", allow("iam:AttachRolePolicy", work)),
    ]
    limit = {"Amount": "1", "Unit": "USD"}
    budget = {"BudgetName": "all", "BudgetLimit": limit, "TimeUnit": "MONTHLY", "BudgetType": "COST"}
    budgets.create_budget(AccountId=ACCOUNT, Budget=budget)
    ids = [
        budgets.create_budget_action(
            AccountId=ACCOUNT,
            BudgetName="all",
            NotificationType="ACTUAL",
            ActionType="APPLY_IAM_POLICY",
            ActionThreshold={"ActionThresholdValue": 100, "ActionThresholdType": "PERCENTAGE"},
            Definition={"IamActionDefinition": {"PolicyArn": policy, "Roles": ["spends"]}},
            ExecutionRoleArn=role,
            ApprovalModel="AUTOMATIC",
            Subscribers=[{"SubscriptionType": "EMAIL", "Address": "ann@example.com"}],
        )["ActionId"]
        for role in roles
    ]
    enforced.client("sagemaker").create_notebook_instance(
        NotebookInstanceName="spends", InstanceType="ml.m5.xlarge", RoleArn=work, VolumeSizeInGB=1000
    )
    ask(enforced.emulator.settings.port, "POST", "meter", {"pass_hours": 10})

    ends = []
    for each in ids:
        named = {"AccountId": ACCOUNT, "BudgetName": "all", "ActionId": each}
        last = budgets.describe_budget_action_histories(**named)["ActionHistories"][-1]
        ends.append((last["Status"], last["ActionHistoryDetails"]["Message"]))
    assert ends[0] == ("EXECUTION_SUCCESS", "")
    assert ends[1][0] == ends[2][0] == "EXECUTION_FAILURE"
    assert "is not authorized to perform: iam:AttachRolePolicy" in ends[1][1]
    assert "allows principal 'budgets.amazonaws.com' to assume the role" in ends[2][1]
    attached = iam.list_attached_role_policies(RoleName="spends")["AttachedPolicies"]
    assert [each["PolicyArn"] for each in attached] == [policy]
