"""Tuning jobs of a running emulator: what they search, how they end, and what outlives a SIGKILL."""

import re
import signal
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.tuning.search import STARTUP_CHOICES

from tests.emulator.conftest import REGION, RunningEmulator
from tests.emulator.world import wait_until

from .tuning import TinyTuning, definition, tuning_config

pytestmark = pytest.mark.slow

CATEGORIES = {
    "CategoricalParameterRanges": [{"Name": "x", "Values": ["0.1", "0.3", "0.5"]}, {"Name": "y", "Values": ["a", "b"]}]
}


@pytest.fixture(scope="module")
def tiny(emulator: RunningEmulator, tmp_path_factory: pytest.TempPathFactory) -> TinyTuning:
    return TinyTuning(emulator, tmp_path_factory.mktemp("tuning"))


def values(trials: list[dict[str, Any]]) -> list[float]:
    return [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials]


def test_trials_are_training_jobs_and_the_best_of_them_is_told(tiny: TinyTuning) -> None:
    name = tiny.begin(jobs=4, static={"epochs": "2"}, tags=[{"Key": "team", "Value": "a"}])
    job, trials = tiny.end(name), tiny.trials(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    assert job["TrainingJobStatusCounters"] == {
        "Completed": 4,
        "InProgress": 0,
        "RetryableError": 0,
        "NonRetryableError": 0,
        "Stopped": 0,
    }
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 0}
    assert job["ConsumedResources"]["RuntimeInSeconds"] >= 0
    assert [re.fullmatch(rf"{name}-00[1-4]-[0-9a-f]{{8}}", trial["TrainingJobName"]) is None for trial in trials] == [
        False
    ] * 4
    best = job["BestTrainingJob"]
    assert best["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == min(values(trials))
    x = best["TunedHyperParameters"]["x"]
    assert min(values(trials)) == pytest.approx((float(x) - 0.3) ** 2)
    training_job = tiny.client.describe_training_job(TrainingJobName=best["TrainingJobName"])
    assert training_job["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert training_job["HyperParameters"] == {"epochs": "2", "_tuning_objective_metric": "loss", "x": x}
    tags = tiny.client.list_tags(ResourceArn=training_job["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "team", "Value": "a"}]


def test_the_same_seed_gives_the_same_trials_side_by_side_too(tiny: TinyTuning) -> None:
    members: dict[str, Any] = {"jobs": STARTUP_CHOICES + 3, "parallel": 2, "Strategy": "Bayesian"}
    first, second = (tiny.begin(**members) for _ in range(2))
    chosen = []
    for name in (first, second):
        assert tiny.end(name)["HyperParameterTuningJobStatus"] == "Completed"
        chosen.append([trial["TunedHyperParameters"] for trial in tiny.trials(name)])
    assert chosen[0] == chosen[1]
    assert len({each["x"] for each in chosen[0]}) == len(chosen[0])


def test_a_grid_is_tried_whole(tiny: TinyTuning) -> None:
    name = tiny.begin(jobs=None, Strategy="Grid", ParameterRanges=CATEGORIES)
    job = tiny.end(name)
    chosen = {(trial["TunedHyperParameters"]["x"], trial["TunedHyperParameters"]["y"]) for trial in tiny.trials(name)}
    assert chosen == {(x, y) for x in ("0.1", "0.3", "0.5") for y in "ab"}
    assert job["BestTrainingJob"]["TunedHyperParameters"]["x"] == "0.3"


def test_a_failed_trial_counts_and_the_search_goes_on(tiny: TinyTuning) -> None:
    name = tiny.begin(jobs=None, Strategy="Grid", ParameterRanges=CATEGORIES, static={"fails_above": "0.4"})
    job = tiny.end(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 4, "Pending": 0, "Failed": 2}
    failed = tiny.trials(name, StatusEquals="Failed")
    assert {trial["TunedHyperParameters"]["x"] for trial in failed} == {"0.5"}
    assert all("x is too great" in trial["FailureReason"] for trial in failed)
    assert all(trial["ObjectiveStatus"] == "Failed" for trial in failed)


def test_trials_that_all_fail_fail_the_tuning_job(tiny: TinyTuning) -> None:
    job = tiny.run(jobs=9, static={"fails_above": "-1"})
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("All training jobs failed.")
    assert "x is too great" in job["FailureReason"]
    assert sum(job["TrainingJobStatusCounters"].values()) < 9
    assert "BestTrainingJob" not in job


def test_a_metric_that_is_never_seen_fails_the_tuning_job(tiny: TinyTuning) -> None:
    job = tiny.run(jobs=2, static={"silent": "1"})
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No objective metrics found after running 2 training jobs.")
    assert "The metric loss was never seen" in job["FailureReason"]
    assert job["ObjectiveStatusCounters"]["Failed"] == 2


def test_reaching_the_target_ends_the_tuning_job(tiny: TinyTuning) -> None:
    job = tiny.run(jobs=50, TuningJobCompletionCriteria={"TargetObjectiveMetricValue": 0.4})
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert sum(job["TrainingJobStatusCounters"].values()) < 50
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] <= 0.4


def test_a_tuning_job_that_improves_no_more_ends(tiny: TinyTuning) -> None:
    ranges = {"CategoricalParameterRanges": [{"Name": "y", "Values": [str(number) for number in range(30)]}]}
    job = tiny.run(
        jobs=30,
        parallel=1,
        ParameterRanges=ranges,
        TuningJobCompletionCriteria={"BestObjectiveNotImproving": {"MaxNumberOfTrainingJobsNotImproving": 3}},
    )
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Completed"] == 4
    assert job["TuningJobCompletionDetails"]["NumberOfTrainingJobsObjectiveNotImproving"] == 3


def test_a_stopped_tuning_job_stops_its_trials_and_can_be_deleted(tiny: TinyTuning) -> None:
    name = tiny.begin(jobs=9, static={"seconds": "60"})
    tiny.wait(name, lambda job: {each["TrainingJobStatus"] for each in tiny.trials(name)} == {"InProgress"})
    with pytest.raises(tiny.client.exceptions.ClientError, match="in status InProgress"):
        tiny.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    tiny.client.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    job, trials = tiny.end(name), tiny.trials(name)
    assert job["HyperParameterTuningJobStatus"] == "Stopped"
    assert 1 <= len(trials) <= 2
    assert {trial["TrainingJobStatus"] for trial in trials} == {"Stopped"}
    tiny.client.delete_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    listed = tiny.client.list_hyper_parameter_tuning_jobs(NameContains=name)["HyperParameterTuningJobSummaries"]
    assert listed == []
    assert tiny.client.describe_training_job(TrainingJobName=trials[0]["TrainingJobName"])["TuningJobArn"]


def test_the_median_rule_stops_what_is_hopeless_and_keeps_its_metric(tiny: TinyTuning) -> None:
    values_of_x = ["0.3", "0.31", "0.32", "0.95"]
    ranges = {"CategoricalParameterRanges": [{"Name": "x", "Values": values_of_x}]}
    name = tiny.begin(
        jobs=None,
        parallel=1,
        Strategy="Grid",
        ParameterRanges=ranges,
        static={"epochs": "8", "seconds": "0.1", "slow_above": "0.9"},
        TrainingJobEarlyStoppingType="Auto",
    )
    assert tiny.end(name)["HyperParameterTuningJobStatus"] == "Completed"
    statuses = {trial["TunedHyperParameters"]["x"]: trial["TrainingJobStatus"] for trial in tiny.trials(name)}
    assert statuses == {"0.3": "Completed", "0.31": "Completed", "0.32": "Completed", "0.95": "Stopped"}
    stopped = tiny.trials(name, StatusEquals="Stopped")
    assert stopped[0]["ObjectiveStatus"] == "Succeeded"
    assert values(stopped)[0] > 0.65**2


def test_hyperband_stops_trials_long_before_their_end(tiny: TinyTuning) -> None:
    name = tiny.begin(
        jobs=4,
        Strategy="Hyperband",
        StrategyConfig={"HyperbandStrategyConfig": {"MinResource": 1, "MaxResource": 9}},
        static={"epochs": "600", "seconds": "0.05"},
    )
    job = tiny.end(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["Stopped"] == 4
    assert job["ObjectiveStatusCounters"]["Succeeded"] == 4


def test_a_warm_start_learns_and_knows_the_best_of_all(tiny: TinyTuning) -> None:
    parent = tiny.begin(jobs=3)
    assert tiny.end(parent)["HyperParameterTuningJobStatus"] == "Completed"
    warm_start = {
        "ParentHyperParameterTuningJobs": [{"HyperParameterTuningJobName": parent}],
        "WarmStartType": "IdenticalDataAndAlgorithm",
    }
    child = tiny.begin(jobs=2, Strategy="Bayesian", RandomSeed=8, warm_start=warm_start)
    job = tiny.end(child)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    everything = [*tiny.trials(parent), *tiny.trials(child)]
    overall = job["OverallBestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"]
    assert overall == min(values(everything))
    with pytest.raises(tiny.client.exceptions.ClientError, match="total number of static and tunable"):
        tiny.begin(jobs=2, static={"one": "more"}, warm_start=warm_start)


def test_several_definitions_take_turns(tiny: TinyTuning) -> None:
    def one(name: str, minimum: str, maximum: str) -> dict[str, Any]:
        ranges = {"ContinuousParameterRanges": [{"Name": "x", "MinValue": minimum, "MaxValue": maximum}]}
        objective = {"Type": "Minimize", "MetricName": "loss"}
        members = definition(tiny.image, tiny.output, {})
        return {"DefinitionName": name, "TuningObjective": objective, "HyperParameterRanges": ranges, **members}

    name = tiny.name()
    tiny.client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig={
            "Strategy": "Bayesian",
            "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        },
        TrainingJobDefinitions=[one("near", "0.2", "0.4"), one("far", "0.8", "0.9")],
    )
    job = tiny.end(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    names = [trial["TrainingJobDefinitionName"] for trial in tiny.trials(name)]
    assert names == ["near", "far", "near", "far"]
    assert job["BestTrainingJob"]["TrainingJobDefinitionName"] == "near"


def test_a_killed_trial_is_a_failed_one_and_the_tuning_job_goes_on(tiny: TinyTuning) -> None:
    name = tiny.begin(jobs=2, parallel=1, static={"seconds": "2"})
    processes: list[psutil.Process] = []

    def is_running() -> bool:
        processes[:] = [
            each for each in psutil.process_iter(["cmdline"]) if tiny.program in (each.info["cmdline"] or [])
        ]
        return bool(processes)

    wait_until(is_running)
    for process in processes:
        process.send_signal(signal.SIGKILL)
    job = tiny.end(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed"
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 1
    assert job["TrainingJobStatusCounters"]["Completed"] == 1


def test_a_tuning_job_goes_on_after_a_sigkill_of_the_emulator(own_emulator: RunningEmulator, tmp_path: Path) -> None:
    tiny = TinyTuning(own_emulator.start(), tmp_path)
    members: dict[str, Any] = {"jobs": 4, "static": {"seconds": "1"}}
    name = tiny.begin(**members)

    def trains_another(job: dict[str, Any]) -> bool:
        names = [each["TrainingJobName"] for each in tiny.trials(name) if each["TrainingJobStatus"] == "InProgress"]
        trials = [tiny.client.describe_training_job(TrainingJobName=each) for each in names]
        return job["TrainingJobStatusCounters"]["Completed"] and "Training" in [t["SecondaryStatus"] for t in trials]

    tiny.wait(name, trains_another)
    own_emulator.kill()
    own_emulator.start()
    job, trials = tiny.end(name), tiny.trials(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    counters = job["TrainingJobStatusCounters"]
    assert counters["Completed"] == 4
    assert counters["RetryableError"] == len(trials) - 4 >= 1
    lost = [trial for trial in trials if trial["TrainingJobStatus"] == "Failed"]
    assert all("the emulator ended" in trial["FailureReason"] for trial in lost)
    again = [trial for trial in trials if trial["TunedHyperParameters"] == lost[0]["TunedHyperParameters"]]
    assert [trial["TrainingJobStatus"] for trial in again].count("Completed") == 1
    untroubled = tiny.begin(**members)
    assert tiny.end(untroubled)["HyperParameterTuningJobStatus"] == "Completed"
    completed = [trial for trial in trials if trial["TrainingJobStatus"] == "Completed"]
    assert sorted(trial["TunedHyperParameters"]["x"] for trial in completed) == sorted(
        trial["TunedHyperParameters"]["x"] for trial in tiny.trials(untroubled)
    )
    assert not [each for each in psutil.process_iter(["cmdline"]) if tiny.program in (each.info["cmdline"] or [])]


def test_xgboost_is_tuned_by_a_metric_that_it_reports_itself(tiny: TinyTuning, emulator: RunningEmulator) -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(300, 4))
    rows = np.column_stack([features[:, 0] + features[:, 1] > 0, features])
    text = "\n".join(",".join(f"{value:.4f}" for value in row) for row in rows)
    emulator.client("s3").put_object(Bucket=tiny.bucket, Key="rows/rows.csv", Body=text.encode())
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{tiny.bucket}/rows/"}
    members = definition(algorithm("xgboost").image_uri("3.2-0", REGION), tiny.output, {"num_round": "3"})
    members["AlgorithmSpecification"].pop("MetricDefinitions")
    members["StaticHyperParameters"]["objective"] = "binary:logistic"
    members["InputDataConfig"] = [
        {"ChannelName": channel, "ContentType": "text/csv", "DataSource": {"S3DataSource": source}}
        for channel in ("train", "validation")
    ]
    name = tiny.name()
    tiny.client.create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName=name,
        HyperParameterTuningJobConfig=tuning_config(
            2,
            2,
            Strategy="Bayesian",
            HyperParameterTuningJobObjective={"Type": "Maximize", "MetricName": "validation:auc"},
            ParameterRanges={"IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "4"}]},
        ),
        TrainingJobDefinition=members,
    )
    job = tiny.end(name)
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    assert job["BestTrainingJob"]["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] == max(
        values(tiny.trials(name))
    )
    assert 0.6 < max(values(tiny.trials(name))) <= 1
