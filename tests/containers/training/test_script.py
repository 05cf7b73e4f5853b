"""Script mode of both containers: the user's script, its arguments, environment, packages, end and errors."""

import json
import signal
from pathlib import Path

import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.script_job import WITHOUT_SKLEARN, failure, run_script_job, start_script_job, write_script_job
from tests.containers.wheel import make_wheel

pytestmark = pytest.mark.slow

SKLEARN, XGBOOST = "sagecraft_containers.sklearn", "sagecraft_containers.xgboost"

BOOST = """
import argparse, json, os, sys
import numpy as np, xgboost
parser = argparse.ArgumentParser()
parser.add_argument("--depth", type=int)
parser.add_argument("--name")
arguments = parser.parse_args()
table = np.loadtxt(os.environ["SM_CHANNEL_TRAIN"] + "/train.csv", delimiter=",")
matrix = xgboost.DMatrix(table[:, 1:], label=table[:, 0])
model = xgboost.train({"max_depth": arguments.depth, "objective": "binary:logistic"}, matrix, 2)
model.save_model(os.environ["SM_MODEL_DIR"] + "/model.ubj")
seen = {name: os.environ[name] for name in ("SM_HOSTS", "SM_CURRENT_HOST", "SM_NUM_CPUS", "SM_HPS")}
with open(os.environ["SM_OUTPUT_DATA_DIR"] + "/seen.json", "w") as file:
    json.dump({**seen, "name": arguments.name, "prefix": sys.prefix}, file)
"""


def test_the_xgboost_container_runs_a_script_in_place_of_its_algorithm(tmp_path: Path) -> None:
    base = tmp_path / "ml"
    write_script_job(base, {"train.py": WITHOUT_SKLEARN + BOOST}, depth=2, name="a b")
    exit_code, log = run_script_job(XGBOOST, base, OMP_NUM_THREADS="1")
    assert exit_code == 0, log
    assert xgboost.Booster(model_file=base / "model" / "model.ubj").num_boosted_rounds() == 2
    seen = json.loads((base / "output" / "data" / "seen.json").read_text())
    assert seen["SM_HOSTS"] == '["algo-1"]'
    assert seen["SM_CURRENT_HOST"] == "algo-1"
    assert seen["SM_NUM_CPUS"] == "1"
    assert json.loads(seen["SM_HPS"]) == {"depth": 2, "name": "a b"}
    assert seen["name"] == "a b"
    assert seen["prefix"] == str(base / ".python")


def test_requirements_are_installed_for_the_script_and_kept_for_the_next_job(tmp_path: Path) -> None:
    shared = tmp_path / "environments"
    wheel = make_wheel(tmp_path)
    script = "import tiny_thing, subprocess\nprint('value', tiny_thing.VALUE, tiny_thing.__file__, flush=True)\n"
    script += "subprocess.run(['tiny-thing'], check=True)\n"
    for name in ("one", "two"):
        base = tmp_path / name / "ml"
        write_script_job(base, {"train.py": script, "requirements.txt": f"{wheel}\n"})
        exit_code, log = run_script_job(SKLEARN, base, SAGECRAFT_ENVIRONMENTS_DIR=str(shared))
        assert exit_code == 0, log
        assert f"value 42 {shared}" in log
    assert len([path for path in shared.iterdir() if path.is_dir()]) == 1


def test_what_a_script_installs_stays_in_its_own_container(tmp_path: Path) -> None:
    base = tmp_path / "ml"
    wheel = make_wheel(tmp_path)
    script = f"""
import subprocess, sys
subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", {str(wheel)!r}], check=True)
import tiny_thing
print("at", tiny_thing.__file__)
"""
    write_script_job(base, {"train.py": script})
    exit_code, log = run_script_job(SKLEARN, base)
    assert exit_code == 0, log
    assert f"at {base / '.python'}" in log


def test_code_that_is_a_package_is_installed(tmp_path: Path) -> None:
    base = tmp_path / "ml"
    # Builds itself, so that no builder is fetched; that of a usual setup.py is setuptools.
    backend = """
import zipfile
def build_wheel(directory, settings=None, metadata=None):
    name = "own-1-py3-none-any.whl"
    with zipfile.ZipFile(f"{directory}/{name}", "w") as wheel:
        wheel.writestr("helper.py", "WORD = 'helps'")
        wheel.writestr("own-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: own\\nVersion: 1\\n")
        wheel.writestr("own-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("own-1.dist-info/RECORD", "")
    return name
"""
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    script = "import helper\nprint(helper.WORD)\n"
    write_script_job(base, {"setup.py": "", "pyproject.toml": project, "backend.py": backend, "train.py": script})
    exit_code, log = run_script_job(SKLEARN, base)
    assert exit_code == 0, log
    assert "helps" in log


def test_requirements_that_cannot_be_installed_fail_the_job_with_pips_last_lines(tmp_path: Path) -> None:
    write_script_job(tmp_path / "ml", {"train.py": BOOST, "requirements.txt": "./no-such-package\n"})
    assert run_script_job(XGBOOST, tmp_path / "ml")[0] == 1
    assert failure(tmp_path / "ml").startswith("pip cannot install 'requirements.txt'; its last lines:\n")
    assert "no-such-package" in failure(tmp_path / "ml")


def test_a_script_that_fails_leaves_its_exit_code_and_its_error(tmp_path: Path) -> None:
    script = "import sys\ntry:\n    raise RuntimeError('no such column: Fare')\n"
    script += "except RuntimeError:\n    import traceback; traceback.print_exc(); sys.exit(7)\n"
    write_script_job(tmp_path / "ml", {"train.py": script})
    assert run_script_job(SKLEARN, tmp_path / "ml")[0] == 7
    told = failure(tmp_path / "ml")
    assert told.startswith('ExecuteUserScriptError:\nExitCode 7\nErrorMessage "RuntimeError: no such column: Fare"\n')


def test_a_line_that_is_written_in_parts_stays_one_line(tmp_path: Path) -> None:
    script = "import sys, time\nfor part in ('accuracy', '=', '0.5', ';\\n'):\n"
    script += "    print(part, end='', flush=True); time.sleep(0.05)\n"
    write_script_job(tmp_path / "ml", {"train.py": script})
    assert "accuracy=0.5;\n" in run_script_job(SKLEARN, tmp_path / "ml")[1]


def test_a_script_that_is_killed_is_told_by_its_signal(tmp_path: Path) -> None:
    write_script_job(tmp_path / "ml", {"train.py": "import os\nos.kill(os.getpid(), 9)\n"})
    assert run_script_job(SKLEARN, tmp_path / "ml")[0] == 128 + signal.SIGKILL


def test_sigterm_is_passed_on_to_the_script_which_ends_by_itself(tmp_path: Path) -> None:
    script = """
import os, signal, sys, time
def save(number, frame):
    open(os.environ["SM_MODEL_DIR"] + "/saved", "w").close()
    sys.exit(0)
signal.signal(signal.SIGTERM, save)
print("ready", flush=True)
while True:
    time.sleep(0.1)
"""
    base = tmp_path / "ml"
    write_script_job(base, {"train.py": script})
    process = start_script_job(SKLEARN, base)
    assert process.stdout is not None
    assert any(line == "ready\n" for line in iter(process.stdout.readline, ""))
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert (base / "model" / "saved").exists()


@pytest.mark.parametrize("module", [SKLEARN, XGBOOST])
def test_a_script_that_is_not_in_the_archive_is_named(tmp_path: Path, module: str) -> None:
    write_script_job(tmp_path / "ml", {"other.py": "pass"})
    assert run_script_job(module, tmp_path / "ml")[0] == 1
    assert failure(tmp_path / "ml").startswith("The script 'train.py' is not in '")
    assert failure(tmp_path / "ml").endswith("which holds other.py.")


def test_an_archive_that_is_not_there_is_named(tmp_path: Path) -> None:
    write_script_job(tmp_path / "ml", {}, sagemaker_submit_directory="/no/such/sourcedir.tar.gz")
    assert run_script_job(SKLEARN, tmp_path / "ml")[0] == 1
    assert failure(tmp_path / "ml").startswith("The code '/no/such/sourcedir.tar.gz' cannot be fetched: ")


def test_a_job_of_the_scikit_learn_container_must_name_a_script(tmp_path: Path) -> None:
    write_script_job(tmp_path / "ml", {})
    (tmp_path / "ml" / "input" / "config" / "hyperparameters.json").write_text("{}")
    assert run_script_job(SKLEARN, tmp_path / "ml")[0] == 1
    assert failure(tmp_path / "ml").startswith(
        "The hyperparameters sagemaker_program and sagemaker_submit_directory are missing."
    )
