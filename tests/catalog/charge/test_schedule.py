"""What a schedule runs is counted as often as it comes round in a month of 730 hours."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from sagecraft_catalog.charge.schedule import runs_a_month
from sagecraft_catalog.charge.span import Span

from .test_rules import LARGE, made, of, training, usd


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(1 hour)", 730),
        ("rate(2 days)", 730 / 48),
        ("rate(30 minutes)", 1460),
        ("cron(0 * ? * * *)", 730),
        ("cron(0/15 * * * ? *)", 2920),
        ("cron(0 8 * * ? *)", 730 / 24),
        ("cron(30 8,20 ? * MON-FRI *)", 10 * 730 / 24 / 7),
        ("cron(0 8 ? * 2-6 *)", 5 * 730 / 24 / 7),
        ("cron(0 8 1,15 * ? *)", 2),
        ("cron(0 8 1 JAN,JUL ? *)", 2 / 12),
        ("at(2027-01-01T00:00:00)", 1),
        ("NOW", 1),
    ],
)
def test_how_often(expression: str, runs: float) -> None:
    span = runs_a_month(expression)
    assert span.is_known
    assert float(span.low) == pytest.approx(runs)


@pytest.mark.parametrize("expression", ["", "rate(0 hours)", "cron(0 8 L * ? *)", "cron(0 8)", "rate(5 fortnights)"])
def test_what_cannot_be_read_is_any_number_of_times(expression: str) -> None:
    assert runs_a_month(expression) == Span(Decimal(0), None)


def schedule(expression: str, target: dict[str, Any], **others: Any) -> dict[str, Any]:
    properties = {"ScheduleExpression": expression, "Target": target, **others}
    return {"Type": "AWS::Scheduler::Schedule", "Properties": properties}


def started(operation: str, **request: Any) -> dict[str, Any]:
    return {"Arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{operation}", "Input": json.dumps(request)}


def test_a_job_of_a_schedule_is_in_the_month_as_often_as_it_runs() -> None:
    daily = schedule("cron(0 8 1,15 * ? *)", started("createTrainingJob", **training()))["Properties"]
    assert of("AWS::Scheduler::Schedule", daily).monthly == usd("0.2")
    assert of("AWS::Scheduler::Schedule", {**daily, "State": "DISABLED"}).monthly == usd("0")
    invoked = {"Arn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    assert of("AWS::Scheduler::Schedule", {**daily, "Target": invoked}).is_free


def test_a_pipeline_that_a_rule_starts_is_in_the_month() -> None:
    definition = {"PipelineDefinitionBody": json.dumps({"Steps": [{"Type": "Training", "Arguments": training()}]})}
    rule = {
        "Type": "AWS::Events::Rule",
        "Properties": {"ScheduleExpression": "cron(0 8 1 * ? *)", "Targets": [{"Arn": {"Fn::GetAtt": ["It", "Arn"]}}]},
    }
    found = of("AWS::SageMaker::Pipeline", {"PipelineDefinition": definition}, Rule=rule)
    assert (found.monthly, found.cost.when) == (usd("0.1"), "1 times a month, by its schedule")


def test_a_monitoring_schedule_runs_a_processing_job_each_time() -> None:
    resources = {"ClusterConfig": {"InstanceType": LARGE, "InstanceCount": 1}}
    stopping = {"MaxRuntimeInSeconds": 1800}
    inline = {
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"},
        "MonitoringJobDefinition": {"MonitoringResources": resources, "StoppingCondition": stopping},
    }
    assert of("AWS::SageMaker::MonitoringSchedule", {"MonitoringScheduleConfig": inline}).monthly == usd("36.5")
    definition = {
        "Type": "AWS::SageMaker::DataQualityJobDefinition",
        "Properties": {"JobResources": resources, "StoppingCondition": stopping},
    }
    referring = {
        "ScheduleConfig": inline["ScheduleConfig"],
        "MonitoringJobDefinitionName": {"Fn::GetAtt": ["Job", "JobDefinitionName"]},
    }
    found = of("AWS::SageMaker::MonitoringSchedule", {"MonitoringScheduleConfig": referring}, Job=definition)
    assert found.monthly == usd("36.5")


def test_a_notebook_that_schedules_start_and_stop_runs_between_them() -> None:
    def at(hour: int, operation: str) -> dict[str, Any]:
        name = {"Fn::Join": ["", ['{"NotebookInstanceName":"', {"Fn::GetAtt": ["It", "NotebookInstanceName"]}, '"}']]}
        target = {"Arn": f"arn:aws:scheduler:::aws-sdk:sagemaker:{operation}", "Input": name}
        return schedule(f"cron(0 {hour} 1,2 * ? *)", target)

    notebook = {"InstanceType": "ml.t3.medium"}
    both = {"Start": at(20, "startNotebookInstance"), "Stop": at(4, "stopNotebookInstance")}
    found = made("AWS::SageMaker::NotebookInstance", notebook, **both)
    # Two nights of eight hours, and 5 GB
    assert found.resources[0].monthly == usd("1.53")
    assert found.resources[0].charges[0].charge.note == "16 h by its schedule"
    alone = of("AWS::SageMaker::NotebookInstance", notebook, Stop=both["Stop"])
    assert alone.monthly == usd("37.23")
