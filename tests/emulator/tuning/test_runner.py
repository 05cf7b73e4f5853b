"""What a tuning job asks of the service, and how it ends; the service is one that ends training jobs as a test says."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.engine import NOUNS
from sagecraft_emulator.errors import ApiError, RecordExists
from sagecraft_emulator.state.store import Record, RecordKey, Store
from sagecraft_emulator.tuning.job import CONVERGED_AFTER
from sagecraft_emulator.tuning.runner import TuningRunner

from tests.emulator.world import ACCOUNT, REGION, wait_until

from .tuning import definition, tuning_config

KEY = RecordKey("HyperParameterTuningJob", ACCOUNT, REGION, "job")


class Service:
    """Keeps training jobs as records; each ends at once with a loss, or runs until it is stopped."""

    def __init__(self, store: Store, loss: float | None) -> None:
        self.store, self.loss = store, loss
        self.refusal: str | None = None
        self.asked: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []

    def call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        key = RecordKey("TrainingJob", caller.account, caller.region, request["TrainingJobName"])
        if operation == "StopTrainingJob":
            self.store.update(key, status="Stopped")
            return {}
        if self.refusal is not None:
            raise ApiError("ValidationException", self.refusal)
        try:
            self.store.create(key, arn=f"arn:{key.name}", status="InProgress", body={**request, **own})
        except RecordExists:
            raise ApiError("ResourceInUse", "taken") from None
        self.asked.append((request, own))
        if self.loss is not None:
            data = [{"MetricName": "loss", "Value": self.loss, "Timestamp": time.time()}]
            end = {"FinalMetricDataList": data, "TrainingEndTime": time.time()}
            self.store.update(key, status="Completed", body=end)
        return {}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "sagemaker.sqlite3", NOUNS.states)
    yield made
    made.close()


def run(store: Store, service: Service, cores: int = 2, **config: Any) -> Record:
    """Runs a tuning job of that configuration to its end."""
    runner = TuningRunner(store, service.call, cores)
    body = {
        "HyperParameterTuningJobConfig": tuning_config(config.pop("jobs", 3), config.pop("parallel", 2), **config),
        "TrainingJobDefinition": definition("image", "s3://bucket/output", {}),
    }
    store.create(KEY, arn="arn:job", status="InProgress", body=body)
    try:
        runner.start(KEY)
        wait_until(lambda: store.get(KEY).status not in {"InProgress", "Stopping"})
    finally:
        runner.shutdown()
    return store.get(KEY)


def test_no_more_trials_run_at_once_than_there_are_cores_and_they_share_them(store: Store) -> None:
    service = Service(store, loss=None)
    limits = {"MaxNumberOfTrainingJobs": 100, "MaxParallelTrainingJobs": 50, "MaxRuntimeInSeconds": 1}
    assert run(store, service, cores=7, ResourceLimits=limits).status == "Stopped"
    assert len(service.asked) == 7
    assert {own["_Cores"] for _, own in service.asked} == {1}


def test_cores_that_are_left_over_go_to_the_trials(store: Store) -> None:
    service = Service(store, loss=1.0)
    run(store, service, cores=7, parallel=2)
    assert {own["_Cores"] for _, own in service.asked} == {3}


def test_a_tuning_job_is_stopped_with_its_trials_when_its_time_has_passed(store: Store) -> None:
    service = Service(store, loss=None)
    limits = {"MaxNumberOfTrainingJobs": 9, "MaxParallelTrainingJobs": 2, "MaxRuntimeInSeconds": 1}
    record = run(store, service, ResourceLimits=limits)
    assert record.status == "Stopped"
    assert record.body["HyperParameterTuningEndTime"] >= record.created + 1
    assert {each.status for each in store.find("TrainingJob")} == {"Stopped"}


def test_a_trial_that_the_service_refuses_fails_the_tuning_job_with_its_words(store: Store) -> None:
    service = Service(store, loss=1.0)
    service.refusal = "The role cannot be assumed."
    record = run(store, service)
    assert record.status == "Failed"
    assert record.body["FailureReason"].endswith("a training job could not be created: The role cannot be assumed.")


def test_a_tuning_job_that_has_converged_ends_where_that_is_asked(store: Store) -> None:
    service = Service(store, loss=1.0)
    criteria = {"ConvergenceDetected": {"CompleteOnConvergence": "Enabled"}}
    record = run(store, service, jobs=99, parallel=1, TuningJobCompletionCriteria=criteria)
    assert record.status == "Completed"
    assert len(service.asked) == CONVERGED_AFTER + 1
    assert record.body["TuningJobCompletionDetails"]["ConvergenceDetectedTime"] >= record.created


def test_a_tuning_job_of_the_name_of_a_deleted_one_names_its_trials_anew(store: Store) -> None:
    names = []
    for _ in range(2):
        service = Service(store, loss=1.0)
        assert run(store, service).status == "Completed"
        names += [request["TrainingJobName"] for request, _ in service.asked]
        store.delete(KEY)
    assert len(set(names)) == 6
    assert [name[:8] for name in names] == ["job-001-", "job-002-", "job-003-"] * 2


def test_an_objective_that_is_no_number_is_none(store: Store) -> None:
    record = run(store, Service(store, loss=float("nan")))
    assert record.status == "Failed"
    assert record.body["FailureReason"].startswith("No objective metrics found after running 3 training jobs.")
