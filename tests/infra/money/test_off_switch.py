"""An off switch on an emulator that enforces permissions: what it stops, brings back, leaves alone, and tells."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any

import pytest
from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_scheduler import ScheduleExpression
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_catalog.price.row import Component
from sagecraft_constructs import CostBudget, OffSwitch
from sagecraft_constructs.handlers.off_switch import prices, things
from sagecraft_constructs.handlers.off_switch.client import client
from sagecraft_constructs.handlers.off_switch.function import handle
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import RunningEmulator, running_emulator
from sagecraft_infra.testing.meter import Meter
from sagecraft_infra.testing.publishing import Publisher

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TEAM = [{"Key": "team", "Value": "churn"}]


def eventually(holds: Callable[[], bool]) -> None:
    """Waits until something holds; the time limit of the test ends it."""
    while not holds():
        time.sleep(0.05)


@dataclass(frozen=True)
class Switched:
    """A switch that is deployed, and what a test asks of it."""

    emulator: RunningEmulator
    function: str
    worker: str
    queue: str
    role: str

    @property
    def sagemaker(self) -> Any:
        return self.emulator.client("sagemaker")

    def switch(self, **event: Any) -> dict[str, Any]:
        answer = self.emulator.client("lambda").invoke(FunctionName=self.function, Payload=json.dumps(event))
        told: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, told
        return told

    def reports(self) -> list[dict[str, str]]:
        sqs_of = self.emulator.client("sqs")
        found = sqs_of.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            sqs_of.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
        return [json.loads(each["Body"]) for each in found]

    def endpoint(self, name: str, tags: list[dict[str, str]], config: str | None = None) -> None:
        if config is None:
            config = f"{name}-config"
            variant = {
                "VariantName": "a",
                "ModelName": "model",
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": 2,
                "InitialVariantWeight": 1.0,
            }
            self.sagemaker.create_endpoint_config(EndpointConfigName=config, ProductionVariants=[variant])
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config, Tags=tags)
        eventually(lambda: self.standing()[name] == "InService")

    def notebook(self, name: str) -> None:
        self.sagemaker.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=self.role, Tags=TEAM
        )
        eventually(lambda: self.notebooks()[name] == "InService")

    def standing(self) -> dict[str, str]:
        return {each["EndpointName"]: each["EndpointStatus"] for each in self.sagemaker.list_endpoints()["Endpoints"]}

    def notebooks(self) -> dict[str, str]:
        listed = self.sagemaker.list_notebook_instances()["NotebookInstances"]
        return {each["NotebookInstanceName"]: each["NotebookInstanceStatus"] for each in listed}


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    with running_emulator(tmp_path_factory.mktemp("switched"), "instant", enforce_iam=True) as running:
        yield running


@pytest.fixture(scope="module")
def switched(emulator: RunningEmulator) -> Iterator[Switched]:
    deployment = TestDeployment(emulator, Publisher())
    stack = Stack(App(), "Switched")
    switch = OffSwitch(stack, "Switch", tags={"team": "churn"}, emails=["someone@example.com"])
    queue = sqs.Queue(stack, "Reports")
    switch.topic.add_subscription(subscriptions.SqsSubscription(queue))
    budget = CostBudget(
        stack, "Budget", monthly_usd=100, emails=["someone@example.com"], tags={"team": "churn"}, forecast_percent=[]
    )
    switch.stop_at(budget, at_percent=120)
    worker = iam.Role(stack, "Worker", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com"))
    budget.deny("NoNewWork", roles=[worker])
    for name, value in {
        "Function": switch.function.function_name,
        "WorkerName": worker.role_name,
        "Queue": queue.queue_url,
    }.items():
        CfnOutput(stack, name, value=value)
    outputs = deployment.deploy(stack)
    role = emulator.client("iam").create_role(
        RoleName="work",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "sagemaker.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )["Role"]["Arn"]
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    emulator.client("sagemaker").create_model(
        ModelName="model", ExecutionRoleArn=role, PrimaryContainer={"Image": image}
    )
    given = outputs
    yield Switched(emulator, given["Function"], given["WorkerName"], given["Queue"], role)
    deployment.destroy()


def test_what_is_tagged_stops_and_comes_back_as_it_was_and_nothing_else_is_touched(switched: Switched) -> None:
    switched.reports()
    switched.endpoint("churn", [*TEAM, {"Key": "stage", "Value": "live"}])
    switched.endpoint("others", [{"Key": "team", "Value": "fraud"}])
    switched.notebook("books")
    hosting = bundled_prices().price(Component.HOSTING, "ml.m5.large", "us-east-1").usd
    notebook = bundled_prices().price(Component.NOTEBOOK, "ml.t3.medium", "us-east-1").usd
    assert hosting == Decimal("0.115")
    assert notebook is not None

    answer = switched.switch(Switch="Off")
    assert answer["Stopped"] == {
        "endpoint churn (2 ml.m5.large)": str(2 * hosting),
        "notebook instance books (ml.t3.medium)": str(notebook),
    }
    assert answer["Failed"] == {}
    assert "churn" not in switched.standing()
    assert switched.standing()["others"] == "InService"
    eventually(lambda: switched.notebooks()["books"] == "Stopped")
    (report,) = switched.reports()
    assert report["Subject"].startswith("Switched/Switch: stopped 2, which saves $0.2")
    assert "endpoint churn (2 ml.m5.large): saves $0.23 an hour" in report["Message"]
    assert f"--function-name {switched.function}" in report["Message"]

    assert switched.switch(Switch="Off")["Stopped"] == {}  # a second time finds nothing, and tells nobody
    assert switched.reports() == []

    assert switched.switch(Switch="On")["BroughtBack"] == ["endpoint churn", "notebook instance books"]
    eventually(lambda: switched.notebooks()["books"] == "InService")
    found = switched.sagemaker.describe_endpoint(EndpointName="churn")
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == ("InService", "churn-config")
    tags = switched.sagemaker.list_tags(ResourceArn=found["EndpointArn"])["Tags"]
    kept = {each["Key"]: each["Value"] for each in tags}
    assert kept == {"team": "churn", "stage": "live", "sagecraft:execute": "instant"}  # the last is the emulator's
    assert switched.switch(Switch="On")["BroughtBack"] == []
    for name in ("churn", "others"):
        switched.sagemaker.delete_endpoint(EndpointName=name)
    switched.sagemaker.stop_notebook_instance(NotebookInstanceName="books")
    eventually(lambda: switched.notebooks()["books"] == "Stopped")


def test_what_somebody_changed_in_the_meantime_stays_as_it_is_and_is_told(switched: Switched) -> None:
    for name in ("remade", "configless"):
        switched.endpoint(name, TEAM)
    switched.notebook("gone")
    assert len(switched.switch(Switch="Off")["Stopped"]) == 3
    switched.endpoint("remade", [{"Key": "team", "Value": "fraud"}], config="configless-config")
    switched.sagemaker.delete_endpoint_config(EndpointConfigName="configless-config")
    eventually(lambda: switched.notebooks()["gone"] == "Stopped")
    switched.sagemaker.delete_notebook_instance(NotebookInstanceName="gone")
    eventually(lambda: "gone" not in switched.notebooks())

    answer = switched.switch(Switch="On")
    assert answer["BroughtBack"] == []
    assert set(answer["Failed"]) == {"endpoint configless", "notebook instance gone"}
    assert "configless-config" in answer["Failed"]["endpoint configless"]
    remade = switched.sagemaker.describe_endpoint(EndpointName="remade")
    assert remade["EndpointConfigName"] == "configless-config"
    assert switched.switch(Switch="On") == {
        "Why": answer["Why"],
        "Stopped": {},
        "BroughtBack": [],
        "Left": {},
        "Failed": {},
    }
    switched.sagemaker.delete_endpoint(EndpointName="remade")
    switched.reports()


def test_what_a_spent_budget_stops_stays_off_until_it_is_brought_back_by_hand(
    emulator: RunningEmulator, switched: Switched
) -> None:
    switched.reports()
    switched.endpoint("dear", TEAM)
    roles = emulator.client("iam")
    assert roles.list_attached_role_policies(RoleName=switched.worker)["AttachedPolicies"] == []

    Meter(emulator).pass_hours(600)  # at $0.23
    eventually(lambda: "dear" not in switched.standing())
    reports: list[dict[str, str]] = []
    while not reports:
        reports += switched.reports()
    assert "for it was told: " in reports[0]["Message"]
    attached = roles.list_attached_role_policies(RoleName=switched.worker)["AttachedPolicies"]
    assert ["NoNewWork" in each["PolicyName"] for each in attached] == [True]

    answer = switched.switch(Switch="On")
    assert answer["BroughtBack"] == []
    assert "stays off" in answer["Left"]["endpoint dear"]
    assert switched.switch(Switch="On", All=True)["BroughtBack"] == ["endpoint dear"]
    assert switched.standing()["dear"] == "InService"
    switched.sagemaker.delete_endpoint(EndpointName="dear")


def test_an_endpoint_that_nobody_asks_is_stopped_and_one_that_somebody_asks_goes_on(
    switched: Switched, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("asked", "idle"):
        switched.endpoint(name, TEAM)
    found = switched.emulator.client("lambda").get_function_configuration(FunctionName=switched.function)
    own = {"AWS_ENDPOINT_URL": switched.emulator.endpoint_url, "AWS_REGION": "us-east-1"}
    keys = {"AWS_ACCESS_KEY_ID": switched.emulator.account, "AWS_SECRET_ACCESS_KEY": "secret"}
    region = {"AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in {**found["Environment"]["Variables"], **own, **keys, **region}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(prices, "_prices", dict)
    monkeypatch.setenv("IDLE_SECONDS", "3600")
    client.cache_clear()
    try:
        # They are younger than that.
        assert handle({"Switch": "Check"}, None)["Stopped"] == {}
        monkeypatch.setenv("IDLE_SECONDS", "60")
        monkeypatch.setattr(things, "datetime", _InTenMinutes)
        switched.emulator.client("cloudwatch").put_metric_data(
            Namespace="AWS/SageMaker",
            MetricData=[
                {
                    "MetricName": "Invocations",
                    "Dimensions": [
                        {"Name": "EndpointName", "Value": "asked"},
                        {"Name": "VariantName", "Value": "a"},
                    ],
                    "Timestamp": _InTenMinutes.now(UTC) - timedelta(seconds=30),
                    "Value": 1,
                    "Unit": "Count",
                }
            ],
        )
        assert handle({"Switch": "Check"}, None)["Stopped"] == {"endpoint idle (2 ml.m5.large)": None}
    finally:
        client.cache_clear()
    assert set(switched.standing()) == {"asked"}
    assert switched.switch(Switch="On")["BroughtBack"] == ["endpoint idle"]
    for name in ("asked", "idle"):
        switched.sagemaker.delete_endpoint(EndpointName=name)


class _InTenMinutes(datetime):
    """The handler's clock."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> _InTenMinutes:
        later = datetime.now(tz) + timedelta(minutes=10)
        return cls.fromtimestamp(later.timestamp(), tz)


def test_a_schedule_switches(emulator: RunningEmulator, switched: Switched) -> None:
    switched.endpoint("timed", [{"Key": "team", "Value": "timed"}])
    deployment = TestDeployment(emulator, Publisher())
    stack = Stack(App(), "Timed")
    soon = datetime.now(UTC) + timedelta(seconds=1)
    OffSwitch(
        stack,
        "Switch",
        tags={"team": "timed"},
        emails=["someone@example.com"],
        off_at=ScheduleExpression.at(soon),
    )
    deployment.deploy(stack)
    eventually(lambda: "timed" not in switched.standing())
    deployment.destroy()
