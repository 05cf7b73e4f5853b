"""What is behind the records of notebook instances, with something quick in the place of JupyterLab."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import psutil
import pytest
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.notebook import fleet as fleets
from sagecraft_emulator.notebook import server as servers
from sagecraft_emulator.notebook.fleet import NotebookFleet
from sagecraft_emulator.notebook.place import Place

from tests.emulator.world import World, wait_until

from .started import Instance, QuickServer

pytestmark = pytest.mark.skipif(not namespaces_allowed(), reason="this machine allows no namespaces")

LOGGED = "The emulator's log has the traceback."
ANSWERING = "mkdir -p /tmp/www/api && touch /tmp/www/api/status && cd /tmp/www && exec python3 -m http.server {port}"


class AnsweringServer(QuickServer):
    """Answers when it is asked whether it does."""

    shell = f"{ANSWERING} --bind 127.0.0.1"


class SilentServer(QuickServer):
    """Never answers."""


@dataclass
class Fleet:
    """Fleets of one emulator after another, and an instance that is `Pending`."""

    world: World
    instance: Instance
    present: NotebookFleet

    def status(self) -> str | None:
        return self.world.store.get(self.instance.key).status

    def next(self) -> NotebookFleet:
        """That of an emulator which comes after the present one was stopped."""
        self.present.shutdown()
        self.present = NotebookFleet(self.world.store, self.world.machine)
        return self.present


@pytest.fixture
def fleet(world: World, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    monkeypatch.setattr(fleets, "NotebookServer", AnsweringServer)
    made = Fleet(world, instance, NotebookFleet(world.store, world.machine))
    yield made
    made.present.shutdown()


def test_one_that_was_in_service_is_in_maintenance_until_the_next_emulator_has_brought_it_back(fleet: Fleet) -> None:
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "InService")
    following = fleet.next()
    assert fleet.status() == "InMaintenance"
    assert not fleet.instance.place.running.exists()
    following.recover()
    wait_until(lambda: fleet.status() == "InService")


BACK_LATER = f"""
if mkdir /tmp/www; then :; elif test -e ~/SageMaker/never; then exec sleep 600; else
until test -e ~/SageMaker/back; do sleep 0.05; done; fi
{ANSWERING} --bind 127.0.0.1
"""


def kill_server(instance: Instance) -> None:
    outer = psutil.Process(json.loads((instance.place.directory / "process.json").read_text())["pid"])
    next(each for each in outer.children(recursive=True) if "http.server" in each.cmdline()).kill()


def test_one_whose_server_is_killed_is_in_service_again_once_that_answers(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsweringServer, "shell", BACK_LATER)
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "InService")
    kill_server(fleet.instance)
    wait_until(lambda: fleet.status() == "InMaintenance")
    (fleet.instance.volume / "back").touch()
    wait_until(lambda: fleet.status() == "InService")


def test_one_whose_server_does_not_come_back_fails(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AnsweringServer, "shell", BACK_LATER)
    monkeypatch.setattr(fleets, "RETURN_SECONDS", 0.2)
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "InService")
    (fleet.instance.volume / "never").touch()
    kill_server(fleet.instance)
    wait_until(lambda: fleet.status() == "Failed")
    reason = fleet.world.store.get(fleet.instance.key).body["FailureReason"]
    assert reason.startswith("JupyterLab has not answered within 0.2 seconds.")


def test_one_whose_server_ends_each_time_fails_and_tells_how_it_ended(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AnsweringServer, "shell", "kill -9 $$")
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "Failed")
    reason = fleet.world.store.get(fleet.instance.key).body["FailureReason"]
    assert reason.startswith("JupyterLab could not be kept running: at last it was killed by signal SIGKILL (9).")


def test_one_that_answers_nothing_any_more_is_not_in_service(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "HEALTH_CHECK_SECONDS", 0.0)
    monkeypatch.setattr(servers, "SILENT_SECONDS", 0.0)
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "InService")
    (answered := fleet.instance.place.running / "sandbox" / "tmp" / "www" / "api" / "status").unlink()
    wait_until(lambda: fleet.status() == "InMaintenance")
    answered.touch()
    wait_until(lambda: fleet.status() == "InService")


def test_one_that_does_not_answer_yet_ends_with_the_emulator_and_starts_with_the_next(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fleets, "NotebookServer", SilentServer)
    fleet.present.start(fleet.instance.key)
    wait_until((fleet.instance.place.directory / "process.json").exists)
    monkeypatch.setattr(fleets, "NotebookServer", AnsweringServer)
    following = fleet.next()
    assert fleet.status() == "Pending"
    following.recover()
    wait_until(lambda: fleet.status() == "InService")


def test_a_reset_ends_all_with_their_volumes_and_takes_further_ones(fleet: Fleet) -> None:
    fleet.present.start(fleet.instance.key)
    wait_until(lambda: fleet.status() == "InService")
    (fleet.instance.volume / "mine").write_text("here")
    fleet.present.reset()
    fleet.world.store.clear()
    assert not fleet.instance.place.directory.parent.exists()
    again = Instance(fleet.world)
    fleet.present.start(again.key)
    wait_until(lambda: fleet.status() == "InService")
    assert list(again.volume.iterdir()) == []


@pytest.mark.parametrize("status", ["Stopping", "Updating", "Deleting"])
def test_what_an_emulator_that_was_killed_had_begun_is_finished(fleet: Fleet, status: str) -> None:
    paths = {"Stopping": ["InService", "Stopping"], "Updating": ["InService", "Stopping", "Stopped", "Updating"]}
    for each in paths.get(status, ["Failed", "Deleting"]):
        fleet.world.store.update(fleet.instance.key, status=each)
    fleet.instance.volume.mkdir(parents=True)
    fleet.present.recover()
    if status == "Deleting":
        wait_until(lambda: not fleet.world.store.find("NotebookInstance"))
        assert not fleet.instance.place.directory.exists()
    else:
        assert fleet.status() == "Stopped"
        assert fleet.instance.volume.exists()


def test_one_that_cannot_be_deleted_has_failed_and_can_be_deleted_again(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(place: Place) -> None:
        raise OSError(f"{place.directory.name} is busy")

    update = partial(fleet.world.store.update, fleet.instance.key)
    update(status="Failed")
    update(status="Deleting")
    with monkeypatch.context() as broken:
        broken.setattr(Place, "remove", refuse)
        fleet.present.delete(fleet.instance.key)
        wait_until(lambda: fleet.status() == "Failed")
    reason = fleet.world.store.get(fleet.instance.key).body["FailureReason"]
    assert reason == f"It could not be ended: {fleet.instance.place.directory.name} is busy. {LOGGED}"
    update(status="Deleting")
    fleet.present.delete(fleet.instance.key)
    wait_until(lambda: not fleet.world.store.find("NotebookInstance"))


def test_a_volume_without_a_record_is_removed_when_an_emulator_starts(fleet: Fleet) -> None:
    left = fleet.instance.place.directory.with_name("000000000000-us-east-1-left")
    (left / "volume").mkdir(parents=True)
    fleet.world.store.update(fleet.instance.key, status="Failed")
    fleet.present.recover()
    assert not left.exists()
