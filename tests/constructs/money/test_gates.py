"""An app over its budget, or past a guardrail, is not synthesized, and is told what would do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import (
    App,
    Aspects,
    CfnParameter,
    CfnResource,
    Duration,
    Environment,
    NestedStack,
    Stack,
    Tags,
    Validations,
)
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from sagecraft_constructs import Budget, Guardrails, InstanceType, InvalidProps, OnExceed
from sagecraft_constructs.money.gate import Gate


def endpoint(scope: Construct, instance_type: str, name: str = "Endpoint") -> CfnResource:
    variant = {"VariantName": "All", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": instance_type}
    config = CfnResource(
        scope, f"{name}Config", type="AWS::SageMaker::EndpointConfig", properties={"ProductionVariants": [variant]}
    )
    named = {"EndpointConfigName": config.get_att("EndpointConfigName")}
    return CfnResource(scope, name, type="AWS::SageMaker::Endpoint", properties=named)


def notebook(scope: Construct) -> CfnResource:
    properties = {"InstanceType": "ml.m5.xlarge", "RoleArn": "arn:aws:iam::123456789012:role/a"}
    return CfnResource(scope, "Notebook", type="AWS::SageMaker::NotebookInstance", properties=properties)


def training(scope: Construct, seconds: int) -> CfnResource:
    request = {
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": seconds},
    }
    return CfnResource(scope, "Training", type="Custom::SageMakerTrainingJob", properties={"Request": request})


class Synthesis:
    """An app that is synthesized into a folder, with what its gates said."""

    def __init__(self, place: Path) -> None:
        self.app = App(outdir=str(place))
        self.stack = Stack(self.app, "Churn", env=Environment(region="us-east-1"))
        self._report = place / "validation-report.json"

    def told(self, *gates: Gate) -> list[dict[str, Any]]:
        """What they said; nothing where the app was synthesized without a word."""
        if gates:
            Validations.of(self.app).add_plugins(*gates)
        ended = ""
        try:
            self.app.synth()
        except RuntimeError as error:
            ended = str(error)
        self.failed = bool(ended)
        reports = json.loads(self._report.read_text())["pluginReports"] if self._report.exists() else []
        return [violation for report in reports for violation in report["violations"]]


@pytest.fixture
def synthesis(tmp_path: Path) -> Synthesis:
    return Synthesis(tmp_path / "out")


def test_an_app_with_a_p4d_endpoint_is_not_synthesized_over_its_budget(synthesis: Synthesis) -> None:
    endpoint(synthesis.stack, "ml.p4d.24xlarge")
    notebook(synthesis.stack)
    (violation,) = synthesis.told(Budget(monthly_usd=200))

    assert synthesis.failed
    assert violation["ruleName"].endswith("monthly-budget")
    # 37.688 USD an hour; 0.23 and 5 GB at 0.14 USD a month
    assert violation["description"] == (
        "What is declared would cost at least $27,680.84 a month, which is $27,480.84 over its budget of $200.00. "
        "The dearest of it: Churn/Endpoint: $27,512.24, ml.p4d.24xlarge; Churn/Notebook: $168.60, ml.m5.xlarge; "
        "5 GB for notebook."
    )
    assert violation["suggestedFix"] == (
        "To come under it: leave out 'Churn/Endpoint'; or raise monthly_usd from $200.00 if that is worth it."
    )


def test_what_would_bring_it_under_is_an_idle_stop_or_a_smaller_instance(synthesis: Synthesis) -> None:
    notebook(synthesis.stack)
    (violation,) = synthesis.told(Budget(monthly_usd=100))
    fix = violation["suggestedFix"]
    # 0.23 USD for 532 of 730 hours
    assert "stop 'Churn/Notebook' when it is idle, which saves $122.36" in fix
    assert "give 'Churn/Notebook' at most " in fix
    assert " in place of ml.m5.xlarge, for $" in fix


def test_an_app_within_its_budget_goes_on(synthesis: Synthesis) -> None:
    endpoint(synthesis.stack, "ml.m5.large")
    assert synthesis.told(Budget(monthly_usd=84)) == []
    assert not synthesis.failed


def test_a_warning_lets_the_app_go_on(synthesis: Synthesis) -> None:
    endpoint(synthesis.stack, "ml.m5.large")
    (violation,) = synthesis.told(Budget(monthly_usd=80, on_exceed=OnExceed.WARN))
    assert (violation["severity"], synthesis.failed) == ("warning", False)


def test_as_an_aspect_it_looks_at_what_it_is_added_to(synthesis: Synthesis) -> None:
    other = Stack(synthesis.app, "Other", env=Environment(region="us-east-1"))
    endpoint(other, "ml.p4d.24xlarge")
    endpoint(synthesis.stack, "ml.m5.large")
    Aspects.of(synthesis.stack).add(Budget(monthly_usd=100))
    assert synthesis.told() == []

    dear = Synthesis(Path(synthesis.app.outdir).parent / "dear")
    endpoint(dear.stack, "ml.p4d.24xlarge")
    Aspects.of(dear.stack).add(Budget(monthly_usd=100))
    assert "$27,412.24 over its budget" in dear.told()[0]["description"]
    assert dear.failed


def test_nested_stacks_are_counted(synthesis: Synthesis) -> None:
    endpoint(NestedStack(synthesis.stack, "Nested"), "ml.m5.large")
    (violation,) = synthesis.told(Budget(monthly_usd=10))
    assert "at least $83.95 a month" in violation["description"]


@pytest.mark.parametrize(
    ("rule", "declare", "told"),
    [
        (
            {"allowed_instance_types": [InstanceType.M5_LARGE]},
            lambda stack: endpoint(stack, "ml.p4d.24xlarge"),
            "'Churn/Endpoint' has ml.p4d.24xlarge.",
        ),
        (
            {"allowed_instance_types": [InstanceType.M5_LARGE]},
            lambda stack: endpoint(stack, CfnParameter(stack, "Type").value_as_string),
            "'Churn/Endpoint' has an instance type that is not known before it is deployed.",
        ),
        (
            {"required_tags": ["team"]},
            notebook,
            "'Churn/Notebook' has no tag 'team', so nobody can tell whose money it is.",
        ),
        (
            {"max_runtime": Duration.hours(1)},
            lambda stack: training(stack, 7200),
            "'Churn/Training' may run 2 h; 1 h are allowed.",
        ),
        (
            {"max_runtime": Duration.hours(1)},
            lambda stack: CfnResource(stack, "T", type="Custom::SageMakerTransformJob", properties={"Request": {}}),
            "'Churn/T' may run for as long as it likes; 1 h are allowed.",
        ),
        ({"require_idle_stop": True}, notebook, "'Churn/Notebook' runs when nobody works."),
        (
            {"require_endpoint_alarm": True},
            lambda stack: endpoint(stack, "ml.m5.large"),
            "'Churn/Endpoint' is watched by no alarm, so nobody is told when it stands there for nothing.",
        ),
    ],
)
def test_a_guardrail_stops_an_app(synthesis: Synthesis, rule: dict[str, Any], declare: Any, told: str) -> None:
    declare(synthesis.stack)
    assert [each["description"] for each in synthesis.told(Guardrails(**rule))] == [told]
    assert synthesis.failed


def test_an_app_that_keeps_all_rules_goes_on(synthesis: Synthesis) -> None:
    watched = endpoint(synthesis.stack, "ml.m5.large")
    metric = cloudwatch.Metric(
        namespace="AWS/SageMaker",
        metric_name="Invocations",
        dimensions_map={"EndpointName": watched.get_att("EndpointName").to_string(), "VariantName": "All"},
    )
    metric.create_alarm(synthesis.stack, "Unused", threshold=1, evaluation_periods=24)
    Tags.of(synthesis.stack).add("team", "churn")
    watched.add_property_override("Tags", [{"Key": "team", "Value": "churn"}])
    rules = Guardrails(
        allowed_instance_types=[InstanceType.M5_LARGE],
        required_tags=["team"],
        max_runtime=Duration.hours(1),
        require_idle_stop=True,
        require_endpoint_alarm=True,
    )
    assert synthesis.told(rules) == []


@pytest.mark.parametrize("amount", [0, -5, float("inf"), float("nan")])
def test_a_budget_is_an_amount_of_money(amount: float) -> None:
    with pytest.raises(InvalidProps, match=f"Budget: monthly_usd: should be more than 0, got {amount}."):
        Budget(monthly_usd=amount)


def test_a_budget_is_known_when_the_app_is_synthesized() -> None:
    amount = CfnParameter(Stack(App(), "S"), "Money", type="Number").value_as_number
    with pytest.raises(InvalidProps, match="monthly_usd: is a token, but must be known"):
        Budget(monthly_usd=amount)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "no rule is given; give this or another one."),
        ({"allowed_instance_types": []}, "nothing could run; name at least one type, or leave it out."),
        ({"required_tags": ["team", ""]}, "required_tags: '' should have 1 to 128 "),
        ({"max_runtime": Duration.seconds(0)}, "max_runtime: should be more than 0 seconds"),
    ],
)
def test_rules_that_are_none_are_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(InvalidProps) as caught:
        Guardrails(**given)
    assert told in str(caught.value)
