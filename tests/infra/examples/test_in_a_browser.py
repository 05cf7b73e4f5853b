"""A person's first hour: the app of this repository deployed, and its notebook worked with in a real browser."""

from __future__ import annotations

import os
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.settings import EmulatorSettings

from examples.titanic.features import prepare
from tests import chromium
from tests.chromium import Chromium, Page, wait_until
from tests.infra.conftest import Project, free_port

ROOT = Path(__file__).parents[3]
PICTURES: Final = os.environ.get("SAGECRAFT_TEST_PICTURES")
"""A directory for pictures of what the browser shows."""
FILE = "Untitled.ipynb"
CELL = """
    import boto3
    import sagemaker
    from sagemaker.estimator import Estimator
    from sagemaker.inputs import TrainingInput
    from sagemaker.predictor import Predictor
    from sagemaker.serializers import CSVSerializer

    session = sagemaker.Session()
    rows = "\\n".join(f"{{n % 2}},{{n % 2 + n / 1000}}" for n in range(100))
    data = session.upload_string_as_file_body(rows, session.default_bucket(), "browser/train.csv")
    estimator = Estimator(
        sagemaker.image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1"),
        sagemaker.get_execution_role(),
        instance_count=1,
        instance_type="ml.m5.large",
        hyperparameters={{"objective": "binary:logistic", "num_round": 5}},
    )
    estimator.fit({{"train": TrainingInput(data, content_type="text/csv")}}, logs=False)
    answer = Predictor("{endpoint}", serializer=CSVSerializer()).predict("{passenger}")
    print("The job is", estimator.latest_training_job.describe()["TrainingJobStatus"])
    print("The endpoint answers", answer.decode().strip())
"""

pytestmark = [
    pytest.mark.notebooks,
    pytest.mark.slow,
    pytest.mark.timeout(1_800),
    pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
    pytest.mark.skipif(chromium.EXECUTABLE is None, reason="Chromium is not there"),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A copy of the app, deployed."""
    place = tmp_path_factory.mktemp("browser")
    directory = place / "project"
    directory.mkdir()
    for name in ("app.py", "cdk.json"):
        shutil.copy2(ROOT / name, directory)
    for name in ("settings", "examples"):
        shutil.copytree(ROOT / name, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
    copied = Project(directory, EmulatorSettings(place / "state", free_port()))
    deployed = copied.run("up", SAGECRAFT_NOTEBOOKS="open")
    assert deployed.returncode == 0, deployed.stderr
    yield copied
    copied.run("down")


def passenger(place: Path) -> str:
    """The features of somebody whom no job has seen."""
    prepare(ROOT / "examples" / "titanic" / "data" / "titanic.csv", place)
    label_first = (place / "test" / "passengers.csv").read_text("utf-8").splitlines()[0]
    return label_first.partition(",")[2]


def picture(page: Page, name: str) -> None:
    if PICTURES is not None:
        page.picture(Path(PICTURES) / f"{name}.png")


def type_and_run(page: Page, code: str) -> None:
    """Makes a notebook, and runs a first cell in it."""
    page.click('.jp-LauncherCard[data-category="Notebook"]')
    page.wait_for("#jp-main-statusbar", "conda_python3 | Idle")
    page.click(".jp-Notebook .jp-Cell .cm-content")
    page.write(code)
    page.wait_for(".jp-Notebook .jp-Cell .cm-content", code.splitlines()[-1])
    page.run_cell()


def test_a_notebook_trains_a_job_asks_an_endpoint_and_is_there_after_a_stop(project: Project, tmp_path: Path) -> None:
    client = project.client("sagemaker")
    [instance] = client.list_notebook_instances()["NotebookInstances"]
    [endpoint] = client.list_endpoints()["Endpoints"]
    named = {"NotebookInstanceName": instance["NotebookInstanceName"]}

    def status() -> str:
        return str(client.describe_notebook_instance(**named)["NotebookInstanceStatus"])

    asked = {"endpoint": endpoint["EndpointName"], "passenger": passenger(tmp_path)}
    answer = project.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=asked["endpoint"], ContentType="text/csv", Body=asked["passenger"]
    )
    told = f"The endpoint answers {answer['Body'].read().decode().strip()}"
    with Chromium(tmp_path / "profile") as browser:
        page = browser.page
        page.open(project.run("notebook", "open", instance["NotebookInstanceName"]).stdout.strip())
        page.wait_for(".jp-LauncherCard", "conda_python3")
        picture(page, "1-opened")
        type_and_run(page, textwrap.dedent(CELL.format(**asked)).strip())
        page.wait_for(".jp-OutputArea-output", told)
        page.wait_for(".jp-OutputArea-output", "The job is Completed")
        picture(page, "2-has-run")
        page.save()
        page.wait_for(".jp-DirListing-itemText", FILE)
        wait_until(lambda: page.evaluate("!document.querySelector('.jp-mod-dirty')"))
        client.stop_notebook_instance(**named)
        wait_until(lambda: status() == "Stopped")
        page.open(f"{page.evaluate('location.origin')}/lab/tree/{FILE}")
        page.wait_for("body", "is Stopped. Start it: aws sagemaker start-notebook-instance")
        picture(page, "3-stopped")
        client.start_notebook_instance(**named)
        page.wait_for("body", "is being started: this page loads again by itself.")
        picture(page, "4-starting")
        page.wait_for(".jp-OutputArea-output", told)
        picture(page, "5-is-there")
        assert status() == "InService"
