"""A notebook instance with a real JupyterLab: one for all tests, which stop it, kill it, and bring it back."""

import json
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.notebook.place import Place
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.conftest import ACCOUNT, REGION, RunningEmulator, free_port

from .browser import Browser

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
]

NAME = "mine"
WAIT_SECONDS = 300


@dataclass
class Notebook:
    """The instance.

    Attributes:
        emulator: Where it is.
    """

    emulator: RunningEmulator

    @property
    def client(self) -> Any:
        return self.emulator.client("sagemaker")

    @property
    def place(self) -> Place:
        return Place.of(self.emulator.settings.work_dir, RecordKey("NotebookInstance", ACCOUNT, REGION, NAME))

    def describe(self) -> dict[str, Any]:
        view: dict[str, Any] = self.client.describe_notebook_instance(NotebookInstanceName=NAME)
        return view

    def wait(self, status: str) -> dict[str, Any]:
        """The instance, once it has a status."""
        wait_until(lambda: self.describe()["NotebookInstanceStatus"] in {status, "Failed"})
        view = self.describe()
        assert view["NotebookInstanceStatus"] == status, view
        return view

    def url(self, **members: Any) -> str:
        answer = self.client.create_presigned_notebook_instance_url(NotebookInstanceName=NAME, **members)
        return str(answer["AuthorizedUrl"])

    def opened(self) -> Browser:
        """A browser that has opened it."""
        browser = Browser(self.url())
        assert browser.open() == (302, "/")
        return browser

    def processes(self) -> list[psutil.Process]:
        """All that runs in it, the outermost first."""
        outer = psutil.Process(json.loads((self.place.directory / "process.json").read_text())["pid"])
        return [outer, *outer.children(recursive=True)]

    def jupyter(self) -> psutil.Process:
        """The process of its JupyterLab."""
        return next(each for each in self.processes() if each.cmdline()[1:3] == ["-m", "jupyterlab"])


def have_ended(processes: list[psutil.Process]) -> bool:
    """Whether none can do anything any more; one that has ended may wait until it is reaped."""
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


def wait_until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not done():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    settings = EmulatorSettings(tmp_path_factory.mktemp("notebook") / "state", free_port(), notebooks="open")
    made = Notebook(RunningEmulator(settings).start())
    role = made.emulator.make_role()
    made.client.create_notebook_instance(NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=role)
    with pytest.raises(ClientError, match="its status is Pending, not InService"):
        made.url()
    made.wait("InService")
    yield made
    made.emulator.stop()


def test_it_is_in_service_when_jupyterlab_answers_and_opens_by_a_url_alone(notebook: Notebook) -> None:
    assert "FailureReason" not in notebook.describe()
    browser = Browser(notebook.url(SessionExpirationDurationInSeconds=1800))
    assert browser.host == f"{NAME}.notebook.{REGION}.sagemaker.localhost:{notebook.emulator.settings.port}"
    status, refused = browser.ask("GET", "/api/status")
    assert (status, refused) == (403, f"This page opens by a new URL: sagecraft notebook open {NAME}\n")
    assert browser.open() == (302, "/")
    assert browser.ask("GET", "/api/status")[0] == 200
    assert browser.leads_to("/") == "/lab?"
    status, page = browser.ask("GET", "/lab")
    assert status == 200
    assert "<title>JupyterLab</title>" in page
    assert Browser(browser.url).open()[0] == 403


def test_its_page_runs_a_cell_over_a_web_socket_and_pages_of_other_origins_cannot(notebook: Notebook) -> None:
    browser = notebook.opened()
    state = notebook.emulator.settings
    unseen = [str(each) for each in (state.work_dir, state.objects_dir, state.host_dir, "/root/.ssh")]
    cell = f"""
        import os
        print(6 * 7, os.getcwd(), [each for each in {unseen} if os.path.exists(each) and os.listdir(each)])
    """
    assert browser.run(textwrap.dedent(cell)) == "42 /home/ec2-user/SageMaker []\n"
    status, kernel = browser.ask("POST", "/api/kernels", {})
    assert status == 201
    channels = f"/api/kernels/{kernel['id']}/channels"
    for origin in ("http://evil.example", browser.origin.replace(NAME, "other"), "null"):
        assert browser.ask("POST", "/api/kernels", {}, Origin=origin)[0] == 403
        with browser.web_socket(channels, origin) as refused:
            assert refused.status == 403
    with Browser(browser.url).web_socket(channels) as refused:
        assert refused.status == 403
    browser.ask("DELETE", f"/api/kernels/{kernel['id']}")


def test_a_jupyterlab_that_is_killed_comes_back_with_what_runs_beside_it(notebook: Notebook) -> None:
    browser = notebook.opened()
    killed = notebook.jupyter()
    killed.kill()
    wait_until(lambda: have_ended([killed]))
    wait_until(lambda: notebook.describe()["NotebookInstanceStatus"] == "InMaintenance")
    with pytest.raises(ClientError, match="its status is InMaintenance, not InService"):
        notebook.url()
    assert browser.ask("GET", "/lab") == (
        503,
        f"The JupyterLab of {NAME} is being started: this page loads again by itself.\n",
    )
    notebook.wait("InService")
    assert browser.ask("GET", "/api/status")[0] == 200
    assert notebook.jupyter().pid != killed.pid


def test_its_volume_alone_lasts_when_it_is_stopped_changed_and_started(notebook: Notebook) -> None:
    marks = ["/home/ec2-user/SageMaker/kept", "/home/ec2-user/gone", "/etc/gone", "/tmp/gone"]
    write = f"from pathlib import Path\nfor mark in {marks}: Path(mark).write_text('here')"
    browser = notebook.opened()
    assert browser.run(write) == ""
    running = notebook.processes()
    notebook.client.stop_notebook_instance(NotebookInstanceName=NAME)
    notebook.wait("Stopped")
    assert have_ended(running)
    assert list(notebook.place.directory.iterdir()) == [notebook.place.volume]
    with pytest.raises(ClientError, match="its status is Stopped, not InService"):
        notebook.url()
    told = f"The notebook instance {NAME} is Stopped. Start it: aws sagemaker start-notebook-instance"
    assert browser.ask("GET", "/lab") == (503, f"{told} --notebook-instance-name {NAME}\n")
    notebook.client.update_notebook_instance(NotebookInstanceName=NAME, VolumeSizeInGB=6, InstanceType="ml.t3.large")
    notebook.wait("Stopped")
    with pytest.raises(ClientError, match="cannot become smaller: VolumeSizeInGB is 6, got 5"):
        notebook.client.update_notebook_instance(NotebookInstanceName=NAME, VolumeSizeInGB=5)
    notebook.client.start_notebook_instance(NotebookInstanceName=NAME)
    assert notebook.wait("InService")["InstanceType"] == "ml.t3.large"
    read = f"from pathlib import Path\nprint([mark for mark in {marks} if Path(mark).exists()])"
    assert notebook.opened().run(read) == f"{marks[:1]}\n"


def test_an_emulator_that_is_killed_leaves_no_process_and_brings_it_back(notebook: Notebook) -> None:
    running, old = notebook.processes(), notebook.opened()
    (notebook.place.volume / "kept").write_text("here")
    notebook.emulator.kill()
    wait_until(lambda: have_ended(running))
    notebook.emulator.start()
    assert notebook.describe()["NotebookInstanceStatus"] == "InMaintenance"
    notebook.wait("InService")
    assert (notebook.place.volume / "kept").read_text() == "here"
    assert old.ask("GET", "/lab") == (403, f"This page opens by a new URL: sagecraft notebook open {NAME}\n")
    assert notebook.opened().ask("GET", "/api/status")[0] == 200


@pytest.mark.last
def test_one_whose_sandbox_is_killed_has_failed_and_is_deleted_with_its_volume(notebook: Notebook) -> None:
    notebook.processes()[0].kill()
    wait_until(lambda: notebook.describe()["NotebookInstanceStatus"] == "Failed")
    assert "was killed by signal SIGKILL (9)" in notebook.describe()["FailureReason"]
    with pytest.raises(ClientError, match=r"Status \(Failed\) not in \(\[InService\]\)"):
        notebook.client.stop_notebook_instance(NotebookInstanceName=NAME)
    notebook.client.delete_notebook_instance(NotebookInstanceName=NAME)
    wait_until(lambda: not notebook.client.list_notebook_instances()["NotebookInstances"])
    assert not notebook.place.directory.exists()
