"""What the examples cost: each figure is traced to a row, and the sums are those of a computation by other means."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog.charge.estimate import Estimate
from sagecraft_catalog.price.answer import Origin
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_infra.money.estimating import estimate_app
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.project.assembly import Assembly

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
EXAMPLES = [f"examples.{file.stem}" for file in sorted((ROOT / "examples").glob("*.py"))]
APPS = ["app", *EXAMPLES]
SYNTHESIZE = """
import functools, os, runpy, sys
import aws_cdk
made = aws_cdk.App
place, *names = sys.argv[1:]
for name in names:
    aws_cdk.App = functools.partial(made, outdir=os.path.join(place, name))
    runpy.run_module(name, run_name="__main__")
"""
HOURLY = {"ml.m5.large": 0.115, "ml.m5.4xlarge": 0.922, "ml.t3.medium": 0.05}
GB_MONTH, GB_HOUR = 0.14, 0.14 / 730


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where every example was synthesized to, in a folder of its name."""
    place = tmp_path_factory.mktemp("examples")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
    subprocess.run(
        [sys.executable, "-c", SYNTHESIZE, str(place), *APPS],
        cwd=ROOT,
        env={**clean, "CDK_VALIDATION": "false"},
        check=True,
        capture_output=True,
    )
    return place


def estimated(place: Path, app: str) -> Estimate:
    return estimate_app(Assembly.read(place / app), bundled_prices(), NOUNS.costs)


def machines(resources: dict[str, Any], hours: float) -> Any:
    count = int(resources["InstanceCount"])
    return count * hours * (HOURLY[resources["InstanceType"]] + resources.get("VolumeSizeInGB", 0) * GB_HOUR)


def job(kind: str, request: dict[str, Any]) -> Any:
    hours = request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", 0) / 3600
    if kind == "TrainingJob":
        return machines(request["ResourceConfig"], hours)
    if kind == "ProcessingJob":
        return machines(request["ProcessingResources"]["ClusterConfig"], hours)
    if kind == "HyperParameterTuningJob":
        limits, trial = request["HyperParameterTuningJobConfig"]["ResourceLimits"], request["TrainingJobDefinition"]
        all_jobs = limits["MaxNumberOfTrainingJobs"] * trial["StoppingCondition"]["MaxRuntimeInSeconds"]
        fitting = limits["MaxParallelTrainingJobs"] * limits["MaxRuntimeInSeconds"]
        return machines(trial["ResourceConfig"], min(all_jobs, fitting) / 3600)
    if kind == "AutoMLJob":
        criteria = request["AutoMLProblemTypeConfig"]["TabularJobConfig"]["CompletionCriteria"]
        return criteria["MaxAutoMLJobRuntimeInSeconds"] / 3600 * HOURLY["ml.m5.4xlarge"]
    assert kind == "TransformJob"
    return 0.0  # the least: nothing limits it


def resource(type_: str, properties: dict[str, Any], resources: dict[str, Any]) -> Any:
    if type_ == "AWS::SageMaker::Endpoint":
        config = resources[properties["EndpointConfigName"]["Fn::GetAtt"][0]]["Properties"]
        return sum(
            730 * each["InitialInstanceCount"] * HOURLY[each["InstanceType"]] for each in config["ProductionVariants"]
        )
    if type_ == "AWS::SageMaker::NotebookInstance":
        # All of them stop after an hour.
        return 22 * 9 * HOURLY[properties["InstanceType"]] + properties["VolumeSizeInGB"] * GB_MONTH
    if type_ == "AWS::SageMaker::Space":
        return properties["SpaceSettings"]["SpaceStorageSettings"]["EbsStorageSettings"]["EbsVolumeSizeInGb"] * GB_MONTH
    if type_ == "AWS::EC2::VPCEndpoint" and properties["VpcEndpointType"] == "Interface":
        return 730 * len(properties["SubnetIds"]) * 0.01
    if type_.startswith("Custom::SageMaker") and type_.endswith("Job"):
        return job(type_.removeprefix("Custom::SageMaker"), properties["Request"])
    return {"AWS::KMS::Key": 1.0, "AWS::CloudWatch::Alarm": 0.1}.get(type_, 0.0)


@pytest.mark.parametrize("app", APPS)
def test_the_sum_is_that_of_the_templates(place: Path, app: str) -> None:
    sums = 0.0
    for file in (place / app).glob("*.template.json"):
        resources = json.loads(file.read_text())["Resources"]
        sums += sum(resource(each["Type"], each.get("Properties", {}), resources) for each in resources.values())
    assert float(estimated(place, app).monthly.low) == pytest.approx(sums, abs=1e-6)
    assert sums > 0


@pytest.mark.parametrize("app", APPS)
def test_each_figure_has_a_row_and_nothing_is_left_unpriced(place: Path, app: str) -> None:
    found = estimated(place, app)
    assert [each.resource.path for each in found.resources if each.unpriced] == []
    for price in found.prices:
        assert price.row is not None
        assert price.how.startswith("computed, ") == (price.origin is Origin.COMPUTED)
        assert (f"of {price.row.date}" if price.row.date else "undated") in price.how
