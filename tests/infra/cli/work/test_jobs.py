"""The commands for jobs, on an emulator whose image is a small Python program."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from sagecraft_emulator.front import server

from tests.emulator.conftest import RunningEmulator
from tests.emulator.tuning.tuning import TinyTuning, definition, tuning_config
from tests.infra.conftest import MakeProject, Project

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Jobs:
    """A project with an emulator, jobs in it, and requests that wait to be run by hand."""

    def __init__(self, project: Project, directory: Path) -> None:
        self.project = project
        self.tiny = TinyTuning(RunningEmulator(project.settings), directory)

    def training_request(self, hosts: int = 1, **hyperparameters: str) -> dict[str, Any]:
        request = definition(self.tiny.image, self.tiny.output, {})
        del request["StaticHyperParameters"]
        request["ResourceConfig"]["InstanceCount"] = hosts
        return {**request, "HyperParameters": hyperparameters}

    def tuning_request(self, jobs: int, **static: str) -> dict[str, Any]:
        return {
            "HyperParameterTuningJobConfig": tuning_config(jobs, 1),
            "TrainingJobDefinition": definition(self.tiny.image, self.tiny.output, static),
        }

    def declare(self, path: str, kind: str, request: dict[str, Any]) -> None:
        content = {"kind": kind, "namePrefix": path.replace("/", "-").lower(), "request": request}
        self.project.client("ssm").put_parameter(
            Name=f"/sagecraft/{path}", Type="String", Value=json.dumps(content), Overwrite=True
        )

    def start(self, name: str, **members: Any) -> None:
        self.project.client("sagemaker").create_training_job(TrainingJobName=name, **self.training_request(**members))


@pytest.fixture(scope="module")
def jobs(make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jobs]:
    project = make_project("topic")
    server.start(project.settings)
    yield Jobs(project, tmp_path_factory.mktemp("program"))
    server.stop(project.settings)


def test_a_declared_job_is_run_by_the_last_element_of_its_path_and_its_log_is_followed(jobs: Jobs) -> None:
    jobs.declare("Stack/Train", "TrainingJob", jobs.training_request(x="0.5", epochs="3"))

    done = jobs.project.run("run", "Train")

    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("loss=")] == [
        f"loss={(0.5 - 0.3) ** 2 + 1 - (epoch + 1) / 3};" for epoch in range(3)
    ]
    (job,) = [each for each in jobs.project.json("jobs") if each["name"].startswith("stack-train-")]
    assert (job["kind"], job["status"], job["objective"]) == ("training", "Completed", None)
    assert job["queue_seconds"] >= 0
    assert job["seconds"] > 0


def test_a_run_that_fails_ends_with_exit_code_3_and_the_reason(jobs: Jobs) -> None:
    jobs.declare("Stack/Fails", "TrainingJob", jobs.training_request(x="2", fails_above="1"))

    done = jobs.project.run("run", "Stack/Fails")

    assert done.returncode == 3
    assert "is Failed: AlgorithmError" in done.stderr
    assert "x is too great" in done.stdout


def test_what_the_jobs_would_have_cost_is_what_their_records_say(jobs: Jobs) -> None:
    jobs.declare("Stack/Pay", "TrainingJob", jobs.training_request(hosts=2, epochs="1"))
    assert jobs.project.run("run", "Pay").returncode == 0
    sagemaker, today = jobs.project.client("sagemaker"), datetime.now(UTC).date()
    names = [each["TrainingJobName"] for each in sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]]
    records = [sagemaker.describe_training_job(TrainingJobName=name) for name in names]

    said, told = jobs.project.run("jobs"), jobs.project.json("status")["cost"]
    answer = jobs.project.client("ce").get_cost_and_usage(
        TimePeriod={"Start": str(today - timedelta(1)), "End": str(today + timedelta(1))},
        Granularity="MONTHLY",
        Metrics=["UsageQuantity"],
        Filter={"Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-Train:ml.m5.large"]}},
    )

    billed = sum(each["BillableTimeInSeconds"] * each["ResourceConfig"]["InstanceCount"] for each in records)
    used = sum(float(each["Total"]["UsageQuantity"]["Amount"]) for each in answer["ResultsByTime"])
    assert used == pytest.approx(billed / 3600, abs=1e-6)
    gib = records[0]["ResourceConfig"]["VolumeSizeInGB"]
    assert told["usd"] == pytest.approx(billed / 3600 * (0.115 + gib * 0.14 / 730), abs=1e-6)
    assert (told["usd_an_hour"], told["unpriced"]) == (0, [])
    assert "On AWS this would have cost less than $0.01 so far." in said.stderr


def test_a_name_that_several_declared_jobs_have_is_not_guessed(jobs: Jobs) -> None:
    for stack in ("One", "Two"):
        jobs.declare(f"{stack}/Same", "TrainingJob", jobs.training_request())

    several = jobs.project.run("run", "Same")
    unknown = jobs.project.run("run", "One/Sane")

    assert several.returncode == unknown.returncode == 2
    assert "Several jobs are called 'Same'. Say which: One/Same, Two/Same." in several.stderr
    assert "No job 'One/Sane' is declared to be run by hand in us-east-1. Did you mean 'One/Same'" in unknown.stderr


def test_a_parameter_that_holds_no_request_is_named(jobs: Jobs) -> None:
    jobs.project.client("ssm").put_parameter(Name="/sagecraft/Stack/Odd", Type="String", Value="{}", Overwrite=True)

    done = jobs.project.run("run", "Odd")

    assert done.returncode == 2
    assert "The parameter /sagecraft/Stack/Odd does not hold the request of a job." in done.stderr


def test_a_tuning_job_tells_its_trials_and_the_best_of_them(jobs: Jobs, tmp_path: Path) -> None:
    jobs.declare("Stack/Tune", "HyperParameterTuningJob", jobs.tuning_request(3, epochs="1"))

    done = jobs.project.run("run", "Tune")

    assert done.returncode == 0, done.stderr
    *_, headline, best = done.stdout.splitlines()
    name = headline.split()[0]
    trials = jobs.tiny.trials(name)
    values = [trial["FinalHyperParameterTuningJobObjectiveMetric"]["Value"] for trial in trials]
    assert headline.endswith("Completed   3 of 3 trials: 3 Completed")
    assert best.startswith(f"Best loss {min(values):.6g}, trial ")
    (job,) = jobs.project.json("jobs", name)
    assert (job["kind"], job["objective"]) == ("tuning", min(values))
    logged = jobs.project.run("logs", name).stdout.splitlines()
    hosts = {line.partition(" | ")[0] for line in logged if "loss=" in line}
    assert hosts == {f"{trial['TrainingJobName']}/algo-1" for trial in trials}
    drawn = jobs.project.run("plot", name, "--output", str(tmp_path / "tuning.svg"))
    assert drawn.returncode == 0, drawn.stderr
    assert ElementTree.parse(tmp_path / "tuning.svg").getroot().tag.endswith("svg")


def test_jobs_of_two_hosts_tell_which_host_wrote_a_line(jobs: Jobs) -> None:
    jobs.start("two-hosts", hosts=2, x="0.3")

    done = jobs.project.run("logs", "-f", "two-hosts")

    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if "loss=" in line]
    assert {line.partition(" | ")[0] for line in lines} == {"algo-1", "algo-2"}
    assert len(lines) == 6


def test_the_metrics_of_a_training_job_are_drawn(jobs: Jobs, tmp_path: Path) -> None:
    jobs.start("drawn", x="0.3", epochs="5", seconds="0.01")
    jobs.project.run("logs", "-f", "drawn")

    done = jobs.project.run("plot", "drawn", "-o", str(tmp_path / "curves.png"))

    assert (done.returncode, done.stdout.strip()) == (0, str(tmp_path / "curves.png")), done.stderr
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")


def test_a_job_that_runs_is_stopped_and_the_one_behind_it_is_seen_to_wait(jobs: Jobs) -> None:
    cores = 64
    names = [f"long-{number}" for number in range(cores + 1)]
    client = jobs.project.client("sagemaker")
    started = []
    waiting: list[Any] = []
    for name in names:
        jobs.start(name, seconds="100")
        started.append(name)
        waiting = jobs.project.json("status")["queue"]["waiting"]
        if waiting:
            break
    shown = jobs.project.run("status")
    stopped = jobs.project.run("stop", started[0])
    followed = jobs.project.run("logs", "-f", started[0])
    again = jobs.project.run("stop", started[0])
    for name in started[1:]:
        jobs.project.run("stop", name)
    while client.list_training_jobs(StatusEquals="Stopping")["TrainingJobSummaries"]:
        time.sleep(0.1)

    assert waiting[-1]["name"] == started[-1]
    assert "1 jobs wait for cores" in shown.stderr
    assert stopped.returncode == followed.returncode == 0, stopped.stderr
    assert again.returncode == 2
    assert f"The training job '{started[0]}' has ended already: it is Stopped." in again.stderr
    stopped_jobs = jobs.project.json("jobs", "--status", "Stopped", "--kind", "training")
    assert set(started) <= {job["name"] for job in stopped_jobs}


def test_a_job_that_nobody_knows_is_told_with_near_names(jobs: Jobs) -> None:
    jobs.start("known-job", x="0.3", silent="1")
    jobs.project.run("logs", "-f", "known-job")

    for command in (["stop", "known-jop"], ["jobs", "known-jop"], ["plot", "known-jop"], ["logs", "known-jop"]):
        done = jobs.project.run(*command)
        assert done.returncode == 2, command
        assert "'known-jop'" in done.stderr
        assert "known-job" in done.stderr.replace("'known-jop'", "")


def test_why_there_is_nothing_to_draw_is_told(jobs: Jobs, tmp_path: Path) -> None:
    jobs.start("silent-job", x="0.3", silent="1")
    jobs.project.run("logs", "-f", "silent-job")

    nothing = jobs.project.run("plot", "silent-job")
    format_ = jobs.project.run("plot", "silent-job", "--output", str(tmp_path / "a.gif"))

    assert nothing.returncode == format_.returncode == 2
    assert "silent-job" in nothing.stderr
    assert "There is no log" in nothing.stderr or "holds one of its metrics: loss" in nothing.stderr
    assert "must end in .png or .svg" in format_.stderr


def test_statuses_and_watching_are_checked(jobs: Jobs) -> None:
    status = jobs.project.run("jobs", "--status", "Done")
    watch = jobs.project.run("jobs", "--watch")

    assert status.returncode == watch.returncode == 2
    assert "there is no status 'Done'. There are: InProgress" in status.stderr
    assert "--watch shows one tuning job" in watch.stderr


def test_commands_for_jobs_say_how_to_start_the_emulator(make_project: MakeProject) -> None:
    project = make_project("topic")

    for command in (["jobs"], ["run", "a"], ["stop", "a"], ["plot", "a"]):
        done = project.run(*command)
        assert done.returncode == 2
        assert f"No emulator answers on {project.settings.endpoint_url}. Run: sagecraft up" in done.stderr
