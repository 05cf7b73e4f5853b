"""The search, with its processes: limits, stops, and candidates that fail."""

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest
from sagecraft_containers.automl.data.dataset import Dataset
from sagecraft_containers.automl.training import processes, search
from sagecraft_containers.automl.training.search import Limits, Outcome, Search
from sagecraft_containers.errors import UserError

from tests.containers.automl.tables import analyzed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Dataset, Path]:
    directory = tmp_path_factory.mktemp("data")
    dataset = analyzed(
        directory, algorithms=["xgboost", "linear-learner"], objective="AUC", validation_fraction=0.25
    ).dataset
    dataset.save(directory / "prepared")
    return dataset, directory / "prepared"


@pytest.fixture(autouse=True)
def fresh_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job forks; this process has threads of other tests, and libraries that these have hidden from each other."""
    monkeypatch.setattr(processes, "_METHOD", None)


@pytest.fixture(autouse=True)
def one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


def test_the_defaults_of_each_algorithm_are_tried_before_others(prepared: tuple[Dataset, Path], tmp_path: Path) -> None:
    told: list[Outcome] = []
    outcomes = Search(*prepared, tmp_path, Limits(3, 120), tell=told.append).run()
    assert [outcome.number for outcome in outcomes] == [1, 2, 3]
    assert [outcome.candidate.algorithm for outcome in outcomes][:2] == ["xgboost", "linear-learner"]
    assert all(outcome.evaluation is not None and outcome.evaluation.score > 0.6 for outcome in outcomes)
    assert told == outcomes


def test_a_stop_keeps_what_is_done(prepared: tuple[Dataset, Path], tmp_path: Path) -> None:
    told: list[Outcome] = []
    search = Search(*prepared, tmp_path, Limits(50, 120), stopped=lambda: bool(told), tell=told.append)
    assert search.run() == told
    assert len(told) == 1


def test_where_every_candidate_fails_each_reason_is_told(prepared: tuple[Dataset, Path], tmp_path: Path) -> None:
    dataset, _ = prepared
    with pytest.raises(
        UserError, match=r"All 2 candidates failed. xgboost: UserError: The channel 'nowhere' holds no data"
    ):
        Search(dataset, tmp_path / "nowhere", tmp_path, Limits(2, 60)).run()


def test_where_none_is_done_in_time_the_limit_is_told(prepared: tuple[Dataset, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"No candidate was done within the 0\.01 seconds that the job may take"):
        Search(*prepared, tmp_path, Limits(2, 0.01)).run()


def test_a_candidate_that_takes_too_long_is_ended_alone(
    prepared: tuple[Dataset, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_LOOKS_SECONDS", 0.01)
    with pytest.raises(UserError, match=r"it took longer than the 0\.001 seconds that one may"):
        Search(*prepared, tmp_path, Limits(2, 60, candidate_seconds=0.001)).run()


SEARCHING = """
import os, time
from sagecraft_containers.automl.training import processes

executor = processes.pool_of(1)
print(executor.submit(os.getpid).result(), flush=True)
executor.submit(time.sleep, 600).result()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell no process that its parent has ended")
def test_the_processes_of_a_search_that_is_killed_end_with_it() -> None:
    with subprocess.Popen([sys.executable, "-c", SEARCHING], stdout=subprocess.PIPE, text=True) as searching:
        assert searching.stdout is not None
        worker = os.pidfd_open(int(searching.stdout.readline()))
        searching.kill()
    try:
        ended, _, _ = select.select([worker], [], [], 30)
        assert ended == [worker]
    finally:
        os.close(worker)
