"""The notebooks of the examples: as they are kept, and run from their first cell to their last by the command."""

import json
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.settings import EmulatorSettings

from tests.emulator.conftest import RunningEmulator, free_port

FOLDER = Path(__file__).parents[3] / "examples" / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
NAME, NAME_V3 = "examples", "examples-v3"
INSTANCES: dict[str, list[dict[str, str]]] = {NAME: [], NAME_V3: [{"Key": "sagecraft:sagemaker-sdk", "Value": "3"}]}
CELLS_V3 = [
    """
    import uuid
    from importlib.metadata import version

    from sagemaker.core import image_uris
    from sagemaker.core.helper.session_helper import Session, get_execution_role
    from sagemaker.core.training.configs import Compute, InputData
    from sagemaker.serve.model_builder import ModelBuilder
    from sagemaker.train import ModelTrainer

    assert version("sagemaker").startswith("3.")
    session, role = Session(), get_execution_role()
    image = image_uris.retrieve("xgboost", session.boto_region_name, version="1.7-1")
    rows = "\\n".join(f"{n % 2},{n % 2 + n / 1000}" for n in range(100))
    data = session.upload_string_as_file_body(rows, session.default_bucket(), "v3/train.csv")
    """,
    """
    trainer = ModelTrainer(
        sagemaker_session=session,
        training_image=image,
        role=role,
        compute=Compute(instance_type="ml.m5.large", instance_count=1),
        hyperparameters={"objective": "binary:logistic", "num_round": 5},
        input_data_config=[InputData(channel_name="train", data_source=data, content_type="text/csv")],
    )
    trainer.train(wait=True, logs=False)
    """,
    """
    name = f"v3-{uuid.uuid4().hex[:8]}"
    builder = ModelBuilder(
        model=trainer, image_uri=image, role_arn=role, sagemaker_session=session, instance_type="ml.m5.large"
    )
    builder.build(model_name=name)
    endpoint = builder.deploy(endpoint_name=name)
    """,
    """
    answer = endpoint.invoke(body="1.05", content_type="text/csv", accept="text/csv").body
    told = float(answer.read() if hasattr(answer, "read") else answer)
    endpoint.delete()
    assert told > 0.5, told
    """,
]
"""What the SageMaker SDK v3 is for: a job, an endpoint, a prediction."""
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
    """One with a notebook instance of each SDK."""
    settings = EmulatorSettings(tmp_path_factory.mktemp("notebooks") / "state", free_port(), notebooks="open")
    running = RunningEmulator(settings).start()
    client, role_arn = running.client("sagemaker"), running.make_role("analyst")
    # The SDK v3 looks at what a role may do before it uses it.
    running.client("iam").attach_role_policy(
        RoleName="analyst", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    )
    for name, tags in INSTANCES.items():
        client.create_notebook_instance(
            NotebookInstanceName=name, InstanceType="ml.t3.medium", RoleArn=role_arn, Tags=tags
        )
    for name in INSTANCES:
        client.get_waiter("notebook_instance_in_service").wait(
            NotebookInstanceName=name, WaiterConfig={"Delay": 1, "MaxAttempts": WAIT_SECONDS}
        )
    yield running
    running.stop()


def on_an_instance(test: Callable[..., None]) -> Callable[..., None]:
    """Marks what runs notebooks."""
    for mark in (
        pytest.mark.notebooks,
        pytest.mark.slow,
        pytest.mark.timeout(2 * WAIT_SECONDS),
        pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces"),
    ):
        test = mark(test)
    return test


@on_an_instance
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


@on_an_instance
def test_the_sdk_v3_trains_deploys_and_predicts_on_an_instance_that_asks_for_it(
    emulator: RunningEmulator, tmp_path: Path
) -> None:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": textwrap.dedent(source).strip()}
        for n, source in enumerate(CELLS_V3)
    ]
    file = tmp_path / "v3.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    options = ["--port", str(emulator.settings.port), "--state-dir", str(emulator.settings.state_dir)]
    command = [str(Path(sys.executable).with_name("sagecraft")), "notebook", "run", NAME_V3, str(file), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=WAIT_SECONDS, check=False)
    assert done.returncode == 0, done.stderr
