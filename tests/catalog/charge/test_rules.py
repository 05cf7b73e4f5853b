"""What each type of resource is charged for, by its template: the figures are worked out by hand beside each."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sagecraft_catalog.charge.estimate import Estimate, ResourceCost, changes, estimate, most
from sagecraft_catalog.charge.resource import StackTemplate
from sagecraft_catalog.charge.rules import RULES
from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.price.book import PriceBook
from sagecraft_catalog.price.row import Component, Row, Unit

LARGE, XLARGE, P4D = "ml.m5.large", "ml.m5.xlarge", "ml.p4d.24xlarge"
OPEN = {"Ref": "Open"}


def row(component: Component, item: str, usd: str, unit: Unit = Unit.HOUR) -> Row:
    return Row("us-east-1", component, item, Decimal(usd), unit, date(2026, 9, 1), "a list")


BOOK = PriceBook(
    [
        row(Component.TRAINING, LARGE, "0.1"),
        row(Component.TRAINING, XLARGE, "0.2"),
        row(Component.TRAINING, P4D, "40"),
        row(Component.NOTEBOOK, "ml.t3.medium", "0.05"),
        row(Component.STORAGE, "notebook", "0.146", Unit.GB_MONTH),
        row(Component.SERVICE, "interface-endpoint", "0.01"),
        row(Component.SERVICE, "alarm", "0.1", Unit.MONTH),
        row(Component.SERVICE, "kms-key", "1", Unit.MONTH),
    ]
)
"""A GB is 0.0002 USD an hour."""


def made(type_: str, properties: dict[str, Any], **others: Any) -> Estimate:
    template = {
        "Parameters": {"Open": {"Type": "String"}},
        "Resources": {"It": {"Type": type_, "Properties": properties}, **others},
    }
    return estimate([StackTemplate("Stack", "us-east-1", template)], BOOK, RULES)


def of(type_: str, properties: dict[str, Any], **others: Any) -> ResourceCost:
    return made(type_, properties, **others).resources[0]


def usd(low: str, high: str | None = "") -> Span:
    return Span(Decimal(low), None if high is None else Decimal(high or low))


def training(type_: Any = LARGE, count: Any = 1, seconds: Any = 3600, **others: Any) -> dict[str, Any]:
    resources = {"InstanceType": type_, "InstanceCount": count}
    return {"ResourceConfig": resources, "StoppingCondition": {"MaxRuntimeInSeconds": seconds}, **others}


def tuning(jobs: int, parallel: int, **limits: int) -> dict[str, Any]:
    return {
        "HyperParameterTuningJobConfig": {
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel, **limits}
        }
    }


JOBS = [
    ("TrainingJob", training(), usd("0.1")),
    ("TrainingJob", training(count="2", seconds="1800"), usd("0.1")),
    # AWS's limit where a job has none is a day.
    ("TrainingJob", {"ResourceConfig": {"InstanceType": LARGE, "InstanceCount": 1}}, usd("2.4")),
    # 100 GB for an hour
    ("TrainingJob", training(), usd("0.1")),
    (
        "TrainingJob",
        {
            "ResourceConfig": {"InstanceType": LARGE, "InstanceCount": 2, "VolumeSizeInGB": 100},
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
        usd("0.24"),
    ),
    (
        "TrainingJob",
        {
            "ResourceConfig": {
                "InstanceGroups": [
                    {"InstanceType": LARGE, "InstanceCount": 1},
                    {"InstanceType": XLARGE, "InstanceCount": 3},
                ]
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
        usd("0.7"),
    ),
    # A warm pool is paid for when the job has ended.
    (
        "TrainingJob",
        {
            "ResourceConfig": {"InstanceType": LARGE, "InstanceCount": 1, "KeepAlivePeriodInSeconds": 1800},
            "StoppingCondition": {"MaxRuntimeInSeconds": 1800},
        },
        usd("0.1"),
    ),
    # Only AWS knows the type: from the cheapest to the dearest that there is.
    ("TrainingJob", training(OPEN), usd("0.05", "40")),
    ("TrainingJob", training({"Fn::If": ["C", LARGE, XLARGE]}), usd("0.1", "0.2")),
    ("TrainingJob", training(count=OPEN), usd("0.1", None)),
    ("TrainingJob", training(seconds=OPEN), usd("0", None)),
    ("TrainingJob", training(EnableManagedSpotTraining=True), usd("0.1")),
    (
        "ProcessingJob",
        {
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": XLARGE, "InstanceCount": 1, "VolumeSizeInGB": 10}
            },
            "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        },
        usd("0.202"),
    ),
    ("TransformJob", {"TransformResources": {"InstanceType": LARGE, "InstanceCount": 1}}, usd("0", None)),
    # 6 jobs of an hour
    ("HyperParameterTuningJob", {**tuning(6, 2), "TrainingJobDefinition": training()}, usd("0.6")),
    # 2 at once for two hours at most
    (
        "HyperParameterTuningJob",
        {**tuning(6, 2, MaxRuntimeInSeconds=7200), "TrainingJobDefinition": training()},
        usd("0.4"),
    ),
    # Each job is of the one definition or of the other.
    (
        "HyperParameterTuningJob",
        {**tuning(6, 2), "TrainingJobDefinitions": [training(), training(XLARGE, 2)]},
        usd("0.6", "2.4"),
    ),
    (
        "HyperParameterTuningJob",
        {
            **tuning(3, 1),
            "TrainingJobDefinition": {
                "HyperParameterTuningResourceConfig": {"InstanceType": LARGE, "InstanceCount": 1},
                "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
            },
        },
        usd("0.3"),
    ),
    # AWS chooses the instances: at least one ml.m5.4xlarge, which is 8 times ml.m5.large.
    (
        "AutoMLJob",
        {
            "AutoMLProblemTypeConfig": {
                "TabularJobConfig": {"CompletionCriteria": {"MaxCandidates": 5, "MaxAutoMLJobRuntimeInSeconds": 7200}}
            }
        },
        usd("1.6", None),
    ),
    (
        "AutoMLJob",
        {"AutoMLJobConfig": {"CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 3600}}},
        usd("0.8", None),
    ),
    # Of texts nobody knows on what: at least on one of the cheapest.
    (
        "AutoMLJob",
        {
            "AutoMLProblemTypeConfig": {
                "TextClassificationJobConfig": {"CompletionCriteria": {"MaxAutoMLJobRuntimeInSeconds": 3600}}
            }
        },
        usd("0.05", None),
    ),
]


@pytest.mark.parametrize(("kind", "request_", "worst"), JOBS)
def test_a_job_costs_what_its_limits_allow(kind: str, request_: dict[str, Any], worst: Span) -> None:
    cost = of(f"Custom::SageMaker{kind}", {"Request": request_, "NamePrefix": "mine-1"})
    assert cost.per_run == worst
    # Its stack runs it once.
    assert cost.monthly == worst
    assert (cost.cost.job, cost.cost.name_prefix) == (kind, "mine-1")


def test_a_job_by_hand_is_told_by_the_run_and_is_not_in_the_month() -> None:
    value = json.dumps({"kind": "TrainingJob", "namePrefix": "mine", "request": training()})
    found = made("AWS::SSM::Parameter", {"Type": "String", "Value": value})
    assert (found.resources[0].per_run, found.monthly) == (usd("0.1"), usd("0"))
    assert found.resources[0].cost.when == "by hand: not in the month"
    assert of("AWS::SSM::Parameter", {"Type": "String", "Value": "just a text"}).is_free


def test_a_pipeline_costs_its_steps_at_their_limits_on_both_sides_of_a_condition() -> None:
    steps = [
        {"Type": "Training", "Arguments": training()},
        {"Type": "Condition", "Arguments": {"IfSteps": [{"Type": "Training", "Arguments": training(XLARGE)}]}},
        {"Type": "RegisterModel", "Arguments": {}},
    ]
    definition = {"PipelineDefinitionBody": json.dumps({"Version": "2020-12-01", "Steps": steps})}
    assert of("AWS::SageMaker::Pipeline", {"PipelineDefinition": definition}).per_run == usd("0.3")
    elsewhere = of(
        "AWS::SageMaker::Pipeline", {"PipelineDefinition": {"PipelineDefinitionS3Location": {"Bucket": "b"}}}
    )
    assert elsewhere.unpriced == ("the steps of its definition are not in the template",)


def endpoint(*variants: dict[str, Any], shadow: tuple[dict[str, Any], ...] = (), **others: Any) -> ResourceCost:
    named = [{"VariantName": f"v{number}", **variant} for number, variant in enumerate(variants)]
    config = {"ProductionVariants": named, "ShadowProductionVariants": list(shadow)}
    return of(
        "AWS::SageMaker::Endpoint",
        {"EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]}},
        Config={"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
        **others,
    )


def scaled(minimum: int, maximum: int) -> dict[str, Any]:
    parts = ["endpoint/", {"Fn::GetAtt": ["It", "EndpointName"]}, "/variant/v0"]
    properties = {"ResourceId": {"Fn::Join": ["", parts]}, "MinCapacity": minimum, "MaxCapacity": maximum}
    return {"Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": properties}}


ONE = {"InstanceType": LARGE, "InitialInstanceCount": 1}


def test_an_endpoint_costs_the_instances_of_all_of_its_variants_all_month() -> None:
    assert endpoint(ONE).hourly == usd("0.1")
    assert endpoint(ONE).monthly == usd("73")
    assert endpoint(ONE, {"InstanceType": XLARGE, "InitialInstanceCount": 2}).monthly == usd("365")
    assert endpoint(ONE, shadow=(ONE,)).monthly == usd("146")
    # 10 GB each
    assert endpoint({**ONE, "InitialInstanceCount": 2, "VolumeSizeInGB": 10}).monthly == usd("148.92")


def test_an_endpoint_that_is_scaled_costs_from_its_least_to_its_most_instances() -> None:
    assert endpoint(ONE, **scaled(1, 4)).monthly == usd("73", "292")
    managed = {"Status": "ENABLED", "MinInstanceCount": 2, "MaxInstanceCount": 3}
    assert endpoint({**ONE, "ManagedInstanceScaling": managed}).monthly == usd("146", "219")
    # Another variant's target scales nothing of this one.
    assert endpoint({"VariantName": "other", **ONE}, **scaled(1, 4)).monthly == usd("73")


def test_a_serverless_endpoint_is_charged_by_use_and_provisioned_concurrency_has_no_price() -> None:
    serverless = endpoint({"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}})
    assert (serverless.monthly, serverless.unpriced) == (usd("0"), ())
    assert "inference with 2048 MB, by the second" in serverless.cost.by_use
    provisioned = {"MemorySizeInMB": 2048, "MaxConcurrency": 5, "ProvisionedConcurrency": 1}
    assert endpoint({"ServerlessConfig": provisioned}).unpriced == ("no price of provisioned concurrency is known",)


def test_an_endpoint_whose_configuration_is_elsewhere_has_no_price() -> None:
    cost = of("AWS::SageMaker::Endpoint", {"EndpointConfigName": "theirs"})
    assert cost.unpriced == ("its configuration stands outside of its template",)


def test_an_endpoint_finds_its_configuration_by_name() -> None:
    config = {"EndpointConfigName": "mine", "ProductionVariants": [ONE]}
    there = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config}
    assert of("AWS::SageMaker::Endpoint", {"EndpointConfigName": "mine"}, Config=there).monthly == usd("73")


def notebook(script: str | None = None, **properties: Any) -> ResourceCost:
    config = {"OnStart": [{"Content": {"Fn::Base64": script}}]}
    return of(
        "AWS::SageMaker::NotebookInstance",
        {
            "InstanceType": "ml.t3.medium",
            **({} if script is None else {"LifecycleConfigName": {"Fn::GetAtt": ["Scripts", "Name"]}}),
            **properties,
        },
        Scripts={"Type": "AWS::SageMaker::NotebookInstanceLifecycleConfig", "Properties": config},
    )


def test_a_notebook_runs_all_month_unless_it_stops_when_idle() -> None:
    # 730 h, and AWS's 5 GB
    assert notebook().monthly == usd("37.23")
    assert notebook("echo hello").monthly == usd("37.23")
    # 22 days of 8 hours and one that it waits
    ours = notebook("#!/bin/bash\nidle_seconds=3600\n")
    assert ours.monthly == usd("10.63")
    assert ours.charges[0].charge.note == "22 days of 8 h, and 1 h until idle stop"
    assert notebook("IDLE_TIME=3600  # seconds", VolumeSizeInGB=50).monthly == usd("17.2")
    # Stopped after a week, it never is.
    assert notebook("idle_seconds=604800").monthly == usd("37.23")


def test_an_app_of_studio_runs_until_its_domain_stops_it() -> None:
    idle = {"IdleSettings": {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60}}
    settings = {"DefaultUserSettings": {"JupyterLabAppSettings": {"AppLifecycleManagement": idle}}}
    domain = {"Type": "AWS::SageMaker::Domain", "Properties": settings}
    lab = {"AppType": "JupyterLab", "ResourceSpec": {"InstanceType": "ml.t3.medium"}, "DomainId": {"Ref": "Domain"}}
    assert of("AWS::SageMaker::App", lab, Domain=domain).monthly == usd("9.9")
    assert of("AWS::SageMaker::App", {**lab, "AppType": "CodeEditor"}, Domain=domain).monthly == usd("36.5")
    assert of("AWS::SageMaker::App", {"AppType": "JupyterServer"}).is_free
    volume = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 10}}}
    assert of("AWS::SageMaker::Space", {"SpaceSettings": volume}).monthly == usd("1.46")


@pytest.mark.parametrize(
    ("type_", "properties", "monthly"),
    [
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": [OPEN, OPEN]}, usd("14.6")),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Interface", "SubnetIds": OPEN}, usd("7.3", None)),
        ("AWS::EC2::VPCEndpoint", {"VpcEndpointType": "Gateway"}, usd("0")),
        ("AWS::EC2::VPCEndpoint", {}, usd("0")),
        ("AWS::KMS::Key", {}, usd("1")),
        ("AWS::CloudWatch::Alarm", {"Period": 300}, usd("0.1")),
        ("AWS::CloudWatch::Alarm", {"Metrics": [{}, {}]}, usd("0.2")),
        ("AWS::IAM::Role", {}, usd("0")),
        ("AWS::S3::Bucket", {}, usd("0")),
    ],
)
def test_what_stands_around(type_: str, properties: dict[str, Any], monthly: Span) -> None:
    assert of(type_, properties).monthly == monthly


def test_a_type_without_a_price_is_told_and_the_total_is_at_least() -> None:
    found = made("AWS::SageMaker::Cluster", {})
    assert found.resources[0].unpriced == ("no price is known of an AWS::SageMaker::Cluster",)
    assert found.is_at_least
    assert not made("AWS::IAM::Role", {}).is_at_least
    # What is charged by use is not counted, either.
    assert made("AWS::S3::Bucket", {}).is_at_least


def test_an_instance_type_or_a_region_that_is_none_is_unpriced_with_the_reason() -> None:
    assert endpoint({**ONE, "InstanceType": "ml.m5.larg"}).unpriced[0].startswith("'ml.m5.larg' is no instance type")
    template = {"Resources": {"It": {"Type": "AWS::KMS::Key"}}}
    (cost,) = estimate([StackTemplate("Stack", "us-est-1", template)], BOOK, RULES).resources
    assert cost.unpriced[0].startswith("there is no region 'us-est-1'. Did you mean 'us-west-1', ")


def test_a_region_that_is_open_is_counted_as_the_cheapest() -> None:
    template = {"Resources": {"It": {"Type": "AWS::KMS::Key"}}}
    assert estimate([StackTemplate("Stack", "unknown-region", template)], BOOK, RULES).monthly == usd("1")


def test_a_resource_under_a_condition_may_cost_nothing() -> None:
    template = {"Resources": {"It": {"Type": "AWS::KMS::Key", "Condition": "Encrypted"}}}
    assert estimate([StackTemplate("Stack", "us-east-1", template)], BOOK, RULES).monthly == usd("0", "1")


def test_totals_by_stack_and_by_tag() -> None:
    def stack(name: str, team: str) -> StackTemplate:
        resources = {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"Tags": [{"Key": "team", "Value": team}]}},
            "Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": {"Period": 60}},
        }
        return StackTemplate(name, "us-east-1", {"Resources": resources}, tags={"stage": "dev"})

    found = estimate([stack("One", "churn"), stack("Two", "fraud")], BOOK, RULES)
    assert found.by_stack() == {"One": usd("1.1"), "Two": usd("1.1")}
    assert found.by_tag("team") == {"churn": usd("1"), "fraud": usd("1"), "": usd("0.2")}
    assert found.tags() == ["stage", "team"]
    assert [each.resource.logical_id for each in found.dearest(3)] == ["Key", "Key", "Alarm"]


def test_what_changed_is_told_with_what_it_was() -> None:
    before = made("AWS::KMS::Key", {}, Same={"Type": "AWS::KMS::Key"}, Gone={"Type": "AWS::KMS::Key"})
    bucket = {"Type": "AWS::S3::Bucket"}
    after = made(
        "AWS::CloudWatch::Alarm", {}, Same={"Type": "AWS::KMS::Key"}, New={"Type": "AWS::KMS::Key"}, Bucket=bucket
    )
    found = [
        (None if was is None else most(was.monthly), None if now is None else most(now.monthly))
        for was, now in changes(before.resources, after.resources)
    ]
    assert found == [(Decimal(1), Decimal("0.1")), (Decimal(1), None), (None, Decimal(1))]


JUNK: list[Any] = [
    None,
    True,
    -1,
    "",
    "x",
    [],
    {},
    {"Ref": {}},
    {"Fn::If": []},
    {"Fn::GetAtt": []},
    {"Fn::Join": [1, 2]},
    {"Fn::FindInMap": [{"Ref": "A"}, {}, []]},
    {"Fn::ImportValue": {}},
    {"Fn::Sub": []},
]
WHOLE: dict[str, Any] = {
    "Parameters": {"Type": {"Type": "String", "AllowedValues": [LARGE]}},
    "Outputs": {"Out": {"Export": {"Name": "name"}, "Value": {"Ref": "Notebook"}}},
    "Resources": {
        "Notebook": {
            "Type": "AWS::SageMaker::NotebookInstance",
            "Metadata": {"aws:cdk:path": "Stack/Notebook"},
            "Properties": {"InstanceType": {"Ref": "Type"}, "Tags": [{"Key": "team", "Value": "churn"}]},
        },
        "Job": {"Type": "Custom::SageMakerTrainingJob", "Properties": {"Request": training()}},
        "Hand": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Value": {"Fn::Join": ["", ['{"kind":"TrainingJob"}']]}},
        },
    },
}


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, each in entries:
        yield from places(each, (*path, key))


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_a_template_with_nonsense_anywhere_is_counted_as_far_as_it_goes(junk: Any) -> None:
    for *path, last in (each for each in places(WHOLE) if each):
        template = json.loads(json.dumps(WHOLE))
        node = template
        for key in path:
            node = node[key]
        node[last] = junk
        found = estimate([StackTemplate("Stack", "us-east-1", template)], BOOK, RULES)
        assert found.monthly.low >= 0, (path, last)
        assert all(isinstance(each.resource.path, str) for each in found.resources)
