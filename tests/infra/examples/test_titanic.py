"""The Titanic app of this repository, through all of the house: deployed, asked, changed, destroyed."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost
from sagecraft_emulator.settings import EmulatorSettings

from examples.titanic.features import prepare
from tests.infra.conftest import RUNNING, Project, free_port

ROOT = Path(__file__).parents[3]
DEPLOY_SECONDS = 280
IDLE = ("TitanicNotebook", "TitanicBilling")
"""The stacks whose roles do nothing by themselves: nobody has opened the notebook, and an alarm has no role."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A copy of the app, deployed to an emulator that enforces permissions, and opens its notebook."""
    place = tmp_path_factory.mktemp("titanic")
    directory = place / "project"
    directory.mkdir()
    for name in ("app.py", "cdk.json"):
        shutil.copy2(ROOT / name, directory)
    shutil.copytree(ROOT / "settings", directory / "settings")
    shutil.copytree(ROOT / "examples", directory / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    copied = Project(directory, EmulatorSettings(place / "state", free_port()))
    deployed = copied.run("up", *([] if RUNNING else ["--enforce-iam"]), SAGECRAFT_NOTEBOOKS="open")
    assert deployed.returncode == 0, deployed.stderr
    yield copied
    copied.run("down")


@dataclass
class Caller:
    """Asks an endpoint again and again, from a thread of its own."""

    project: Project
    endpoint: str
    row: str
    answers: list[float] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        client = self.project.client("sagemaker-runtime")
        while not self.enough.wait(0.02):
            try:
                response = client.invoke_endpoint(EndpointName=self.endpoint, ContentType="text/csv", Body=self.row)
                self.answers.append(float(response["Body"].read()))
            except Exception as error:
                self.errors.append(error)


def held_out(tmp_path: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    prepare(ROOT / "examples" / "titanic" / "data" / "titanic.csv", tmp_path)
    return np.genfromtxt(tmp_path / "test" / "passengers.csv", delimiter=",")


def model_of(project: Project, job: dict[str, Any], tmp_path: Path) -> xgboost.Booster:
    bucket, _, key = job["model_artifacts"].removeprefix("s3://").partition("/")
    archive = io.BytesIO()
    project.client("s3").download_fileobj(bucket, key, archive)
    archive.seek(0)
    with tarfile.open(fileobj=archive) as tar:
        tar.extract("xgboost-model", tmp_path, filter="data")
    booster = xgboost.Booster()
    # A file name without an extension makes XGBoost say that it guesses the format.
    with xgboost.config_context(verbosity=0):
        booster.load_model(tmp_path / "xgboost-model")
    return booster


def newest_job(project: Project, status: dict[str, Any]) -> dict[str, Any]:
    """The job whose model the endpoint has: another test may have trained a second one."""
    newest = project.client("sagemaker").list_training_jobs(SortBy="CreationTime", SortOrder="Descending", MaxResults=1)
    (job,) = (
        each for each in status["training_jobs"] if each["name"] == newest["TrainingJobSummaries"][0]["TrainingJobName"]
    )
    return dict(job)


def test_the_endpoint_answers_what_the_model_in_the_artefact_predicts(project: Project, tmp_path: Path) -> None:
    status = project.json("status")
    job, (endpoint,) = newest_job(project, status), status["endpoints"]
    described = project.client("sagemaker").describe_training_job(TrainingJobName=job["name"])
    rows = held_out(tmp_path)[:, 1:]
    (tmp_path / "rows.csv").write_text("\n".join(",".join(f"{value:g}" for value in row) for row in rows) + "\n")

    answered = project.run("invoke", endpoint["name"], str(tmp_path / "rows.csv"))

    assert described["TrainingJobStatus"] == "Completed"
    booster = model_of(project, job, tmp_path)
    best = (0, booster.best_iteration + 1)
    answers = [float(each) for each in answered.stdout.replace(",", "\n").split()]
    text = np.genfromtxt(tmp_path / "rows.csv", delimiter=",")
    predicted = booster.predict(xgboost.DMatrix(text), iteration_range=best)
    assert np.abs(np.array(answers) - predicted).max() < 1e-6


def test_the_example_is_right_for_at_least_four_of_five_passengers(project: Project) -> None:
    done = subprocess.run(
        [sys.executable, str(project.directory / "examples" / "titanic" / "predict.py")],
        cwd=project.directory,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEPLOY_SECONDS,
    )

    assert done.returncode == 0, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("Accuracy on the held-out fifth: ")]
    assert float(line.split()[5]) >= 0.80
    assert "validation:auc" in done.stdout


def test_the_log_of_the_job_has_the_metrics_of_every_round(project: Project) -> None:
    job = newest_job(project, project.json("status"))

    done = project.run("logs", job["name"], "-f")

    assert done.returncode == 0, done.stderr
    assert "validation-auc:" in done.stdout


def test_nothing_changed_is_no_new_job_and_no_new_configuration(project: Project) -> None:
    before = project.json("status")

    done = project.run("up")

    assert done.returncode == 0, done.stderr
    after = project.json("status")
    assert after["training_jobs"] == before["training_jobs"]
    assert after["endpoints"] == before["endpoints"]
    configs = project.client("sagemaker").list_endpoint_configs()["EndpointConfigs"]
    assert [config["EndpointConfigName"] for config in configs] == [before["endpoints"][0]["endpoint_config"]]


def test_a_changed_hyperparameter_is_one_new_job_and_no_failed_invocation(project: Project, tmp_path: Path) -> None:
    before = project.json("status")
    (endpoint,) = before["endpoints"]
    row = ",".join(f"{value:g}" for value in held_out(tmp_path)[0, 1:])
    caller = Caller(project, endpoint["name"], row)
    thread = threading.Thread(target=caller.run)
    thread.start()
    app = project.directory / "app.py"
    app.write_text(app.read_text().replace('"eta": 0.05', '"eta": 0.06'))

    done = project.run("up")
    caller.enough.set()
    thread.join()

    assert done.returncode == 0, done.stderr
    after = project.json("status")
    new = [job for job in after["training_jobs"] if job not in before["training_jobs"]]
    assert [job["status"] for job in new] == ["Completed"]
    assert caller.errors == []
    assert len(set(caller.answers)) == 2, "the old model's answer, then the new one's"
    assert after["endpoints"][0]["name"] == endpoint["name"]
    assert after["endpoints"][0]["endpoint_config"] != endpoint["endpoint_config"]


def test_a_wrong_hyperparameter_is_refused_before_anything_is_deployed(project: Project) -> None:
    app = project.directory / "app.py"
    right = app.read_text()
    app.write_text(right.replace('"max_depth": 5', '"max_dept": 5'))
    try:
        done = project.run("up")
    finally:
        app.write_text(right)

    assert done.returncode == 2
    assert "max_dept" in done.stderr
    assert "max_depth" in done.stderr
    assert 'File "' not in done.stderr


@pytest.mark.skipif(RUNNING is not None, reason="only the project's own emulator enforces permissions")
def test_no_role_lacks_a_permission_or_has_one_that_nothing_needs(project: Project) -> None:
    stacks = [stack["name"] for stack in project.json("status")["stacks"] if stack["name"] not in IDLE]
    roles = [role for stack in stacks for role in project.json("permissions", stack)]
    assert {(role["role"], each["action"]) for role in roles for each in role["calls"] if not each["allowed"]} == set()
    assert {(role["role"], each["action"]) for role in roles for each in role["unused"]} == set()


@pytest.mark.last
def test_down_leaves_nothing(project: Project) -> None:
    done = project.run("down", "--keep-emulator", "--json")

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept_buckets"] == []
    stacks = project.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"] == []
    assert project.client("s3").list_buckets()["Buckets"] == []
    assert project.client("sagemaker").list_endpoints()["Endpoints"] == []
