"""The server of a container: its port, its workers, its paths."""

import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.containers.serving_container import ServingContainer, free_port, serving, start

MODULE = "tests.containers.made_up"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mean").write_text("3.0")
    return tmp_path


def test_other_paths_and_methods_are_refused(model: Path) -> None:
    with serving(MODULE, model) as container:
        assert container.client.get("/nothing").status_code == 404
        assert container.client.get("/invocations").status_code == 405
        assert container.client.get("/execution-parameters").json() == {
            "MaxConcurrentTransforms": 1,
            "BatchStrategy": "MULTI_RECORD",
            "MaxPayloadInMB": 6,
        }


def connected(container: ServingContainer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", container.client.base_url.port or 0), 10)


def test_an_answer_comes_in_one_piece(model: Path) -> None:
    with serving(MODULE, model) as container, connected(container) as connection:
        for _ in range(20):
            connection.sendall(b"GET /execution-parameters HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(4_096).endswith(b'"MaxPayloadInMB": 6}')
        connection.sendall(b"HEAD /ping HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4_096).startswith(b"HTTP/1.1 405 ")
        connection.sendall(
            b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(4_096) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"1")
        assert connection.recv(4_096).startswith(b"HTTP/1.1 200 ")


def is_alive(process: psutil.Process) -> bool:
    """Whether it runs; one that has ended may stay a zombie where nothing reaps orphans."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def workers_of(container: ServingContainer) -> list[psutil.Process]:
    children = psutil.Process(container.process.pid).children()
    return [child for child in children if is_alive(child)]


def two_workers_of(container: ServingContainer) -> list[psutil.Process]:
    """Its workers; the first answers before the second is there."""
    assert wait_until(lambda: len(workers_of(container)) == 2)
    return workers_of(container)


def wait_until(true: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while not (reached := true()) and time.monotonic() < end:
        time.sleep(0.1)
    return reached


def test_several_workers_share_the_port_and_a_killed_one_is_replaced(model: Path) -> None:
    with serving(MODULE, model, SAGEMAKER_MODEL_SERVER_WORKERS="2") as container:
        killed, kept = two_workers_of(container)
        killed.kill()
        assert wait_until(lambda: killed not in (now := workers_of(container)) and len(now) == 2)
        assert kept in workers_of(container)
        for _ in range(20):
            with container.client.stream("POST", "/invocations", content=b"0") as response:
                assert response.status_code == 200


def test_workers_are_forked_from_a_master_that_has_computed_nothing(model: Path) -> None:
    with serving(MODULE, model, SAGEMAKER_MODEL_SERVER_WORKERS="2") as container:
        master, workers = psutil.Process(container.process.pid), workers_of(container)
        assert [each.cmdline() for each in workers] == [master.cmdline()] * 2
        assert wait_until(lambda: len((model / "loads").read_text().splitlines()) == 3)
        loaded = {int(each) for each in (model / "loads").read_text().split()}
        assert len(loaded) == 3, "one process tries whether it can be loaded"
        assert loaded > {each.pid for each in workers}
        assert master.pid not in loaded


def test_a_model_that_cannot_be_loaded_ends_the_container_with_its_reason(model: Path) -> None:
    (model / "model" / "mean").unlink()
    process = start(MODULE, model, free_port(), SAGEMAKER_MODEL_SERVER_WORKERS="2")
    assert process.communicate(timeout=60)[0].splitlines() == ["The model has no file 'mean'."]
    assert process.returncode == 1


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL], ids=lambda each: each.name)
def test_no_process_outlives_the_master(model: Path, stop: signal.Signals) -> None:
    with serving(MODULE, model, SAGEMAKER_MODEL_SERVER_WORKERS="2") as container:
        two_workers_of(container)
        children = psutil.Process(container.process.pid).children(recursive=True)
        container.process.send_signal(stop)
        container.process.wait(timeout=30)
        assert wait_until(lambda: not any(is_alive(child) for child in children))


@pytest.mark.parametrize("port", ["0", "70000", "http"])
def test_a_wrong_port_is_named(model: Path, port: str) -> None:
    process = start(MODULE, model, free_port(), SAGEMAKER_BIND_TO_PORT=port)
    output = process.communicate(timeout=60)[0]
    assert f"SAGEMAKER_BIND_TO_PORT must be a port from 1 to 65535, got '{port}'." in output
    assert "Traceback" not in output
    assert process.returncode == 1


def test_a_wrong_number_of_workers_is_named(model: Path) -> None:
    process = start(MODULE, model, free_port(), SAGEMAKER_MODEL_SERVER_WORKERS="many")
    assert (
        "SAGEMAKER_MODEL_SERVER_WORKERS must be a whole number of at least 1, got 'many'."
        in process.communicate(timeout=60)[0]
    )
    assert process.returncode == 1
