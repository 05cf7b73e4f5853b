"""What `amazon_sagemaker_scheduler` does in SageMaker Distribution: runs a notebook, and leaves it with its outputs.

It runs in the image's Python, which has none of the emulator's packages. Sources: `workflow/notebook_job_step.py` of
https://github.com/aws/sagemaker-python-sdk for the variables, and "Parameterize your notebook" of the developer guide
for the parameters: a cell behind the one that is tagged `parameters`, or before all others.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPT_ML = "/opt/ml"
BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR", OPT_ML))
OUTPUT, FAILURE = BASE / "output" / "data", BASE / "output" / "failure"
KERNEL = "python3"
INITIALIZED = "--initialized"


def main() -> int:
    """Runs the notebook; returns the exit code."""
    place = Path(os.environ["SM_EXECUTION_INPUT_PATH"])
    if not place.is_dir() and place.is_relative_to(OPT_ML):
        place = BASE / place.relative_to(OPT_ML)
    directory = Path(tempfile.mkdtemp(prefix="notebook-job-"))
    shutil.copytree(place, directory, dirs_exist_ok=True)
    script = os.environ.get("SM_INIT_SCRIPT")
    if script and INITIALIZED not in sys.argv:
        command = ["bash", "-c", 'source "./$0" && exec "$@"', script, sys.executable, __file__, INITIALIZED]
        return subprocess.run(command, check=False, cwd=directory).returncode
    kernel = os.environ.get("SM_KERNEL_NAME", KERNEL)
    if kernel != KERNEL:
        return failed(f"There is no kernel '{kernel}'; SageMaker Distribution has '{KERNEL}' on the emulator.")
    for variable in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        os.environ[variable] = tempfile.mkdtemp()
    return run(directory)


def run(directory: Path) -> int:
    """Runs the notebook that is in a directory; it is left with its outputs however that ends."""
    import nbformat  # noqa: PLC0415 - the image's, as those below
    from nbclient import NotebookClient  # noqa: PLC0415
    from nbclient.exceptions import CellExecutionError, DeadKernelError  # noqa: PLC0415

    name = os.environ["SM_INPUT_NOTEBOOK_NAME"]
    notebook = nbformat.read(directory / name, as_version=4)
    inject(notebook, nbformat.v4.new_code_cell)
    print(f"Running {name}: {len(notebook.cells)} cells", flush=True)
    client = NotebookClient(
        notebook, kernel_name=KERNEL, resources={"metadata": {"path": str(directory)}}, timeout=None
    )
    try:
        asyncio.run(client.async_execute())
    except CellExecutionError as error:
        return failed(f"{error.ename}: {error.evalue}", str(error))
    except DeadKernelError as error:
        return failed(str(error))
    finally:
        OUTPUT.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, OUTPUT / os.environ["SM_OUTPUT_NOTEBOOK_NAME"])
    return 0


def inject(notebook: Any, new_cell: Callable[..., Any]) -> None:
    """Puts the parameters into a notebook."""
    file = BASE / "input" / "config" / "hyperparameters.json"
    parameters = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if not parameters:
        return
    source = "\n".join(["# Parameters", *(f"{name} = {value!r}" for name, value in parameters.items())])
    cell = new_cell(source, metadata={"tags": ["injected-parameters"]})
    tagged = [at for at, each in enumerate(notebook.cells) if "parameters" in each.metadata.get("tags", ())]
    notebook.cells.insert(tagged[0] + 1 if tagged else 0, cell)


def failed(reason: str, told: str = "") -> int:
    """Says why the job fails, to the log and to who asks for the job."""
    print(told or reason, file=sys.stderr, flush=True)
    FAILURE.parent.mkdir(parents=True, exist_ok=True)
    FAILURE.write_text(reason, "utf-8")
    return 1


if __name__ == "__main__":
    sys.exit(main())
