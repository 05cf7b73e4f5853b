"""Several hosts of one job: real processes that train one model on their shares of the data."""

import random
import re
import signal
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sagecraft_containers.xgboost.library import xgboost

from tests.containers.training_job import JobResult, TrainingJob
from tests.prepared_process import Fork

from .synthetic import ROUNDS, as_csv, assert_same_predictions, saved_model, synthetic

pytestmark = pytest.mark.slow

Data = tuple[np.ndarray, np.ndarray]


@pytest.fixture
def hosts(tmp_path: Path) -> list[TrainingJob]:
    """Two hosts of one job. Their names are addresses of loopback, so that each resolves without a file of hosts."""
    network = f"127.{random.randrange(1, 255)}.{random.randrange(255)}"
    names = (f"{network}.1", f"{network}.2")
    return [
        TrainingJob(
            tmp_path / name,
            "sagecraft_containers.xgboost",
            {"num_round": str(ROUNDS), "objective": "binary:logistic", "max_depth": "3"},
            hosts=names,
            current_host=name,
        )
        for name in names
    ]


def run(hosts: Sequence[TrainingJob]) -> list[JobResult]:
    processes = [host.start() for host in hosts]
    return [host.finish(process) for host, process in zip(hosts, processes, strict=True)]


def share(hosts: Sequence[TrainingJob], channel: str, data: Data) -> None:
    """Gives each host every other row."""
    for place, host in enumerate(hosts):
        host.add_channel(channel, {"part.csv": as_csv(*(each[place :: len(hosts)] for each in data))})


def last_scores(log: str) -> dict[str, float]:
    line = [line for line in log.splitlines() if line.startswith(f"[{ROUNDS - 1}]")][-1]
    return {name: float(value) for name, value in re.findall(r"(\S+):(\S+)", line)}


def test_two_hosts_train_one_model_as_good_as_that_of_one_host_on_all_data(
    hosts: list[TrainingJob], tmp_path: Path
) -> None:
    train, validation = synthetic(), synthetic(1)
    share(hosts, "train", train)
    share(hosts, "validation", validation)
    alone = TrainingJob(tmp_path / "alone", hosts[0].module, dict(hosts[0].hyperparameters))
    alone.add_channel("train", {"train.csv": as_csv(*train)})
    alone.add_channel("validation", {"validation.csv": as_csv(*validation)})
    for job in (*hosts, alone):
        job.hyperparameters["eval_metric"] = "logloss,f1_macro,accuracy,balanced_accuracy"
    main, other = run(hosts)
    wanted = last_scores(alone.run().log)
    scores = last_scores(main.log)
    assert set(scores) == set(wanted)
    assert scores["validation-logloss"] == pytest.approx(wanted["validation-logloss"], rel=0.02)
    assert scores["validation-accuracy"] == pytest.approx(wanted["validation-accuracy"], rel=0.02)
    # What it prints is the whole cluster's: the model scores the same on all rows together.
    model = saved_model(main)
    predicted = model.predict(xgboost.DMatrix(validation[0])) > 0.5
    assert scores["validation-accuracy"] == pytest.approx(float(np.mean(predicted == validation[1])), abs=1e-5)
    assert (other.exit_code, other.failure) == (0, None)
    assert not other.model_file.exists()
    assert not re.search(r"^\[\d+\]\t", other.log, re.MULTILINE)


def test_a_host_without_data_takes_part_and_the_first_one_saves_the_model_all_the_same(
    hosts: list[TrainingJob],
) -> None:
    hosts[0].add_channel("train", {})
    hosts[1].add_channel("train", {"train.csv": as_csv(*synthetic())})
    for host in hosts:
        host.hyperparameters |= {"eval_metric": "mse,f1", "tree_method": "exact"}
    main, other = run(hosts)
    assert other.exit_code == 0
    assert "this host has no data in the channel 'train'" in main.log
    assert "tree_method 'exact' is for one host; the job's 2 hosts train with 'hist'" in main.log
    bare = xgboost.train(
        {"objective": "binary:logistic", "max_depth": 3, "tree_method": "hist"},
        xgboost.DMatrix(synthetic()[0], label=synthetic()[1]),
        ROUNDS,
    )
    assert_same_predictions(saved_model(main), bare)


def test_bad_data_of_one_host_is_told_by_all(hosts: list[TrainingJob]) -> None:
    hosts[0].add_channel("train", {"a.csv": as_csv(*synthetic())})
    hosts[1].add_channel("train", {"b.csv": "1,2,x\n"})
    main, other = run(hosts)
    assert other.failure is not None
    assert other.failure.startswith("train/b.csv, line 1: 'x' in column 3 is not a finite number; ")
    assert main.failure == f"The host {hosts[1].current_host} cannot train: {other.failure}"


def test_a_linear_model_is_refused_on_several_hosts(hosts: list[TrainingJob]) -> None:
    hosts[0].hyperparameters = {"num_round": "1", "booster": "gblinear"}
    assert hosts[0].run().failure == (
        "XGBoost does not train the booster 'gblinear' on several hosts, and the job has 2; set InstanceCount to 1, "
        "or use the booster 'gbtree' or 'dart'."
    )


def long_job(hosts: list[TrainingJob]) -> list[Fork]:
    """Starts a job that does not end by itself, and waits until it boosts."""
    share(hosts, "train", synthetic())
    for host in hosts:
        host.hyperparameters["num_round"] = "1000000"
    processes = [host.start() for host in hosts]
    assert processes[0].stdout is not None
    assert any(line.startswith("[3]") for line in iter(processes[0].stdout.readline, ""))
    return processes


@pytest.mark.parametrize("killed", [0, 1])
def test_a_host_that_is_killed_ends_the_other_one(hosts: list[TrainingJob], killed: int) -> None:
    processes = long_job(hosts)
    processes[killed].kill()
    left = 1 - killed
    result = hosts[left].finish(processes[left])
    hosts[killed].finish(processes[killed])
    assert result.exit_code == 1
    assert result.failure == (
        f"The host {hosts[killed].current_host} of the job ended before training did; its own log says why."
    )


def test_what_the_library_refuses_is_told_by_all(hosts: list[TrainingJob]) -> None:
    share(hosts, "train", synthetic())
    for host in hosts:
        host.hyperparameters["updater"] = "grow_skmaker"
    for result in run(hosts):
        assert result.exit_code == 1
        assert result.failure == "XGBoost refuses the job: Unknown tree updater grow_skmaker"


def test_sigterm_to_one_host_stops_all_after_the_same_round(hosts: list[TrainingJob]) -> None:
    processes = long_job(hosts)
    processes[1].send_signal(signal.SIGTERM)
    main, other = (host.finish(process) for host, process in zip(hosts, processes, strict=True))
    assert other.exit_code == 0, other.log
    rounds = saved_model(main).num_boosted_rounds()
    assert f"Stopped by request after {rounds} rounds." in main.log
    assert f"Stopped by request after {rounds} rounds." in other.log


def test_hosts_go_on_from_the_checkpoint_of_the_first(hosts: list[TrainingJob]) -> None:
    share(hosts, "train", synthetic())
    for host in hosts:
        (host.base / "checkpoints").mkdir()
    run(hosts)
    for host in hosts:
        host.hyperparameters["num_round"] = str(ROUNDS + 2)
    main, other = run(hosts)
    assert list((hosts[1].base / "checkpoints").iterdir()) == []
    assert f"Resuming from checkpoint xgboost-checkpoint.{ROUNDS - 1}." in main.log
    assert other.exit_code == 0
    assert saved_model(main).num_boosted_rounds() == ROUNDS + 2


def test_two_hosts_train_the_model_of_each_fold_together(hosts: list[TrainingJob]) -> None:
    # `train_job` of algorithm_mode/train.py of aws/sagemaker-xgboost-container: each host cuts the rows that it has.
    data = synthetic()
    share(hosts, "train", data)
    for host in hosts:
        host.hyperparameters |= {"_kfold": "2", "eval_metric": "logloss,f1"}
    main, other = run(hosts)
    assert (main.exit_code, other.exit_code) == (0, 0), main.log + other.log
    models = [main.base / "model" / f"xgboost-model-{fold}" for fold in range(2)]
    assert [file.exists() for file in models] == [True, True]
    assert not (other.base / "model").exists() or not list((other.base / "model").iterdir())
    means = [
        re.findall(rf"^\[{ROUNDS}\]\ttrain-logloss:(\S+)\ttrain-f1:(\S+)$", each.log, re.M) for each in (main, other)
    ]
    assert len(means[0]) == 1
    assert means[0] == means[1]
    for place, host in enumerate(hosts):
        rows = np.loadtxt(host.base / "output" / "data" / "predictions.csv", delimiter=",")
        assert rows[:, 0].tolist() == data[1][place::2].tolist()
