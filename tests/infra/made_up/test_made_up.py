"""A noun in a folder of its own is drawn, listed, found, stopped, imported and made by Pulumi, as ours are."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack
from rich.console import Console
from sagecraft_catalog.price.book import bundled_prices
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.cli.environment.inventory import write_inventory
from sagecraft_infra.emulator.external import EmulatorKind, ExternalEmulator
from sagecraft_infra.errors import UserError
from sagecraft_infra.graph.environment import environment_graph
from sagecraft_infra.graph.references import read_resources
from sagecraft_infra.importing.existing import find_existing
from sagecraft_infra.importing.writing import import_existing
from sagecraft_infra.inventory import take_whole_inventory
from sagecraft_infra.jobs.log import WorkLog
from sagecraft_infra.jobs.lookup import list_jobs, the_job
from sagecraft_infra.money.estimating import estimate_app
from sagecraft_infra.nouns import NOUNS
from sagecraft_infra.project import Project
from sagecraft_infra.project.assembly import Assembly
from sagecraft_infra.pulumi.declared import component_class
from sagecraft_infra.target import Target, TargetName

from tests.infra.aws_server import aws_server
from tests.infra.pulumi.engine import Engine, run

from .noun import COMPILATION_JOB, MADE_UP, MODEL_CARDS, ModelCard, ModelCardState

REGION = "us-east-1"
ARN = "arn:aws:sagemaker:us-east-1:000000000000:model-card/churn"
ALL = NOUNS.with_(MADE_UP)
EMPTY = {
    "ListTrainingJobs": "TrainingJobSummaries",
    "ListHyperParameterTuningJobs": "HyperParameterTuningJobSummaries",
    "ListTransformJobs": "TransformJobSummaries",
    "ListAutoMLJobs": "AutoMLJobSummaries",
    "ListProcessingJobs": "ProcessingJobSummaries",
    "ListEndpoints": "Endpoints",
    "ListNotebookInstances": "NotebookInstances",
    "ListDomains": "Domains",
    "ListSpaces": "Spaces",
    "ListModelPackageGroups": "ModelPackageGroupSummaryList",
    "ListFeatureGroups": "FeatureGroupSummaries",
    "ListPipelines": "PipelineSummaries",
    "ListModelPackages": "ModelPackageSummaryList",
}


@dataclass
class Place:
    """Where a model card and a job that compiles stand.

    Attributes:
        stopped: The requests that stopped a job.
    """

    target: Target
    stopped: list[dict[str, Any]] = field(default_factory=list)


def nothing(member: str, _: dict[str, Any]) -> dict[str, Any]:
    return {member: []}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    stopped: list[dict[str, Any]] = []
    card = {"ModelCardName": "churn", "ModelCardArn": ARN, "ModelCardStatus": "Approved"}
    job = {"CompilationJobName": "small", "CompilationJobStatus": "InProgress", "CreationTime": 1_700_000_000}
    operations: dict[str, Callable[[dict[str, Any]], Any]] = {
        "ListModelCards": lambda _: {"ModelCardSummaries": [card]},
        "DescribeModelCard": lambda asked: card if asked["ModelCardName"] == "churn" else None,
        "ListTags": lambda _: {"Tags": []},
        "ListCompilationJobs": lambda _: {"CompilationJobSummaries": [job]},
        "DescribeCompilationJob": lambda asked: job if asked["CompilationJobName"] == "small" else None,
        "StopCompilationJob": lambda asked: {"stopped": stopped.append(asked)},  # type: ignore[func-returns-value]
        **{name: partial(nothing, member) for name, member in EMPTY.items()},
    }
    with aws_server({}, operations=operations) as url:
        external = ExternalEmulator(url, EmulatorKind.OTHER, has_sagemaker=True, account="000000000000")
        project = Project(tmp_path, EmulatorSettings(state_dir=tmp_path, port=1), external=external)
        yield Place(Target(TargetName.LOCAL, project), stopped)


def test_a_picture_shows_it(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    ModelCard(Stack(app, "Made"), "Churn", card_name="churn")
    groups, _ = environment_graph(read_resources(Assembly.read(Path(app.synth().directory))), ALL.looks)
    assert [(node.noun, node.name) for group in groups for node in group.nodes] == [("Model card", "Churn")]


def test_what_it_costs_is_counted() -> None:
    app = App()
    ModelCard(Stack(app, "Cards"), "Churn", card_name="churn")
    assembly = Assembly.read(Path(app.synth().directory))
    told = [estimate_app(assembly, bundled_prices(), nouns.costs).resources[0].unpriced for nouns in (ALL, NOUNS)]
    assert told == [(), ("no price is known of an AWS::SageMaker::ModelCard",)]


def test_an_inventory_tells_of_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    inventory = take_whole_inventory(place.target, [], ALL.sections, [REGION])
    assert inventory.of(MODEL_CARDS) == (ModelCardState("churn", "Approved"),)
    assert inventory.as_json()["model_cards"] == [{"name": "churn", "status": "Approved"}]
    assert not inventory.is_empty
    written = Console(file=StringIO(), width=80)
    monkeypatch.setattr("sagecraft_infra.cli.environment.inventory.results", written)
    write_inventory(inventory, hints=True)
    assert isinstance(written.file, StringIO)
    lines = [line.split() for line in written.file.getvalue().splitlines() if line]
    assert lines == [["Model", "card", "Status"], ["churn", "Approved"], ["Read", "it:", "churn"]]


def test_its_jobs_are_listed_found_and_stopped(place: Place) -> None:
    (listed,) = list_jobs(place.target, REGION, kinds=ALL.jobs, limit=5)
    assert (listed.kind, listed.name, listed.status) == (COMPILATION_JOB, "small", "InProgress")
    found = the_job(place.target, REGION, "small", ALL.jobs)
    found.kind.api.stop(place.target.sagemaker(REGION), found.name)
    assert place.stopped == [{"CompilationJobName": "small"}]
    assert COMPILATION_JOB not in ALL.jobs_alone  # the inventory has a section of its noun


def test_its_log_is_found_by_its_name(place: Place) -> None:
    log = WorkLog.named(place.target, REGION, "churn", ALL.jobs, ALL.logged)
    assert (log.group, log.prefix) == ("/aws/sagemaker/ModelCards/churn", "")
    log = WorkLog.named(place.target, REGION, "small", ALL.jobs, ALL.logged)
    assert (log.group, log.prefix) == ("/aws/sagemaker/CompilationJobs", "small/")
    with pytest.raises(
        UserError, match=r"There is no job, endpoint, notebook instance, space or model card 'churm'\. .*churn"
    ):
        WorkLog.named(place.target, REGION, "churm", ALL.jobs, ALL.logged)


def test_it_is_imported(place: Place) -> None:
    existing = find_existing(place.target, REGION, "churn", ALL.importables)
    imported = import_existing(place.target, REGION, existing)
    assert 'ModelCard(self, "ModelCard", card_name="churn")' in imported.source
    assert list(imported.mapping.values()) == [{"ModelCardArn": ARN}]


def test_its_construct_is_a_component_of_pulumi() -> None:
    component = component_class(MADE_UP.components[0], ModelCard)
    engine = Engine()
    run(lambda: {"made": component("churn", card_name="churn").urn}, engine)
    assert engine.one("aws-native:sagemaker:ModelCard").inputs["modelCardName"] == "churn"
    assert component.home_region == "eu-north-1"


def test_nouns_load_nothing_that_takes_long() -> None:
    slow = {"aws_cdk", "boto3", "botocore", "matplotlib", "pulumi", "rich", "typer", "sagecraft_emulator"}
    code = f"import sys, sagecraft_infra.nouns; print(*({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
