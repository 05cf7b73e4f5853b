"""A script-mode job as SageMaker lays it out for a container, run as a real process."""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tests.prepared_process import Fork

from .prepared_program import start_program

WITHOUT_SKLEARN = "import sys; sys.modules['sklearn'] = None\n"
"""Before a script that imports XGBoost: it would import scikit-learn, too, which takes longer than all else it does."""


def write_script_job(
    base: Path,
    files: Mapping[str, str],
    hosts: Sequence[str] = ("algo-1",),
    host: str = "algo-1",
    **hyperparameters: object,
) -> None:
    """What SageMaker puts below /opt/ml for a job whose script is `train.py`, on a channel `train` of CSV.

    Args:
        base: What stands for /opt/ml.
        files: What `sourcedir.tar.gz` holds.
        hosts: All hosts of the job.
        host: This one.
        hyperparameters: The user's.
    """
    for directory in ("input/config", "input/data/train", "model", "output", "code"):
        (base / directory).mkdir(parents=True)
    source = base.parent / "sourcedir.tar.gz"
    with tarfile.open(source, "w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content.encode())
            tar.addfile(entry, io.BytesIO(content.encode()))
    settings = {"sagemaker_program": "train.py", "sagemaker_submit_directory": str(source), **hyperparameters}
    configuration = {
        "hyperparameters.json": {name: json.dumps(value) for name, value in settings.items()},
        "inputdataconfig.json": {"train": {"TrainingInputMode": "File"}},
        "resourceconfig.json": {"current_host": host, "hosts": list(hosts), "network_interface_name": "lo"},
    }
    for name, values in configuration.items():
        (base / "input" / "config" / name).write_text(json.dumps(values))
    random = np.random.default_rng(0)
    features = random.normal(size=(100, 2))
    table = np.column_stack([features[:, 0] > 0, features])
    np.savetxt(base / "input" / "data" / "train" / "train.csv", table, delimiter=",")


def start_script_job(module: str, base: Path, **environment: str) -> Fork:
    """Starts the container's `train`."""
    variables = {"SAGEMAKER_BASE_DIR": str(base), "AWS_REGION": "us-east-1", **environment}
    return start_program(module, "train", variables)


def run_script_job(module: str, base: Path, **environment: str) -> tuple[int, str]:
    """Runs the container's `train`; returns its exit code and its log."""
    process = start_script_job(module, base, **environment)
    log = process.communicate(timeout=180)[0]
    return process.wait(), log


def failure(base: Path) -> str:
    """The failure file."""
    return (base / "output" / "failure").read_text()
