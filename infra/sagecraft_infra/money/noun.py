"""What this room is told of budgets, and of the alarms and topics that tell of charges."""

from typing import Final

from sagecraft_catalog.charge import surroundings as charged

from sagecraft_infra.noun.component import Component
from sagecraft_infra.noun.look import Kind, Look
from sagecraft_infra.noun.noun import Noun

_BILLING_REGION: Final = "us-east-1"
"""As `sagecraft_constructs.money.billing_alarm` has it: AWS tells of charges there alone."""

MONEY: Final = Noun(
    look=Look(
        shown={
            "AWS::CloudWatch::Alarm": (Kind.MONITORING, "Alarm"),
            "AWS::CloudWatch::CompositeAlarm": (Kind.MONITORING, "Composite alarm"),
            "AWS::CloudWatch::Dashboard": (Kind.MONITORING, "Dashboard"),
            "AWS::Budgets::Budget": (Kind.MONITORING, "Budget"),
            "AWS::Budgets::BudgetsAction": (Kind.MONITORING, "Budget action"),
            "AWS::CE::AnomalyMonitor": (Kind.MONITORING, "Cost anomaly monitor"),
            "AWS::SNS::Topic": (Kind.MONITORING, "Topic"),
        },
        serves={
            "AWS::CE::AnomalySubscription": ("MonitorArnList",),
            "AWS::SNS::TopicPolicy": ("Topics",),
            "AWS::SNS::Subscription": ("TopicArn",),
        },
    ),
    components=(
        Component("BillingAlarm", home_region=_BILLING_REGION),
        Component("CostAnomalyMonitor", makers=("from_monitor_arn",)),
        Component("CostBudget", makers=("from_budget_name",)),
        Component("OffSwitch"),
    ),
    costs=charged.MONEY,
)
