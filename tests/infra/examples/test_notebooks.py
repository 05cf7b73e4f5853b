"""The notebooks of the examples: as they are kept, and run from their first cell to their last by the command."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import RunningEmulator, free_port

FOLDER = Path(__file__).parents[3] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAME = "examples"
WAIT_SECONDS = 600


def names(file: Path) -> str:
    return file.stem


@pytest.mark.parametrize("file", NOTEBOOKS, ids=names)
def test_a_notebook_is_kept_without_outputs_and_names_the_instances_kernel(file: Path) -> None:
    document: dict[str, Any] = json.loads(file.read_text("utf-8"))
    assert document["nbformat"] == 4
    assert document["metadata"]["kernelspec"]["name"] == "conda_python3"
    code = [cell for cell in document["cells"] if cell["cell_type"] == "code"]
    assert code
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"] is not None] == []
    assert len({cell["id"] for cell in document["cells"]}) == len(document["cells"])
    index = (FOLDER.parents[1] / "docs" / "index.md").read_text("utf-8")
    assert f"\nnotebooks/{file.stem}\n" in index


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEmulator]:
    """One with a notebook instance."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("notebooks") / "state", free_port(), notebooks="open")
    running = RunningEmulator(settings).start()
    client = running.client("sagemaker")
    client.create_notebook_instance(
        NotebookInstanceName=NAME, InstanceType="ml.t3.medium", RoleArn=running.make_role("analyst")
    )
    client.get_waiter("notebook_instance_in_service").wait(
        NotebookInstanceName=NAME, WaiterConfig={"Delay": 1, "MaxAttempts": WAIT_SECONDS}
    )
    yield running
    running.stop()


@pytest.mark.notebooks
@pytest.mark.slow
@pytest.mark.timeout(2 * WAIT_SECONDS)
@pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")
def test_they_run_from_the_first_cell_to_the_last_and_leave_no_endpoint(
    emulator: RunningEmulator, tmp_path: Path
) -> None:
    options = ["--port", str(emulator.settings.port), "--state-dir", str(emulator.settings.state_dir)]
    command = [str(Path(sys.executable).with_name("sagecraft")), "notebook", "run", NAME]
    running = {
        file: subprocess.Popen(
            [*command, str(file), "-o", str(tmp_path / file.name), *options], stderr=subprocess.PIPE, text=True
        )
        for file in NOTEBOOKS
    }
    deadline = time.monotonic() + WAIT_SECONDS
    told = {file.stem: process.communicate(timeout=deadline - time.monotonic())[1] for file, process in running.items()}
    assert {file.stem: process.returncode for file, process in running.items()} == dict.fromkeys(told, 0), told
    for file in NOTEBOOKS:
        code = [cell for cell in json.loads((tmp_path / file.name).read_text())["cells"] if cell["cell_type"] == "code"]
        assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    client = emulator.client("sagemaker")
    for endpoint in client.list_endpoints()["Endpoints"]:
        gone = client.get_waiter("endpoint_deleted")
        gone.wait(EndpointName=endpoint["EndpointName"], WaiterConfig={"Delay": 1, "MaxAttempts": 120})
