"""SageMaker Distribution, in which a notebook job runs its notebook.

What the SageMaker SDK asks for is tried in `tests/sdk/v2/test_pipeline.py`, with the SDK itself.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.container.python import notebook_job
from sagecraft_emulator.container.python.distribution_image import runs_notebook
from sagecraft_emulator.container.python.notebook_packages import SdkVersion, kernel_environment


def cell(source: str, *tags: str) -> dict[str, Any]:
    common: dict[str, Any] = {"cell_type": "code", "metadata": {"tags": tags}, "outputs": [], "execution_count": None}
    return {**common, "id": f"cell-{len(source)}", "source": source}


def run(base: Path, *cells: dict[str, Any], parameters: dict[str, str], **variables: str) -> dict[str, Any] | str:
    """Runs a notebook; its cells' texts and outputs, or why it failed."""
    place, config = base / "input" / "data" / "notebook", base / "input" / "config"
    place.mkdir(parents=True)
    config.mkdir()
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}
    (place / "in.ipynb").write_text(json.dumps(notebook), "utf-8")
    (place / "init.sh").write_text("export GREETING=hi\n", "utf-8")
    (config / "hyperparameters.json").write_text(json.dumps(parameters), "utf-8")
    python = kernel_environment(SdkVersion.V2, print).python
    environment = {
        "HOME": str(base),
        "PATH": "/usr/bin:/bin",
        "SAGEMAKER_BASE_DIR": str(base),
        "SM_EXECUTION_INPUT_PATH": "/opt/ml/input/data/notebook/",
        "SM_INPUT_NOTEBOOK_NAME": "in.ipynb",
        "SM_OUTPUT_NOTEBOOK_NAME": "out.ipynb",
        "TMPDIR": str(base),
        **variables,
    }
    ended = subprocess.run([str(python), notebook_job.__file__], env=environment, check=False)
    if ended.returncode:
        return (base / "output" / "failure").read_text("utf-8")
    left = json.loads((base / "output" / "data" / "out.ipynb").read_text("utf-8"))
    return {"".join(each["source"]): each["outputs"] for each in left["cells"]}


@pytest.mark.slow
def test_a_notebook_runs_with_its_parameters_behind_their_cell_and_what_its_script_has_set(tmp_path: Path) -> None:
    told = cell("import os\nprint(os.environ['GREETING'], who, os.path.exists('in.ipynb'))")
    left = run(
        tmp_path, cell("who = 'nobody'", "parameters"), told, parameters={"who": "world"}, SM_INIT_SCRIPT="init.sh"
    )
    assert isinstance(left, dict)
    assert list(left) == ["who = 'nobody'", "# Parameters\nwho = 'world'", told["source"]]
    assert left[told["source"]] == [{"name": "stdout", "output_type": "stream", "text": ["hi world True\n"]}]


@pytest.mark.slow
def test_a_cell_that_raises_fails_the_job_by_its_words_and_its_notebook_is_left(tmp_path: Path) -> None:
    assert run(tmp_path, cell("1 / 0"), parameters={}) == "ZeroDivisionError: division by zero"
    left = json.loads((tmp_path / "output" / "data" / "out.ipynb").read_text("utf-8"))
    assert left["cells"][0]["outputs"][0]["ename"] == "ZeroDivisionError"


def test_a_kernel_that_is_not_there_is_told_with_the_one_that_is(tmp_path: Path) -> None:
    told = run(tmp_path, cell("1"), parameters={}, SM_KERNEL_NAME="sparkkernel")
    assert told == "There is no kernel 'sparkkernel'; SageMaker Distribution has 'python3' on the emulator."


def test_the_program_that_runs_a_notebook_is_ours_and_no_other_is() -> None:
    assert runs_notebook(("amazon_sagemaker_scheduler",)) == ("python3", notebook_job.__file__)
    assert runs_notebook(("python3", "script.py")) == ("python3", "script.py")
