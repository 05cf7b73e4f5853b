"""The hours that an off switch saves of what its tags select; the figures are worked out by hand beside each."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from sagecraft_catalog.charge.estimate import estimate
from sagecraft_catalog.charge.resource import StackTemplate
from sagecraft_catalog.charge.rules import RULES
from sagecraft_catalog.price.row import Component, Unit

from .test_rules import BOOK, row

HOURLY = "ml.m5.large"
PRICES = BOOK.with_rows(
    [
        row(Component.HOSTING, HOURLY, "0.1"),
        row(Component.STUDIO, HOURLY, "0.1"),
        row(Component.TRAINING, HOURLY, "0.1"),
        row(Component.STORAGE, "hosting", "0.146", Unit.GB_MONTH),
    ]
)
WEEK = Decimal(730) / 168
TAGS = [{"Key": "team", "Value": "churn"}]


def at(switch: str, expression: str, **others: Any) -> dict[str, Any]:
    target = {"Arn": {"Fn::GetAtt": ["Switch", "Arn"]}, "Input": json.dumps({"Switch": switch})}
    return {
        "Type": "AWS::Scheduler::Schedule",
        "Properties": {"ScheduleExpression": expression, "Target": target, **others},
    }


def switch(kinds: str = "endpoint,notebook-instance,app", team: str = "churn", **variables: str) -> dict[str, Any]:
    told = {"TAGS": json.dumps({"team": team}), "KINDS": kinds, **variables}
    properties = {"Handler": "handlers.off_switch.function.handle", "Environment": {"Variables": told}}
    return {"Type": "AWS::Lambda::Function", "Properties": properties}


def endpoint(tags: Any = TAGS, config: Any = None, **variant: Any) -> dict[str, Any]:
    one = {"VariantName": "A", "ModelName": "m", "InstanceType": HOURLY, "InitialInstanceCount": 1, **variant}
    return {
        "It": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}, "Tags": tags},
        },
        "Config": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {"ProductionVariants": [one], **(config or {})},
        },
    }


def cost(resources: dict[str, Any], *, switched: dict[str, Any], region: str = "us-east-1") -> tuple[float, str]:
    """US dollars a month of the resource, and what is told of its first charge; the switch is in another stack."""
    stacks = [("App", "us-east-1", resources), ("Switch", region, switched)]
    found = estimate([StackTemplate(name, place, {"Resources": each}) for name, place, each in stacks], PRICES, RULES)
    first = found.resources[0]
    return float(first.monthly.low), first.charges[0].charge.note


OFFICE = {
    "Off": at("Off", "cron(0 19 ? * MON-FRI *)"),
    "On": at("On", "cron(0 7 ? * MON-FRI *)"),
}


@pytest.mark.parametrize(
    ("schedules", "hours_a_week"),
    [
        (OFFICE, 60),
        ({**OFFICE, "On": at("On", "cron(30 7 ? * 2-6 *)")}, 57.5),
        # From Saturday at seven to Monday at 19, and four days.
        ({**OFFICE, "On": at("On", "cron(0 7 * * ? *)")}, 60 + 4 * 12),
        # In the night.
        ({"Off": at("Off", "cron(0 4 * * ? *)"), "On": at("On", "cron(0 20 * * ? *)")}, 56),
        ({**OFFICE, "Early": at("Off", "cron(0 12 ? * FRI *)")}, 53),
    ],
)
def test_an_endpoint_is_counted_from_on_to_off(schedules: dict[str, Any], hours_a_week: float) -> None:
    hours = hours_a_week * float(WEEK)
    usd, note = cost(endpoint(), switched={"Switch": switch(), **schedules})
    assert usd == pytest.approx(hours * 0.1)
    assert note == f"{round(hours, 1):g} h by its off switch"


def test_its_volume_goes_with_it_and_that_of_a_notebook_stays() -> None:
    usd, _ = cost(endpoint(VolumeSizeInGB=100), switched={"Switch": switch(), **OFFICE})
    assert usd == pytest.approx(60 * float(WEEK) * (0.1 + 100 * 0.0002))
    properties = {"InstanceType": "ml.t3.medium", "Tags": TAGS}
    notebook = {"It": {"Type": "AWS::SageMaker::NotebookInstance", "Properties": properties}}
    usd, note = cost(notebook, switched={"Switch": switch(IDLE_SECONDS="3600"), **OFFICE})
    assert usd == pytest.approx(60 * float(WEEK) * 0.05 + 0.73)
    assert note == "260.7 h by its off switch"


def test_what_nobody_uses_is_counted_as_in_an_office() -> None:
    idle = {"Switch": switch(IDLE_SECONDS="3600")}
    usd, note = cost(endpoint(), switched=idle)
    assert usd == pytest.approx(22 * 9 * 0.1)
    assert note == "22 days of 8 h, and 1 h until idle stop"
    usd, note = cost(endpoint(), switched={**idle, **OFFICE})
    assert (round(usd, 1), note) == (19.8, "22 days of 8 h, and 1 h until idle stop")
    app = {
        "It": {
            "Type": "AWS::SageMaker::App",
            "Properties": {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": HOURLY}, "Tags": TAGS},
        }
    }
    # Nothing brings it back but its user, so its hours by a schedule are not known.
    assert cost(app, switched={**idle, **OFFICE})[0] == pytest.approx(22 * 9 * 0.1)
    assert cost(app, switched={"Switch": switch(), **OFFICE})[0] == pytest.approx(73)


def job(seconds: int, **others: Any) -> dict[str, Any]:
    request = {
        "ResourceConfig": {"InstanceType": HOURLY, "InstanceCount": 2},
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
        "Tags": TAGS,
        **others,
    }
    return {"It": {"Type": "Custom::SageMakerTrainingJob", "Properties": {"Request": request}}}


@pytest.mark.parametrize(
    ("switched", "hours"),
    [
        # Two hours, and six minutes until it looks.
        ({"Switch": switch("training-job", MAX_RUNTIME_SECONDS="7200"), "Check": at("Check", "rate(6 minutes)")}, 2.1),
        ({"Switch": switch("training-job", MAX_RUNTIME_SECONDS="7200")}, 5),  # it never looks
        ({"Switch": switch("training-job"), "Check": at("Check", "rate(6 minutes)")}, 5),
        ({"Switch": switch("endpoint", MAX_RUNTIME_SECONDS="7200"), "Check": at("Check", "rate(6 minutes)")}, 5),
        ({"Switch": switch("training-job", MAX_RUNTIME_SECONDS="36000"), "Check": at("Check", "rate(6 minutes)")}, 5),
    ],
)
def test_a_job_is_counted_until_it_is_stopped(switched: dict[str, Any], hours: float) -> None:
    usd, note = cost(job(5 * 3600), switched=switched)
    assert usd == pytest.approx(2 * hours * 0.1)
    assert note == ("" if hours == 5 else "its off switch stops it after 2.1 h")


@pytest.mark.parametrize(
    ("resources", "switched", "region"),
    [
        (endpoint(), {"Switch": switch(team="fraud"), **OFFICE}, "us-east-1"),
        (endpoint(tags=[]), {"Switch": switch(), **OFFICE}, "us-east-1"),
        (endpoint(), {"Switch": switch(), **OFFICE}, "eu-west-1"),
        (endpoint(), {"Switch": switch(kinds="notebook-instance"), **OFFICE}, "us-east-1"),
        (endpoint(), {"Switch": switch()}, "us-east-1"),
        # It never comes back by itself, so it is brought back by hand.
        (endpoint(), {"Switch": switch(), "Off": OFFICE["Off"]}, "us-east-1"),
        (endpoint(), {"Switch": switch(), **OFFICE, "Off": at("Off", "rate(1 day)")}, "us-east-1"),
        (endpoint(), {"Switch": switch(), **OFFICE, "Off": at("Off", "cron(0 19 L * ? *)")}, "us-east-1"),
        (
            endpoint(),
            {"Switch": switch(), **OFFICE, "Off": at("Off", "cron(0 19 * * ? *)", State="DISABLED")},
            "us-east-1",
        ),
        (
            endpoint(),
            {
                "Switch": switch(),
                **OFFICE,
                "Off": at("Off", "cron(0 19 * * ? *)", ScheduleExpressionTimezone="Asia/Tokyo"),
            },
            "us-east-1",
        ),
        # What it leaves alone.
        (endpoint(config={"AsyncInferenceConfig": {}}), {"Switch": switch(), **OFFICE}, "us-east-1"),
        (endpoint(ModelName=None), {"Switch": switch(), **OFFICE}, "us-east-1"),
    ],
)
def test_what_it_does_not_stop_or_nobody_knows_when_is_counted_all_month(
    resources: dict[str, Any], switched: dict[str, Any], region: str
) -> None:
    usd, note = cost(resources, switched=switched, region=region)
    assert usd == pytest.approx(73)
    assert note == ""
