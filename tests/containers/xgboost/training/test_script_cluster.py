"""A script that trains on several hosts, as one for AWS's container does it."""

import random
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.script_job import WITHOUT_SKLEARN, start_script_job, write_script_job

pytestmark = pytest.mark.slow

SCRIPT = """
import json, os, sys
import xgboost
from sagemaker_xgboost_container import distributed
from sagemaker_xgboost_container.data_utils import get_dmatrix

def train(matrix, is_master):
    if os.environ.get("BREAK") == os.environ["SM_CURRENT_HOST"]:
        os.kill(os.getpid(), 9)
    scores = {}
    model = xgboost.train(
        {"objective": "binary:logistic", "eval_metric": "error"}, matrix, 3, evals=[(matrix, "train")],
        evals_result=scores, verbose_eval=False,
    )
    print("trained", is_master, scores["train"]["error"][-1], flush=True)
    if is_master:
        model.save_model(os.environ["SM_MODEL_DIR"] + "/model.ubj")

hosts, host = json.loads(os.environ["SM_HOSTS"]), os.environ["SM_CURRENT_HOST"]
matrix = get_dmatrix(os.environ["SM_CHANNEL_TRAIN"], "csv")
distributed.wait_hostname_resolution(hosts)
distributed.rabit_run(
    exec_fun=train, args={"matrix": matrix}, include_in_training=matrix is not None, hosts=hosts, current_host=host,
    update_rabit_args=True,
)
print("done", flush=True)
"""


@pytest.fixture
def hosts(tmp_path: Path) -> list[Path]:
    """What stands for /opt/ml on each of three hosts; the second has no data."""
    network = f"127.{random.randrange(1, 255)}.{random.randrange(255)}"
    names = [f"{network}.{number}" for number in (1, 2, 3)]
    bases = [tmp_path / name / "ml" for name in names]
    for name, base in zip(names, bases, strict=True):
        write_script_job(base, {"train.py": WITHOUT_SKLEARN + SCRIPT}, names, name)
    (bases[1] / "input" / "data" / "train" / "train.csv").unlink()
    rows = bases[0] / "input" / "data" / "train" / "train.csv"
    table = np.loadtxt(rows, delimiter=",")
    for place, base in ((0, bases[0]), (1, bases[2])):
        np.savetxt(base / "input" / "data" / "train" / "train.csv", table[place::2], delimiter=",")
    return bases


def run(hosts: list[Path], **environment: str) -> list[tuple[int, str]]:
    processes = [start_script_job("sagecraft_containers.xgboost", base, **environment) for base in hosts]
    logs = [process.communicate(timeout=120)[0] for process in processes]
    return [(process.wait(), log) for process, log in zip(processes, logs, strict=True)]


def test_hosts_with_data_train_one_model_and_the_first_of_them_saves_it(hosts: list[Path]) -> None:
    (code, first), (idle, without), (other, third) = run(hosts)
    assert (code, idle, other) == (0, 0, 0), first + without + third
    assert "trained True" in first
    assert "trained" not in without
    assert "done" not in without
    assert "not being used for distributed training." in without
    assert "trained False" in third
    assert first.partition("trained True ")[2] == third.partition("trained False ")[2]
    assert xgboost.Booster(model_file=hosts[0] / "model" / "model.ubj").num_boosted_rounds() == 3
    assert list((hosts[2] / "model").iterdir()) == []


def test_a_host_that_dies_ends_the_others(hosts: list[Path]) -> None:
    (code, _), (idle, _), (other, _) = run(hosts, BREAK=hosts[2].parent.name)
    assert (code, idle, other) == (1, 0, 137)
    failure = (hosts[0] / "output" / "failure").read_text()
    assert f"The host {hosts[2].parent.name} of the job ended before training did" in failure
