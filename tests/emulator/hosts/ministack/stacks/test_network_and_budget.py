"""Budgets, flow logs and rules of security groups from CloudFormation, and what of them is changed in place.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-budgets-budget.html,
…/aws-resource-ec2-flowlog.html, …/aws-resource-ec2-securitygroupingress.html
"""

import json
from typing import Any

from tests.emulator.conftest import ACCOUNT, RunningEmulator

from .test_bucket import settled

TOLD = [
    {
        "Notification": {
            "NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN",
            "Threshold": 80,
            "ThresholdType": "PERCENTAGE",
        },
        "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "lead@example.com"}],
    }
]


def template(*, usd: int = 500, name: str | None = None, traffic: str = "ALL", port: int = 443, said: str = "a") -> str:
    budget = {
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": usd, "Unit": "USD"},
        "CostFilters": {"TagKeyValue": ["user:team$churn"]},
        **({} if name is None else {"BudgetName": name}),
    }
    flow_log = {
        "ResourceId": {"Ref": "Vpc"},
        "ResourceType": "VPC",
        "TrafficType": traffic,
        "LogGroupName": "traffic",
        "Tags": [{"Key": "said", "Value": said}],
    }
    rule = {
        "GroupId": {"Fn::GetAtt": ["Group", "GroupId"]},
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "CidrIp": "10.0.0.0/16",
        "Description": said,
    }
    declared: dict[str, tuple[str, dict[str, Any]]] = {
        "Budget": ("Budgets::Budget", {"Budget": budget, "NotificationsWithSubscribers": TOLD}),
        "Vpc": ("EC2::VPC", {"CidrBlock": "10.0.0.0/16"}),
        "Group": ("EC2::SecurityGroup", {"GroupDescription": "work", "VpcId": {"Ref": "Vpc"}}),
        "FlowLog": ("EC2::FlowLog", flow_log),
        "Ingress": ("EC2::SecurityGroupIngress", rule),
        "Egress": ("EC2::SecurityGroupEgress", rule),
    }
    resources = {each: {"Type": f"AWS::{kind}", "Properties": given} for each, (kind, given) in declared.items()}
    return json.dumps({"Resources": resources})


def ids(emulator: RunningEmulator) -> dict[str, str]:
    listed = emulator.client("cloudformation").list_stack_resources(StackName="Network")["StackResourceSummaries"]
    return {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in listed}


def test_budgets_flow_logs_and_rules_are_made_changed_and_taken_away(emulator: RunningEmulator) -> None:
    cloudformation, ec2, budgets = (emulator.client(service) for service in ("cloudformation", "ec2", "budgets"))

    def group() -> list[tuple[int, str]]:
        """The ports of the rules, and what describes them: what may come in, and what may go out."""
        (found,) = ec2.describe_security_groups(GroupIds=[ids(emulator)["Group"]])["SecurityGroups"]
        rules = [*found["IpPermissions"], *found["IpPermissionsEgress"]]
        return [(each["FromPort"], each["IpRanges"][0]["Description"]) for each in rules if "FromPort" in each]

    def limits() -> list[tuple[str, str]]:
        found = budgets.describe_budgets(AccountId=ACCOUNT).get("Budgets", [])
        return [(each["BudgetName"], each["BudgetLimit"]["Amount"]) for each in found]

    cloudformation.create_stack(StackName="Network", TemplateBody=template())
    assert settled(emulator, "Network") == "CREATE_COMPLETE"
    made = ids(emulator)
    assert limits() == [(made["Budget"], "500")]
    notified = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=made["Budget"])["Notifications"]
    assert [each["Threshold"] for each in notified] == [80.0]
    (flow_log,) = ec2.describe_flow_logs()["FlowLogs"]
    assert (flow_log["FlowLogId"], flow_log["ResourceId"]) == (made["FlowLog"], made["Vpc"])
    assert group() == [(443, "a")] * 2

    cloudformation.update_stack(StackName="Network", TemplateBody=template(usd=600, said="b"))
    assert settled(emulator, "Network") == "UPDATE_COMPLETE"
    assert ids(emulator) == made
    assert limits() == [(made["Budget"], "600")]
    assert ec2.describe_flow_logs()["FlowLogs"][0]["Tags"] == [{"Key": "said", "Value": "b"}]
    assert group() == [(443, "b")] * 2

    other = template(name="ours", traffic="REJECT", port=80, said="b")
    cloudformation.update_stack(StackName="Network", TemplateBody=other)
    assert settled(emulator, "Network") == "UPDATE_COMPLETE"
    replaced = {name for name, physical_id in ids(emulator).items() if physical_id != made[name]}
    assert replaced == {"Budget", "Egress", "FlowLog", "Ingress"}
    assert limits() == [("ours", "500")]
    assert [each["TrafficType"] for each in ec2.describe_flow_logs()["FlowLogs"]] == ["REJECT"]
    assert group() == [(80, "b")] * 2

    cloudformation.delete_stack(StackName="Network")
    assert settled(emulator, "Network") == "gone"
    assert limits() == ec2.describe_flow_logs()["FlowLogs"] == []


def test_a_rule_of_a_group_that_is_not_there_fails_its_stack(emulator: RunningEmulator) -> None:
    rule = {"GroupId": "sg-0123456789abcdef0", "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"}
    resources = {"Rule": {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": rule}}
    cloudformation = emulator.client("cloudformation")
    cloudformation.create_stack(StackName="Rule", TemplateBody=json.dumps({"Resources": resources}))
    assert settled(emulator, "Rule") == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="Rule")["StackEvents"]
    assert any("'sg-0123456789abcdef0' does not exist" in each.get("ResourceStatusReason", "") for each in events)
