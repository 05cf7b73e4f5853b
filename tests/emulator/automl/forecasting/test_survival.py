"""A forecasting job outlives its emulator: killed in the middle it goes on, its records are true, nothing is left."""

import psutil
import pytest

from tests.emulator.automl.automl import AutoML
from tests.emulator.conftest import RunningEmulator
from tests.emulator.world import wait_until

from .test_job import sales, series

pytestmark = pytest.mark.slow


def test_a_forecast_goes_on_after_a_sigkill(own_emulator: RunningEmulator) -> None:
    automl = AutoML(own_emulator.start())
    automl.put("train/part-1.csv", sales(("east",)))
    config = series(CandidateGenerationConfig={"AlgorithmsConfig": [{"AutoMLAlgorithms": ["npts"]}]})
    name = automl.begin(**config)

    def jobs() -> dict[str, str]:
        found = automl.client.list_training_jobs(NameContains=name)["TrainingJobSummaries"]
        return {each["TrainingJobName"]: each["TrainingJobStatus"] for each in found}

    def is_training() -> bool:
        told = [automl.client.describe_training_job(TrainingJobName=each)["SecondaryStatus"] for each in jobs()]
        return told == ["Training"]

    wait_until(is_training, seconds=120)
    (first,) = jobs()
    assert own_emulator.process is not None
    processes = psutil.Process(own_emulator.process.pid).children(recursive=True)
    assert processes
    own_emulator.kill()
    assert psutil.wait_procs(processes, timeout=60)[1] == []
    automl = AutoML(own_emulator.start())
    described = automl.end(name)
    assert described["AutoMLJobStatus"] == described["AutoMLJobSecondaryStatus"] == "Completed", described
    statuses = jobs()
    assert sorted(statuses.values()) == ["Completed", "Failed"]
    assert statuses[first] == "Failed"
    reason = automl.client.describe_training_job(TrainingJobName=first)["FailureReason"]
    assert reason.startswith("InternalServerError: the emulator ended while the job was running")
    (trained,) = set(statuses) - {first}
    best = described["BestCandidate"]
    assert f"/{trained}/output/model.tar.gz" in best["InferenceContainers"][0]["ModelDataUrl"]
    candidates = automl.candidates(name)
    assert {each["CandidateName"].removeprefix(name) for each in candidates} == {"-ensemble", "-tsnpts"}
    assert {each["CandidateStatus"] for each in candidates} == {"Completed"}
    assert "PartialFailureReasons" not in described
