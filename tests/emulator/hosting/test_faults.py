"""Endpoints at odd moments: a container that hangs, changes that cross each other."""

import os
import signal
import uuid
from pathlib import Path

import pytest
from sagecraft_emulator.errors import InvalidTransition, RecordMissing
from sagecraft_emulator.hosting import fleet
from sagecraft_emulator.hosting import instance as hosted_instance
from sagecraft_emulator.state.store import RecordKey

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

from .serving import SERVE, Loop, add_config, add_model, containers, create, in_service, settled, simple, variant

# Made first, and so closed last: when the endpoints are down, which close its connections.
pytestmark = pytest.mark.usefixtures("loop")


def is_gone(world: World, key: RecordKey) -> bool:
    try:
        world.store.get(key)
    except RecordMissing:
        return True
    return False


def delete(world: World, key: RecordKey) -> None:
    world.store.update(key, status="Deleting")
    world.endpoints.delete(key)


def test_a_container_that_hangs_is_started_again(world: World, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosted_instance, "HEALTH_CHECK_SECONDS", 0.1)
    monkeypatch.setattr(hosted_instance, "HUNG_SECONDS", 3.0)
    key = simple(world)
    hung = [process.pid for process in containers(world)]
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: bool(containers(world)) and not {each.pid for each in containers(world)} & set(hung))
    wait_until(lambda: loop.invoke(world, key.name).status == 200)
    group = f"/aws/sagemaker/Endpoints/{key.name}"
    said = "[sagecraft] The container answered nothing for 3 s; it is started again in 0.5 s."
    wait_until(lambda: said in world.log_lines(group, "AllTraffic/"))


def test_weights_cannot_be_changed_before_the_endpoint_has_come_back(world: World) -> None:
    key = RecordKey("Endpoint", ACCOUNT, REGION, f"endpoint-{uuid.uuid4().hex[:8]}")
    world.store.create(key, arn=world.caller.arn("endpoint", key.name), status="Creating", body={})
    world.store.update(key, status="InService")
    with pytest.raises(InvalidTransition, match="has not come back yet"):
        world.endpoints.set_weights(key, {"AllTraffic": 1.0})
    assert world.store.get(key).status == "InService"


def test_an_endpoint_that_cannot_be_deleted_has_failed_and_can_be_deleted_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = simple(world)

    def refuse(directory: Path) -> None:
        raise OSError(f"{directory.name} is busy")

    with monkeypatch.context() as broken:
        broken.setattr(fleet, "end_leftovers", refuse)
        delete(world, key)
        wait_until(lambda: world.store.get(key).status == "Failed")
    reason = world.store.get(key).body["FailureReason"]
    assert "It could not be deleted: " in reason
    assert reason.endswith(" is busy. The emulator's log has the traceback. Delete it again.")
    assert not containers(world)
    delete(world, key)
    wait_until(lambda: is_gone(world, key))


def test_an_endpoint_deleted_at_once_leaves_its_name_to_the_next(world: World, loop: Loop) -> None:
    image = world.register(SERVE, use="serve")
    first, second = (add_config(world, variant("All", add_model(world, image, word=word))) for word in ("old", "new"))
    key = create(world, first)
    delete(world, key)
    wait_until(lambda: is_gone(world, key))
    body = {"EndpointConfigName": second, "_TargetConfigName": second}
    world.store.create(key, arn=world.caller.arn("endpoint", key.name), status="Creating", body=body)
    world.endpoints.deploy(key)
    assert settled(world, key).body["EndpointConfigName"] == second
    assert loop.invoke(world, key.name).body.startswith(b"new")


def test_an_endpoint_that_began_before_the_recovery_is_left_alone(world: World, loop: Loop) -> None:
    image = world.register(SERVE, use="serve")
    coming = create(world, add_config(world, variant("All", add_model(world, image, word="coming"))))
    there = in_service(world, variant("All", add_model(world, image, word="there")))
    before = {process.pid for process in containers(world)}
    world.endpoints.recover()
    assert settled(world, coming).status == "InService"
    assert world.store.get(there).status == "InService"
    for key, word in ((coming, b"coming"), (there, b"there")):
        assert loop.invoke(world, key.name).body.startswith(word)
    assert before <= {process.pid for process in containers(world)}
