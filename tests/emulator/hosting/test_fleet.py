import asyncio
import json
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sagecraft_emulator.container.removal import removal
from sagecraft_emulator.hosting.fleet import EndpointFleet
from sagecraft_emulator.hosting.invocation import InvocationResponse
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.world import ACCOUNT, REGION, World, wait_until

from .serving import (
    SERVE,
    Loop,
    add_config,
    add_model,
    containers,
    create,
    in_service,
    invoke,
    runs,
    settled,
    simple,
    update,
    variant,
)

# Made first, and so closed last: when the endpoints are down, which close its connections.
pytestmark = pytest.mark.usefixtures("loop")


def test_an_endpoint_is_in_service_when_its_container_answers_and_has_its_model(world: World, loop: Loop) -> None:
    image = world.register(SERVE, use="serve")
    model = add_model(world, image, world.archive({"weights.txt": b"learned"}))
    config = add_config(world, variant("AllTraffic", model))
    key = create(world, config)
    record = settled(world, key)
    assert record.status == "InService", record.body.get("FailureReason")
    assert record.body["EndpointConfigName"] == config
    assert "_TargetConfigName" not in record.body
    [described] = record.body["ProductionVariants"]
    assert described["VariantName"] == "AllTraffic"
    assert described["DeployedImages"][0]["SpecifiedImage"] == image
    assert (described["CurrentWeight"], described["DesiredWeight"]) == (1.0, 1.0)
    assert (described["CurrentInstanceCount"], described["DesiredInstanceCount"]) == (1, 1)
    answer = loop.invoke(world, key.name)
    assert answer.status == 200
    assert answer.body.startswith(b"learned ")
    assert answer.headers["x-Amzn-Invoked-Production-Variant"] == "AllTraffic"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-amzn-RequestId"]


def test_several_instances_are_several_processes_that_share_the_work(world: World, loop: Loop) -> None:
    key = simple(world, count=2)

    async def both() -> list[InvocationResponse]:
        return await asyncio.gather(*(invoke(world, key.name, {"content-type": "a/b"}, b"slow") for _ in range(2)))

    answers = asyncio.run_coroutine_threadsafe(both(), loop.loop).result(30)
    assert len({answer.body for answer in answers}) == 2


def test_the_log_of_an_endpoint_is_in_cloudwatch_logs(world: World) -> None:
    key = simple(world)
    world.endpoints.shutdown()
    assert world.log_lines(f"/aws/sagemaker/Endpoints/{key.name}", "AllTraffic/i-") == ["serving word"]


def test_a_container_that_ends_while_it_starts_fails_the_endpoint_with_its_last_lines(world: World) -> None:
    image = world.register("raise SystemExit('no model here')", use="serve")
    record = settled(world, create(world, add_config(world, variant("AllTraffic", add_model(world, image)))))
    assert record.status == "Failed"
    reason = record.body["FailureReason"]
    assert reason.startswith(
        "The primary container for production variant AllTraffic did not pass the ping health check: its process ended "
        "with exit code 1. Please check CloudWatch logs for this endpoint."
    )
    assert "no model here" in reason
    wait_until(lambda: not containers(world))


def test_a_container_that_never_answers_fails_the_endpoint_in_time(world: World) -> None:
    image = world.register("import time; time.sleep(600)", use="serve")
    config = add_config(world, variant("AllTraffic", add_model(world, image), startup=1))
    record = settled(world, create(world, config))
    assert record.status == "Failed"
    assert "it has not answered within 1 seconds" in record.body["FailureReason"]
    wait_until(lambda: not containers(world))


def test_missing_model_data_fails_the_endpoint_and_names_it(world: World) -> None:
    uri = f"s3://{world.bucket}/nothing/model.tar.gz"
    model = add_model(world, world.register(SERVE, use="serve"), uri)
    record = settled(world, create(world, add_config(world, variant("AllTraffic", model))))
    assert record.status == "Failed"
    assert (
        f'Failed to download model data for container "container_1" from URL: "{uri}"' in record.body["FailureReason"]
    )


def test_model_data_that_points_outside_of_the_model_directory_is_refused(world: World) -> None:
    model = add_model(world, world.register(SERVE, use="serve"), world.archive({"../../escaped": b"x"}))
    record = settled(world, create(world, add_config(world, variant("AllTraffic", model))))
    assert record.status == "Failed"
    assert not world.files("escaped")


def test_an_unknown_image_fails_the_endpoint_and_says_what_to_do(world: World) -> None:
    model = add_model(world, "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1")
    record = settled(world, create(world, add_config(world, variant("AllTraffic", model))))
    assert record.status == "Failed"
    assert "sagecraft images register" in record.body["FailureReason"]


def test_traffic_is_shared_by_the_weights_of_the_variants(world: World, loop: Loop) -> None:
    image = world.register(SERVE, use="serve")
    often, seldom = (add_model(world, image, word=word) for word in ("often", "seldom"))
    key = in_service(world, variant("often", often, weight=3), variant("seldom", seldom, weight=1))
    answers = [loop.invoke(world, key.name).body.split()[0] for _ in range(400)]
    assert 240 <= answers.count(b"often") <= 360
    world.endpoints.set_weights(key, {"often": 0.0})
    assert {loop.invoke(world, key.name).body.split()[0] for _ in range(20)} == {b"seldom"}
    described = world.store.get(key).body["ProductionVariants"]
    assert {each["VariantName"]: each["CurrentWeight"] for each in described} == {"often": 0.0, "seldom": 1.0}


def test_a_target_variant_takes_the_request_whatever_the_weights(world: World, loop: Loop) -> None:
    image = world.register(SERVE, use="serve")
    first, second = (add_model(world, image, word=word) for word in ("first", "second"))
    key = in_service(world, variant("first", first, weight=1), variant("second", second, weight=0))
    answer = loop.invoke(world, key.name, x_amzn_sagemaker_target_variant="second")
    assert answer.body.startswith(b"second ")
    assert answer.headers["x-Amzn-Invoked-Production-Variant"] == "second"
    refused = loop.invoke(world, key.name, x_amzn_sagemaker_target_variant="third")
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert json.loads(refused.body)["Message"].startswith(
        f"Variant third of endpoint {key.name} of account {ACCOUNT} not found."
    )


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        # seen from AWS in https://github.com/aws/amazon-sagemaker-examples/issues/1026
        ("target_model", "is not a multi-model endpoint and does not support target model header."),
        ("target_container_hostname", "has no container that is invoked directly"),
        ("inference_component", "has no inference components"),
    ],
)
def test_a_target_that_the_endpoint_does_not_have_is_refused(
    world: World, loop: Loop, header: str, reason: str
) -> None:
    key = in_service(world, variant("AllTraffic", add_model(world, world.register(SERVE, use="serve"))))
    refused = loop.invoke(world, key.name, b"hello", **{f"x_amzn_sagemaker_{header}": "other"})
    assert (refused.status, refused.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert json.loads(refused.body)["Message"].startswith(f"Endpoint {key.name} {reason}")


def test_an_endpoint_that_there_is_not_has_awss_text(world: World, loop: Loop) -> None:
    answer = loop.invoke(world, "nothing")
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert json.loads(answer.body) == {"Message": f"Endpoint nothing of account {ACCOUNT} not found."}


def test_an_endpoint_that_failed_says_so_to_its_callers(world: World, loop: Loop) -> None:
    image = world.register("raise SystemExit('no model here')", use="serve")
    key = create(world, add_config(world, variant("AllTraffic", add_model(world, image))))
    settled(world, key)
    answer = loop.invoke(world, key.name)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (400, "ValidationError")
    assert "is not in service: its status is Failed (The primary container" in json.loads(answer.body)["Message"]


@pytest.mark.parametrize(
    ("body", "status", "fault", "code", "message"),
    [
        (b"bad", 415, "client", "CLIENT_ERROR_FROM_MODEL", "no such media type: text/plain"),
        (b"broken", 500, "server", "INTERNAL_FAILURE_FROM_MODEL", "a bug"),
    ],
)
def test_an_error_of_the_container_is_a_model_error(
    world: World, loop: Loop, body: bytes, status: int, fault: str, code: str, message: str
) -> None:
    key = simple(world)
    answer = loop.invoke(world, key.name, body)
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (424, "ModelError")
    members = json.loads(answer.body)
    assert members["OriginalStatusCode"] == status
    assert members["OriginalMessage"] == message
    assert members["ErrorCode"] == code
    assert members["Message"].startswith(f'Received {fault} error ({status}) from primary with message "{message}".')
    assert members["LogStreamArn"].startswith(
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/{key.name}:log-stream:AllTraffic/i-"
    )


def test_a_body_above_6_mib_is_refused(world: World, loop: Loop) -> None:
    key = simple(world)
    answer = loop.invoke(world, key.name, b"x" * (6 * 2**20 + 1))
    assert answer.status == 413
    assert json.loads(answer.body) == {"Message": "HTTP content length exceeded 6291456 bytes."}
    assert loop.invoke(world, key.name, b"x" * (6 * 2**20)).status == 200


def test_an_answer_that_takes_too_long_is_a_model_error(
    world: World, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sagecraft_emulator.hosting.invocation.TIMEOUT_SECONDS", 0.1)
    key = simple(world)
    answer = loop.invoke(world, key.name, b"slow")
    assert (answer.status, answer.headers["x-amzn-ErrorType"]) == (424, "ModelError")
    assert "timed out while waiting for a response from container primary" in json.loads(answer.body)["OriginalMessage"]


def test_a_process_that_crashes_is_started_again_while_the_others_serve(world: World, loop: Loop) -> None:
    key = simple(world, count=2)
    ports = {loop.invoke(world, key.name).body.split()[1] for _ in range(8)}
    crashed = loop.invoke(world, key.name, b"crash")
    assert (crashed.status, json.loads(crashed.body)["OriginalStatusCode"]) == (424, 500)
    for _ in range(50):
        assert loop.invoke(world, key.name).status == 200

    def answering() -> set[bytes]:
        async def several() -> list[InvocationResponse]:
            return await asyncio.gather(*(invoke(world, key.name, {}, b"slow") for _ in range(2)))

        return {each.body for each in asyncio.run_coroutine_threadsafe(several(), loop.loop).result(30)}

    wait_until(lambda: len(answering()) == 2)
    assert ports
    assert world.store.get(key).status == "InService"


def test_the_only_process_of_a_variant_crashes_and_comes_back(world: World, loop: Loop) -> None:
    key = simple(world)
    loop.invoke(world, key.name, b"crash")
    refused = []
    deadline = time.monotonic() + 30
    while (answer := loop.invoke(world, key.name)).status != 200:
        refused.append(answer)
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # A request that reaches the process in its last microseconds is lost with it; all others are told to come again.
    errors = [(each.status, each.headers["x-amzn-ErrorType"]) for each in refused]
    assert (503, "ServiceUnavailable") in errors
    assert set(errors) <= {(503, "ServiceUnavailable"), (424, "ModelError")}
    world.endpoints.shutdown()
    lines = world.log_lines(f"/aws/sagemaker/Endpoints/{key.name}", "AllTraffic/i-")
    assert lines[0] == lines[-1] == "serving word"
    assert lines[1].startswith("[sagecraft] The container ended with exit code 7; it is started again in")


def test_an_update_moves_to_the_new_model_without_a_failed_invocation(world: World, loop: Loop) -> None:
    key = simple(world, count=2, word="old")
    answers: list[InvocationResponse] = []
    ended = threading.Event()

    def call() -> None:
        while not ended.is_set():
            answers.append(loop.invoke(world, key.name, b"slow" if len(answers) % 10 == 0 else b"hello"))

    callers = [threading.Thread(target=call) for _ in range(4)]
    for caller in callers:
        caller.start()
    wait_until(lambda: len(answers) > 20)
    model = add_model(world, world.register(SERVE, use="serve"), word="new")
    config = add_config(world, variant("AllTraffic", model))
    update(world, key, config)
    record = settled(world, key)
    wait_until(lambda: answers[-1].body.startswith(b"new "))
    wait_until(lambda: len(containers(world)) <= 4)
    time.sleep(0.5)
    ended.set()
    for caller in callers:
        caller.join()
    assert record.body["EndpointConfigName"] == config
    assert {answer.status for answer in answers} == {200}
    words = [answer.body.split()[0] for answer in answers]
    assert set(words) == {b"old", b"new"}


def test_an_update_that_does_not_come_up_leaves_the_old_model_answering_and_says_why(world: World, loop: Loop) -> None:
    key = simple(world, word="old")
    before = world.store.get(key).body["EndpointConfigName"]
    broken = add_model(world, world.register("raise SystemExit('broken')", use="serve"))
    update(world, key, add_config(world, variant("AllTraffic", broken)))
    record = settled(world, key)
    assert record.status == "InService"
    assert record.body["EndpointConfigName"] == before
    assert "broken" in record.body["FailureReason"]
    assert loop.invoke(world, key.name).body.startswith(b"old ")


def test_a_deleted_endpoint_leaves_no_process_no_directory_and_no_record(world: World, loop: Loop) -> None:
    key = simple(world, count=2)
    assert containers(world)
    world.store.update(key, status="Deleting")
    world.endpoints.delete(key)
    wait_until(lambda: not world.store.find("Endpoint"))
    assert not containers(world)
    removal.settle()
    assert not list((world.state_dir / "work" / "endpoints").iterdir())
    assert json.loads(loop.invoke(world, key.name).body)["Message"].endswith("not found.")


def test_an_endpoint_can_be_deleted_while_it_is_created(world: World) -> None:
    image = world.register("import time; time.sleep(600)", use="serve")
    key = create(world, add_config(world, variant("AllTraffic", add_model(world, image), startup=600)))
    wait_until(lambda: bool(containers(world)))
    world.store.update(key, status="Deleting")
    world.endpoints.delete(key)
    wait_until(lambda: not world.store.find("Endpoint"), 20)
    assert not containers(world)


def test_an_endpoint_comes_back_after_a_restart_and_its_callers_wait_for_it(
    host_url: str, tmp_path: Path, loop: Loop
) -> None:
    first = World(host_url, tmp_path / "state")
    key = simple(first, word="again")
    first.shutdown()
    second = World(host_url, tmp_path / "state")
    try:
        second.endpoints.recover()
        answer = loop.invoke(second, key.name)
        assert (answer.status, answer.body.split()[0]) == (200, b"again")
        assert settled(second, key).status == "InService"
    finally:
        second.shutdown()


def test_an_endpoint_that_comes_back_while_its_record_is_read_is_answered(
    host_url: str, tmp_path: Path, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = World(host_url, tmp_path / "state")
    key = simple(first, word="again")
    first.shutdown()
    second = World(host_url, tmp_path / "state")
    read = second.endpoints._record

    def read_late(key: RecordKey) -> Record | None:
        second.endpoints.recover()
        settled(second, key)
        return read(key)

    monkeypatch.setattr(second.endpoints, "_record", read_late)
    try:
        assert loop.invoke(second, key.name).body.split()[0] == b"again"
    finally:
        second.shutdown()


def test_leftover_processes_of_a_killed_emulator_are_ended_at_recovery(world: World, loop: Loop) -> None:
    key = simple(world)
    before = containers(world)
    world.endpoints._hosted[key].deployment.variants[0].instances[0]._stopping.set()  # type: ignore[union-attr]  # it is in service
    first, world.endpoints = world.endpoints, EndpointFleet(world.store, world.machine, world.images)
    world.endpoints.recover()
    first.shutdown()
    wait_until(lambda: not [each for each in before if runs(each)])
    assert loop.invoke(world, key.name).status == 200


def test_invocations_are_counted_in_cloudwatch(world: World, loop: Loop) -> None:
    key = simple(world)
    for body in (b"hello", b"hello", b"bad"):
        loop.invoke(world, key.name, body)
    world.endpoints._metrics.flush()
    cloudwatch = world.clients.cloudwatch(ACCOUNT, REGION)
    dimensions = [{"Name": "EndpointName", "Value": key.name}, {"Name": "VariantName", "Value": "AllTraffic"}]
    now = datetime.now(UTC)
    sums = {}
    for name in ("Invocations", "Invocation4XXErrors", "InvocationModelErrors", "ModelLatency"):
        [point] = cloudwatch.get_metric_statistics(
            Namespace="AWS/SageMaker",
            MetricName=name,
            Dimensions=dimensions,  # type: ignore[arg-type]  # a plain dict is one
            StartTime=now - timedelta(minutes=10),
            EndTime=now + timedelta(minutes=10),
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        sums[name] = point["Sum"]
    assert sums.pop("ModelLatency") > 0
    assert sums == {"Invocations": 3.0, "Invocation4XXErrors": 1.0, "InvocationModelErrors": 1.0}


def test_a_killed_container_leaves_no_worker_behind(world: World) -> None:
    simple(world)
    [outermost] = {psutil.Process(os.getsid(each.pid)) for each in containers(world)}
    tree = [outermost, *outermost.children(recursive=True)]
    outermost.send_signal(signal.SIGKILL)
    wait_until(lambda: not [each for each in tree if runs(each)])
