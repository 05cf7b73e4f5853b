"""What is metered: when it begins and ends, across kills, clocks that jump, and a reset."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sagecraft_emulator.metering.ledger import _usd_an_hour
from sagecraft_emulator.metering.meter import Line
from sagecraft_emulator.metering.prices import metering_prices

from .books import ACCOUNT, REGION, START, Books

MONTH_HOURS = Decimal(730)
# As AWS publishes them for us-east-1, an hour, and a GB and month.
TRAINING, HOSTING, DEAR, NOTEBOOK = Decimal("0.23"), Decimal("0.23"), Decimal("0.461"), Decimal("0.23")
NOTEBOOK_GB = Decimal("0.14")


WRITER = """
import sys
from pathlib import Path
from tests.emulator.metering.books import Books

books = Books(Path(sys.argv[1]))
number = 0
while True:
    books.training(f"job-{number}", 10, 10)
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    made = Books(tmp_path / "sagemaker.sqlite3")
    yield made
    made.store.close()


def instances(books: Books) -> list[Line]:
    return [each for each in books.meter.lines() if each.component != "storage"]


def seconds(books: Books) -> float:
    return sum(each.seconds for each in instances(books))


def cents(usd: Decimal) -> Decimal:
    return usd.quantize(Decimal("0.01"))


def test_the_bill_of_an_hour_is_what_the_records_say_by_themselves(books: Books) -> None:
    books.endpoint("cheap", "ml.m5.xlarge", 2)
    in_service = books.wall
    books.add("NotebookInstance", "book", "Pending", InstanceType="ml.m5.xlarge", VolumeSizeInGB=100)
    noted = books.wall
    books.change("NotebookInstance", "book", "InService")
    books.training("alone", 601.4, 601)
    books.training("spot", 900, 270, count=4)
    cluster = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3, "VolumeSizeInGB": 20}
    books.add("ProcessingJob", "report", "InProgress", ProcessingResources={"ClusterConfig": cluster})
    books.change("ProcessingJob", "report", ProcessingStartTime=books.wall)
    books.pass_seconds(333)
    books.change("ProcessingJob", "report", "Failed", ProcessingEndTime=books.wall)
    books.config("dear", "ml.m5.2xlarge")
    books.change("Endpoint", "cheap", "Updating")
    books.pass_seconds(100)
    books.change("Endpoint", "cheap", "InService", **books.serving("dear", 1))
    changed = books.wall
    books.change("NotebookInstance", "book", "Stopping")
    stopped = books.wall
    books.pass_seconds(1000)
    books.change("Endpoint", "cheap", "Deleting")
    deleted = books.wall
    books.remove("Endpoint", "cheap")
    books.pass_seconds(3600 - (books.wall - START))

    jobs = Decimal(0)
    for name in ("alone", "spot"):
        body = books.store.find_arn(f"arn:TrainingJob/{name}").body
        hours = Decimal(body["BillableTimeInSeconds"]) * body["ResourceConfig"]["InstanceCount"] / 3600
        jobs += hours * (TRAINING + 30 * NOTEBOOK_GB / MONTH_HOURS)
    report = books.store.find_arn("arn:ProcessingJob/report").body
    took = Decimal(report["ProcessingEndTime"] - report["ProcessingStartTime"])
    jobs += 3 * took / 3600 * (TRAINING + 20 * NOTEBOOK_GB / MONTH_HOURS)
    endpoint = 2 * HOSTING * Decimal(changed - in_service) + DEAR * Decimal(deleted - changed)
    notebook = NOTEBOOK * Decimal(stopped - noted) + 100 * NOTEBOOK_GB / MONTH_HOURS * Decimal(books.wall - noted)
    assert cents(books.meter.bill(ACCOUNT).usd) == cents(jobs + (endpoint + notebook) / 3600) > 0


def test_what_is_in_use_costs_by_the_hour_and_what_has_ended_does_not(books: Books) -> None:
    books.training("job", 10, 10)
    assert books.meter.bill(ACCOUNT).usd_an_hour == 0
    books.endpoint("endpoint", "ml.m5.xlarge", 2)
    assert books.meter.bill(ACCOUNT).usd_an_hour == 2 * HOSTING
    books.remove("EndpointConfig", "endpoint-1")  # which an endpoint in service needs no more
    books.pass_seconds(3600)
    books.change("Endpoint", "endpoint", "Deleting")
    bill = books.meter.bill(ACCOUNT)
    assert bill.usd_an_hour == 0
    assert cents(bill.usd) == cents(2 * HOSTING + TRAINING * 10 / 3600)


def test_what_has_no_known_price_is_told_and_not_guessed(books: Books) -> None:
    books.endpoint("endpoint", "ml.made-up.large")
    books.pass_seconds(3600)
    bill = books.meter.bill(ACCOUNT)
    assert bill.usd == bill.usd_an_hour == 0
    assert bill.unpriced == ("ml.made-up.large",)


def test_a_job_that_is_deleted_stays_billed_and_another_of_its_name_is_billed_too(books: Books) -> None:
    books.training("job", 100, 100)
    books.remove("TrainingJob", "job")
    books.training("job", 50, 50)
    books.remove("TrainingJob", "job")
    assert [each.seconds for each in instances(books)] == [100, 50]


def test_a_job_without_a_beginning_or_that_was_complete_at_once_costs_nothing(books: Books) -> None:
    books.add("TrainingJob", "waits", "InProgress", ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1})
    books.pass_seconds(100)
    books.change("TrainingJob", "waits", "Stopped")
    books.add("ProcessingJob", "instant", "InProgress")
    books.change("ProcessingJob", "instant", "Completed", ProcessingStartTime=books.wall, ProcessingEndTime=books.wall)
    assert not books.meter.lines()


def test_time_that_no_emulator_saw_is_not_billed(books: Books) -> None:
    books.endpoint("endpoint", "ml.m5.xlarge")
    books.pass_seconds(100)
    books.beat()
    books.pass_seconds(7)  # not noted any more
    with books.killed(8 * 3600):
        pass
    books.pass_seconds(50)
    books.change("Endpoint", "endpoint", "Deleting")
    assert [each.seconds for each in instances(books)] == [100, 50]


def test_a_job_that_a_kill_ended_is_billed_for_what_was_seen_of_it(books: Books) -> None:
    resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}
    books.add("TrainingJob", "job", "InProgress", ResourceConfig=resources)
    began = books.wall
    books.change("TrainingJob", "job", TrainingStartTime=began)
    books.pass_seconds(40)
    books.beat()
    with books.killed(3600):
        pass
    books.change(
        "TrainingJob", "job", "Failed", TrainingEndTime=books.wall, BillableTimeInSeconds=int(books.wall - began)
    )
    assert seconds(books) == 40


def test_after_a_kill_each_job_that_has_ended_is_billed_once(tmp_path: Path) -> None:
    file = tmp_path / "sagemaker.sqlite3"
    command = [sys.executable, "-c", WRITER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as writer:
        assert writer.stdout is not None
        for line in writer.stdout:
            if int(line) == 20:
                writer.send_signal(signal.SIGKILL)
    books = Books(file)
    ended = [each.arn for each in books.store.find("TrainingJob", statuses={"Completed"})]
    billed = [each.arn for each in instances(books) if each.seconds]
    assert len(ended) > 20
    assert sorted(billed) == sorted(ended)
    books.store.close()


def test_a_job_across_a_short_interruption_is_billed_once(books: Books) -> None:
    resources = {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1}
    books.add("TrainingJob", "job", "InProgress", ResourceConfig=resources)
    books.change("TrainingJob", "job", TrainingStartTime=books.wall)
    books.pass_seconds(40)
    books.beat()
    with books.killed(5):
        pass
    books.change("TrainingJob", "job", "Failed", TrainingEndTime=books.wall, BillableTimeInSeconds=45)
    assert seconds(books) == 45


@pytest.mark.parametrize("jump", [-3600.0, -40 * 86400.0, 3600.0, 40 * 86400.0])
def test_a_clock_that_jumps_makes_no_cost_and_takes_none(books: Books, jump: float) -> None:
    books.endpoint("endpoint", "ml.m5.xlarge")
    books.pass_seconds(100)
    books.wall += jump
    books.pass_seconds(50)
    assert seconds(books) == pytest.approx(150)
    books.change("Endpoint", "endpoint", "Deleting")
    assert seconds(books) == pytest.approx(150)
    assert all(each.seconds >= 0 and each.ended >= each.began for each in instances(books))
    assert books.meter.lines()[-1].ended == pytest.approx(books.wall)


def test_a_record_whose_clock_has_jumped_is_not_believed(books: Books) -> None:
    books.training("job", 100, 90_000)
    assert seconds(books) == 100


def test_use_goes_on_with_the_tags_of_its_time(books: Books) -> None:
    books.endpoint("endpoint", "ml.m5.xlarge", team="churn")
    books.pass_seconds(100)
    books.store.set_tags("arn:Endpoint/endpoint", {"team": "fraud"})
    books.pass_seconds(30)
    books.store.remove_tags("arn:Endpoint/endpoint", ["team"])
    books.pass_seconds(5)
    told = [(each.tags.get("team"), each.seconds, each.is_present) for each in instances(books)]
    assert told == [("churn", 100, False), ("fraud", 30, False), (None, 5, True)]


def test_hours_that_pass_at_once_count_for_what_is_in_use_alone(books: Books) -> None:
    books.training("job", 100, 100)
    books.endpoint("endpoint", "ml.m5.xlarge")
    now, looked = books.meter.now(), list[str]()
    books.meter.on_look(lambda: looked.append("looked"))
    assert books.meter.let_pass(10, "111111111111") == 0
    assert books.meter.let_pass(10) == 1
    assert (books.meter.now(), looked) == (now, ["looked", "looked"])
    assert seconds(books) == 100 + 36_000


def test_a_reset_forgets_all(books: Books) -> None:
    books.endpoint("endpoint", "ml.m5.xlarge")
    books.store.clear()
    assert not books.meter.lines()
    with books.killed(10):
        pass
    assert not books.meter.lines()


def test_nouns_say_what_of_studio_costs(books: Books) -> None:
    storage = {"SpaceStorageSettings": {"EbsStorageSettings": {"EbsVolumeSizeInGb": 5}}}
    books.add("Space", "d/mine", "Pending", SpaceSettings=storage)
    books.add("Space", "d/none", "Pending")
    books.add("App", "d/mine/app", "Pending", ResourceSpec={"InstanceType": "ml.t3.medium"})
    books.change("App", "d/mine/app", "InService")
    books.pass_seconds(60)
    books.change("App", "d/mine/app", "Deleting")
    books.pass_seconds(60)
    used = [(each.component, each.item, int(each.quantity), int(each.seconds)) for each in books.meter.lines()]
    assert used == [("storage", "studio", 5, 120), ("studio", "ml.t3.medium", 1, 60)]


def test_prices_that_were_fetched_count_before_those_that_come_along(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = tmp_path / "sagecraft" / "prices"
    folder.mkdir(parents=True)
    (folder / "eu-west-1.json").write_text("{")  # of which the log tells
    row = {"region": REGION, "component": "hosting", "unit": "hour", "date": "2099-01-01", "source": "AWS"}
    (folder / "us-east-1.json").write_text(json.dumps({"groups": [{**row, "usd": {"ml.m5.xlarge": "7"}}]}))
    # Not what this process has found before.
    monkeypatch.setattr("sagecraft_emulator.metering.prices.metering_prices", metering_prices.__wrapped__)
    monkeypatch.setattr("sagecraft_emulator.metering.ledger._usd_an_hour", _usd_an_hour.__wrapped__)
    books.endpoint("endpoint", "ml.m5.xlarge", 2)
    assert books.meter.bill(ACCOUNT).usd_an_hour == 14
