"""Every example, deployed to one emulator; then what came out of it."""

from __future__ import annotations

import io
import json
import re
import runpy
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from aws_cdk import App, Stack
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_infra.testing.deployment import TestDeployment
from sagecraft_infra.testing.emulator import running_emulator
from sagecraft_infra.testing.publishing import Publisher

from examples.titanic.features import prepare
from tests.constructs.template_checks import assert_clean
from tests.infra.conftest import RUNNING, MakeProject, Project

ROOT = Path(__file__).parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
DEPLOYED = ("batch_transform", "processing", "script_mode", "studio", "titanic_automl", "tuning", "two_hosts")
"""The others are asked where what they declare is tested."""
enforces = pytest.mark.skipif(RUNNING is not None, reason="only the project's own emulator enforces permissions")

SERVED = ("Model", "EndpointConfig", "Endpoint")
USED_ELSEWHERE: dict[str, set[str]] = {
    # AWS explains a candidate by an endpoint that it makes with the job's role; the emulator needs none.
    "TitanicAutoML-AutoMLRole": {
        *(f"sagemaker:{verb}{kind}" for verb in ("Create", "Delete", "Describe") for kind in SERVED),
        "sagemaker:InvokeEndpoint",
        "sagemaker:ListTags",
        "iam:PassRole",
    },
    # A model goes when its stack does.
    "TitanicAutoML-SagecraftModelsRole": {"sagemaker:DeleteModel"},
}
"""By what a role's name begins with: what it may do and has not done here."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Examples:
    """All examples, deployed to one emulator."""

    project: Project
    outputs: Mapping[str, Mapping[str, str]]
    """By stack."""

    def object(self, uri: str) -> io.BytesIO:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        content = io.BytesIO()
        self.project.client("s3").download_fileobj(bucket, key, content)
        content.seek(0)
        return content

    def booster(self, model_uri: str, place: Path) -> xgboost.Booster:
        with tarfile.open(fileobj=self.object(model_uri)) as tar:
            tar.extract("xgboost-model", place, filter="data")
        booster = xgboost.Booster()
        # A file name without an extension makes XGBoost say that it guesses the format.
        with xgboost.config_context(verbosity=0):
            booster.load_model(place / "xgboost-model")
        return booster


Declare = Callable[[str], App]


@pytest.fixture(scope="module")
def declare(tmp_path_factory: pytest.TempPathFactory) -> Declare:
    """The app of an example by its name, declared once."""
    place = tmp_path_factory.mktemp("assemblies")
    context = {**settings()["context"], "aws:cdk:enable-path-metadata": True}

    def declared(name: str) -> App:
        # The CLI hands the context over in the environment, which only a process that starts afterwards sees.
        app = partial(App, context=context, outdir=str(place / name))
        with chdir(ROOT), patch("aws_cdk.App", app):
            found: App = runpy.run_module(f"examples.{name}")["app"]
        return found

    return cache(declared)


def settings() -> dict[str, Any]:
    """As the repository has them, but for one candidate of AutoML."""
    found: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())
    found["context"]["titanic-candidates"] = 1
    return found


@pytest.fixture(scope="module")
def examples(
    make_project: MakeProject, declare: Declare, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Examples]:
    if RUNNING is not None:
        yield deployed_by_the_command(make_project("examples"))
        return
    place = tmp_path_factory.mktemp("examples")
    with running_emulator(place, "real", enforce_iam=True) as emulator:
        deployment = TestDeployment(emulator, Publisher())
        outputs: dict[str, Mapping[str, str]] = {}
        for app in map(declare, DEPLOYED):
            told = deployment.deploy(app)
            outputs |= {stack.stack_name: told.of(stack.stack_name) for stack in stacks_of(app)}
        yield Examples(Project(place, emulator.settings), outputs)


def stacks_of(app: App) -> list[Stack]:
    return [each for each in app.node.children if isinstance(each, Stack)]


def deployed_by_the_command(project: Project) -> Examples:
    """By what can ask another emulator than our own."""
    (project.directory / "cdk.json").write_text(json.dumps(settings()))
    shutil.copytree(ROOT / "examples", project.directory / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    # What stands in cdk.json is not what is deployed.
    (project.directory / "app.py").rename(project.directory / "all_examples.py")
    stacks = project.json("up", "--app", "python all_examples.py")["stacks"]
    return Examples(project, {stack["name"]: stack["outputs"] for stack in stacks})


@pytest.fixture(scope="module")
def passengers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The prepared Titanic by channel, the label in the first column."""
    folder = tmp_path_factory.mktemp("titanic")
    prepare(ROOT / "examples" / "titanic" / "data" / "titanic.csv", folder)
    return {each.name: np.genfromtxt(each / "passengers.csv", delimiter=",") for each in folder.iterdir()}


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_every_template_is_clean(script: Path, declare: Declare) -> None:
    assert_clean(declare(script.stem))


@pytest.mark.parametrize("script", EXAMPLES, ids=lambda script: script.stem)
def test_every_example_says_how_to_deploy_it_and_is_short(script: Path) -> None:
    source = script.read_text()

    assert f'\nsagecraft up --app "python -m examples.{script.stem}"\n' in source
    assert len(source.splitlines()) < 80


def auc(labels: Any, scores: Any) -> float:
    """The share of pairs of a survivor and a victim that the scores put in the right order; ties count half."""
    difference = scores[labels == 1][:, None] - scores[labels == 0][None, :]
    return float(np.mean((difference > 0) + (difference == 0) / 2))


def test_tuning_serves_the_best_of_its_models(examples: Examples, passengers: dict[str, Any], tmp_path: Path) -> None:
    outputs = examples.outputs["Tuning"]
    client = examples.project.client("sagemaker")
    trials = client.list_training_jobs_for_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=outputs["TuningJobName"]
    )["TrainingJobSummaries"]

    reached = {
        trial["TrainingJobName"]: trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials
    }
    assert len(reached) == 6
    assert max(reached, key=lambda name: reached[name]) == outputs["BestTrainingJobName"]
    assert float(outputs["BestObjectiveValue"]) == pytest.approx(max(reached.values()))
    assert len({str(trial["TunedHyperParameters"]) for trial in trials}) == 6

    rows, labels = passengers["validation"][:, 1:], passengers["validation"][:, 0]
    booster = examples.booster(outputs["ModelArtifacts"], tmp_path)
    predicted = booster.predict(xgboost.DMatrix(rows))
    assert auc(labels, predicted) == pytest.approx(max(reached.values()), abs=2e-5)

    (tmp_path / "rows.csv").write_text("\n".join(",".join(f"{value:g}" for value in row) for row in rows) + "\n")
    answered = examples.project.run("invoke", outputs["EndpointName"], str(tmp_path / "rows.csv"))
    answers = np.array([float(each) for each in answered.stdout.replace(",", "\n").split()])
    assert np.abs(answers - predicted).max() < 1e-4


def rows_of_the_first_tree(booster: xgboost.Booster) -> float:
    """How many rows the first tree was grown from, in units of a row's second derivative."""
    first, *_ = booster.get_dump(with_stats=True)
    root = re.search(r"cover=([\d.]+)", first)
    assert root is not None
    return float(root[1])


def test_two_hosts_learn_what_one_host_learns(examples: Examples, passengers: dict[str, Any], tmp_path: Path) -> None:
    outputs = examples.outputs["TwoHosts"]
    labels = passengers["validation"][:, 0]
    rows = xgboost.DMatrix(passengers["validation"][:, 1:])

    two = examples.booster(outputs["TwoHostsModelArtifacts"], tmp_path)
    one = examples.booster(outputs["OneHostModelArtifacts"], tmp_path)

    assert float(outputs["TwoHostsValidationAuc"]) == pytest.approx(auc(labels, two.predict(rows)), abs=2e-5)
    assert float(outputs["OneHostValidationAuc"]) == pytest.approx(auc(labels, one.predict(rows)), abs=2e-5)
    assert float(outputs["TwoHostsValidationAuc"]) == pytest.approx(float(outputs["OneHostValidationAuc"]), rel=0.02)
    assert rows_of_the_first_tree(two) == pytest.approx(rows_of_the_first_tree(one), rel=1e-4), "a shard alone has half"


def test_the_script_trains_with_the_package_that_it_requires(
    examples: Examples, passengers: dict[str, Any], tmp_path: Path
) -> None:
    import joblib

    assert find_spec("tabulate") is None, "the container has to install it"

    outputs = examples.outputs["ScriptMode"]

    with tarfile.open(fileobj=examples.object(outputs["ModelArtifacts"])) as tar:
        tar.extract("model.joblib", tmp_path, filter="data")
    model = joblib.load(tmp_path / "model.joblib")
    rows, labels = passengers["validation"][:, 1:], passengers["validation"][:, 0]
    accuracy = float(np.mean(model.predict(rows) == labels))
    assert accuracy > 0.75
    assert float(outputs["ValidationAccuracy"]) == pytest.approx(accuracy, abs=1e-6)
    logged = examples.project.run("logs", outputs["TrainingJobName"])
    assert f"| validation   |   {accuracy:.6f} |" in logged.stdout, logged.stdout


def test_a_processing_job_makes_what_a_training_job_learns_from(examples: Examples, tmp_path: Path) -> None:
    outputs = examples.outputs["Processing"]

    train, validation = (
        np.genfromtxt(examples.object(f"{outputs[name]}/passengers.csv"), delimiter=",")
        for name in ("Train", "Validation")
    )
    raw = ROOT / "examples" / "titanic" / "data" / "titanic.csv"
    survived = np.genfromtxt(raw, delimiter=",", skip_header=1, usecols=[0])
    number, survivors = len(survived), survived.sum()
    assert (len(train) + len(validation), train[:, 0].sum() + validation[:, 0].sum()) == (number, survivors)
    assert len(validation) == pytest.approx(0.2 * number, abs=1)
    assert validation[:, 0].sum() == pytest.approx(0.2 * survivors, abs=1)
    assert np.isfinite(train).all()
    assert np.isfinite(validation).all()
    # The label, four numbers, the age and whether it is known, two sexes, three ports and the unknown one.
    assert train.shape[1] == validation.shape[1] == 1 + 4 + 2 + 2 + 4

    booster = examples.booster(outputs["ModelArtifacts"], tmp_path)
    reached = auc(validation[:, 0], booster.predict(xgboost.DMatrix(validation[:, 1:])))
    assert reached > 0.8
    assert float(outputs["ValidationAuc"]) == pytest.approx(reached, abs=2e-5)


def test_a_transform_job_joins_predictions_to_the_passengers(
    examples: Examples, passengers: dict[str, Any], tmp_path: Path
) -> None:
    outputs = examples.outputs["BatchTransform"]

    joined = np.genfromtxt(examples.object(f"{outputs['Predictions']}/passengers.csv.out"), delimiter=",")
    test = passengers["test"]
    assert joined.shape == (len(test), 3)
    assert (joined[:, :2] == test[:, :2]).all(), "label and class, in the order of the input"
    booster = examples.booster(outputs["ModelArtifacts"], tmp_path)
    assert np.abs(joined[:, 2] - booster.predict(xgboost.DMatrix(test[:, 1:]))).max() < 1e-5
    assert np.mean((joined[:, 2] > 0.5) == joined[:, 0]) >= 0.8


def test_automl_serves_what_it_learnt_from_passengers_as_they_stand_in_the_file(
    examples: Examples, tmp_path: Path
) -> None:
    outputs = examples.outputs["TitanicAutoML"]

    raw = (ROOT / "examples" / "titanic" / "data" / "titanic.csv").read_text().splitlines()[1:]
    (tmp_path / "rows.csv").write_text("".join(f"{row.partition(',')[2]}\n" for row in raw))
    answered = examples.project.run("invoke", outputs["EndpointName"], str(tmp_path / "rows.csv"))
    answers = [each.split(",") for each in answered.stdout.split()]
    accuracy = float(np.mean([label == row[0] for (label, _), row in zip(answers, raw, strict=True)]))
    assert accuracy > float(outputs["Accuracy"]) > 0.78, "it has seen these passengers"
    assert all(0.5 <= float(probability) <= 1 for _, probability in answers)
    found = json.load(examples.object(outputs["Notebook"]))
    assert found["cells"]
    for report in ("Explainability", "ModelInsights"):
        assert outputs[report].startswith("s3://"), report
    (job,) = examples.project.json("jobs", "--kind", "automl")
    assert (job["name"], job["secondary_status"]) == (outputs["JobName"], "MaxCandidatesReached")
    logged = examples.project.run("logs", outputs["JobName"])
    assert "validation:Accuracy=" in logged.stdout, logged.stderr


@enforces
def test_no_role_of_an_example_lacks_a_permission_or_has_one_that_nothing_needs(examples: Examples) -> None:
    # What is allowed to who works in Studio, nobody has used yet.
    for stack in examples.outputs.keys() - {"Studio"}:
        for role in examples.project.json("permissions", stack):
            assert [call for call in role["calls"] if not call["allowed"]] == [], role["role"]
            expected = next((USED_ELSEWHERE[name] for name in USED_ELSEWHERE if role["role"].startswith(name)), set())
            assert {grant["action"] for grant in role["unused"]} == expected, role["role"]


@pytest.mark.last
def test_studio_goes_with_all_that_was_made_in_it(examples: Examples) -> None:
    sagemaker, cloudformation = (examples.project.client(name) for name in ("sagemaker", "cloudformation"))
    domain_id = examples.outputs["Studio"]["DomainId"]
    sagemaker.create_user_profile(DomainId=domain_id, UserProfileName="guest")
    sagemaker.create_space(
        DomainId=domain_id,
        SpaceName="of-guest",
        OwnershipSettings={"OwnerUserProfileName": "guest"},
        SpaceSharingSettings={"SharingType": "Private"},
        SpaceSettings={"AppType": "JupyterLab"},
    )
    cloudformation.delete_stack(StackName="Studio")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="Studio", WaiterConfig={"Delay": 1})
    assert domain_id not in [each["DomainId"] for each in sagemaker.list_domains()["Domains"]]


@pytest.mark.last
@enforces
def test_a_permission_that_is_taken_away_is_named(examples: Examples) -> None:
    iam, sagemaker = examples.project.client("iam"), examples.project.client("sagemaker")
    (role,) = examples.project.json("permissions", "TwoHosts/OneHost")
    (policy,) = iam.list_role_policies(RoleName=role["role"])["PolicyNames"]
    document = iam.get_role_policy(RoleName=role["role"], PolicyName=policy)["PolicyDocument"]
    without = [each for each in document["Statement"] if each["Action"] != "s3:GetObject"]
    assert len(without) < len(document["Statement"])
    (job,) = sagemaker.list_training_jobs(NameContains="onehost")["TrainingJobSummaries"]
    described = sagemaker.describe_training_job(TrainingJobName=job["TrainingJobName"])
    again = {
        name: described[name]
        for name in (
            "RoleArn",
            "AlgorithmSpecification",
            "HyperParameters",
            "InputDataConfig",
            "OutputDataConfig",
            "ResourceConfig",
            "StoppingCondition",
        )
    }
    # What is described of an algorithm of AWS's is more than a request may say.
    del again["AlgorithmSpecification"]["MetricDefinitions"]
    iam.put_role_policy(
        RoleName=role["role"], PolicyName=policy, PolicyDocument=json.dumps({**document, "Statement": without})
    )
    try:
        sagemaker.create_training_job(TrainingJobName="without-a-permission", **again)
        while (failed := sagemaker.describe_training_job(TrainingJobName="without-a-permission"))[
            "TrainingJobStatus"
        ] == "InProgress":
            time.sleep(0.1)
    finally:
        iam.put_role_policy(RoleName=role["role"], PolicyName=policy, PolicyDocument=json.dumps(document))
    assert failed["TrainingJobStatus"] == "Failed"
    assert re.search(
        rf"assumed-role/{role['role']}/SageMaker is not authorized to perform: s3:GetObject on resource: \S+/train/\S+ "
        r"because no identity-based policy allows the s3:GetObject action\. "
        r"Mend the permissions of the construct 'TwoHosts/OneHost/Role'\.$",
        failed["FailureReason"],
    )
