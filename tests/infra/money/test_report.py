"""What is told of an estimate, and what of a run of a job that was measured."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog.charge.estimate import Estimate, estimate
from sagecraft_catalog.charge.resource import StackTemplate
from sagecraft_catalog.charge.rules import RULES
from sagecraft_catalog.charge.span import Span
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_infra.errors import UserError
from sagecraft_infra.money.estimating import base_assembly, estimate_app
from sagecraft_infra.money.measured import Measured, last_measured
from sagecraft_infra.money.report import Report, usd
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.project import Project
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.target import Target, TargetName

from tests.infra.aws_server import aws_server

TODAY = date(2026, 11, 30)
TRAINING = {
    "Type": "Custom::SageMakerTrainingJob",
    "Properties": {
        "Request": {
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 2},
            "StoppingCondition": {"MaxRuntimeInSeconds": 7200},
        },
        "NamePrefix": "churn-1",
    },
}
TEAM = {"Tags": [{"Key": "team", "Value": "churn"}]}
NOTEBOOK = {"Type": "AWS::SageMaker::NotebookInstance", "Properties": {"InstanceType": "ml.t3.medium", **TEAM}}


def made(region: str = "us-east-1", **resources: Any) -> Estimate:
    return estimate([StackTemplate("Churn", region, {"Resources": resources})], bundled_prices(), RULES)


def report(found: Estimate, today: date = TODAY, **others: Any) -> Report:
    return Report(found, bundled_prices(), today, **others)


def test_each_figure_is_traced_to_a_row_with_its_date() -> None:
    notes = list(report(made(Notebook=NOTEBOOK, Training=TRAINING)).notes())
    assert (
        "Price of ml.t3.medium for notebook in us-east-1: 0.05 USD/hour (us-east-1 notebook ml.t3.medium, "
        "0.05 USD/hour, of 2026-09-24: public code (research notes quoting AWS bulk price CSV AmazonSageMaker))."
        in notes
    )
    told = report(made(Notebook=NOTEBOOK)).json()["resources"][0]
    assert [(price["item"], price["usd"], price["origin"], price["date"]) for price in told["prices"]] == [
        ("ml.t3.medium", 0.05, "published", "2026-09-24"),
        ("notebook", 0.14, "published", "2026-10-01"),
    ]


def test_how_old_prices_are_is_told_and_stale_ones_by_what_to_do() -> None:
    fresh = list(report(made(Notebook=NOTEBOOK)).notes())
    assert "Prices: us-east-1 of 2026-10-01, 60 days old." in fresh
    stale = list(report(made(Notebook=NOTEBOOK), date(2027, 3, 1)).notes())
    assert (
        "Prices: us-east-1 of 2026-10-01, 151 days old, which is stale: sagecraft prices refresh --region us-east-1."
        in stale
    )


def test_a_clock_that_is_behind_the_prices_is_told() -> None:
    notes = list(report(made(Notebook=NOTEBOOK), date(2026, 1, 1)).notes())
    assert "Prices: us-east-1 of 2026-10-01, which is after today: set the clock." in notes


def test_what_is_not_counted_and_what_is_only_assumed_is_said() -> None:
    cluster = {"Type": "AWS::SageMaker::Cluster"}
    found = made("unknown-region", Bucket={"Type": "AWS::S3::Bucket"}, Cluster=cluster, Notebook=NOTEBOOK)
    notes = "\n".join(report(found).notes())
    assert "Counted as in us-east-1, where no region is known yet." in notes
    assert "not counted: 1 AWS::S3::Bucket." in notes
    assert "Churn/Cluster: unpriced, no price is known of an AWS::SageMaker::Cluster." in notes
    assert report(found).total == "at least $37.20"
    assert next(row for row in report(found).rows() if row[0] == "Churn/Cluster")[3] == "unpriced"


def test_totals_are_by_stack_and_team() -> None:
    key = {"Type": "AWS::KMS::Key"}
    sums = dict(report(made(Notebook=NOTEBOOK, Key=key)).totals())
    assert sums == {
        "Stack": {"Churn": Span.of(Decimal("38.2"))},
        "Team": {"churn": Span.of(Decimal("37.2")), "": Span.of(1)},
    }


def test_a_pull_request_is_told_the_change_alone() -> None:
    before = made(Training=TRAINING, Key={"Type": "AWS::KMS::Key"})
    after = made(Training=TRAINING, Notebook=NOTEBOOK, Bucket={"Type": "AWS::S3::Bucket"})
    written = report(after, base=before).markdown()
    assert "**+$36.20 a month**: at least $1.46 before, at least $37.66 now" in written
    assert "| Churn/Key | $1.00 |  | -$1.00 |\n| Churn/Notebook |  | $37.20 | +$37.20 |\n" in written
    assert "Training |" not in written
    assert "Nothing costs otherwise than before." in report(before, base=before).markdown()


def test_a_name_cannot_write_markdown() -> None:
    named: dict[str, Any] = {"A|B<img>": {"Type": "AWS::KMS::Key"}}
    written = report(made(**named)).markdown()
    assert "| Churn/A\\|B\\<img\\> |" in written


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (Span.of(Decimal("1234.5")), "$1,234.50"),
        (Span(Decimal(1), Decimal(3)), "$1.00 to $3.00"),
        (Span(Decimal(1), Decimal("1.001")), "$1.00"),
        (Span(Decimal(1), None), "at least $1.00"),
    ],
)
def test_amounts(span: Span, told: str) -> None:
    assert usd(span) == told


def test_a_job_that_has_run_is_told_at_that_duration_and_where_it_ran(tmp_path: Path) -> None:
    jobs = {
        "churn-1-260101": {"TrainingJobStatus": "Completed", "BillableTimeInSeconds": 90},
        "other-1": {"TrainingJobStatus": "Completed", "BillableTimeInSeconds": 5},
    }
    operations = {
        "ListTrainingJobs": lambda _: {
            "TrainingJobSummaries": [{"TrainingJobName": name} for name in ("other-1", *jobs)]
        },
        "DescribeTrainingJob": lambda asked: jobs.get(asked["TrainingJobName"]),
    }
    found = made(Training=TRAINING)
    with aws_server({}, operations=operations) as url:
        target = Target(TargetName.LOCAL, Project.here(port=int(url.rpartition(":")[2]), state_dir=tmp_path))
        measured = last_measured(target, "us-east-1", found.resources, NOUNS.jobs)

    # Two instances at 0.115 USD for 90 seconds.
    assert measured == {"churn-1": Measured("churn-1-260101", 90.0, Span.of(Decimal("0.00575")))}
    notes = list(report(found, measured=measured).notes())
    assert "Churn/Training: $0.0058 by the 90 s of instances when churn-1-260101 ran last on the emulator." in notes
    told = report(found, measured=measured).json()["resources"][0]["measured"]
    assert told == {"job": "churn-1-260101", "seconds": 90.0, "usd": {"low": 0.00575, "high": 0.00575}}


def test_what_is_no_synthesized_app_cannot_be_compared_with(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--compare: there is no synthesized app in .* Give the folder that "):
        base_assembly(tmp_path)
    (tmp_path / "manifest.json").write_text(
        '{"artifacts": {"A": {"type": "aws:cloudformation:stack", "environment": "aws://1/us-east-1", '
        '"properties": {"templateFile": "A.json"}}}}'
    )
    (tmp_path / "A.json").write_text('{"Resources": {"Key"')
    with pytest.raises(UserError, match="does not hold what an app was synthesized to"):
        estimate_app(Assembly.read(tmp_path), bundled_prices(), RULES)


def test_the_nouns_of_this_room_cost_what_gates_count() -> None:
    assert dict(NOUNS.costs) == dict(RULES)
