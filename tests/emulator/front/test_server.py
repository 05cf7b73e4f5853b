"""The emulator as a program: its errors at the start, its life in the background, its own requests."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from sagecraft_emulator.errors import StartError
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_emulator.state import process_file

from tests.emulator.conftest import RunningEmulator, free_port


def run_in_vain(state_dir: Path, port: int, user: int | None = None) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "sagecraft_emulator", "--port", str(port), "--state-dir", str(state_dir)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        user=user,
    )
    return done.returncode, done.stderr


def test_a_taken_port_is_a_user_error_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        code, said = run_in_vain(tmp_path, port)
    assert code == 2
    assert said == (
        f"Port {port} cannot be used: Address already in use. "
        "Give another one with --port, or stop what listens there.\n"
    )


def test_a_state_directory_that_cannot_be_made_is_a_user_error_in_one_sentence(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    code, said = run_in_vain(blocker / "state", free_port())
    assert code == 2
    assert said == (
        f"The state directory {blocker / 'state'} cannot be written: Not a directory. "
        "Give another one with --state-dir, or change its permissions.\n"
    )


def test_a_state_directory_without_permission_is_a_user_error_in_one_sentence() -> None:
    code, said = run_in_vain(Path("/proc/nowhere"), free_port())
    assert code == 2
    assert said.startswith("The state directory /proc/nowhere cannot be written: ")
    assert said.count("\n") == 1


def test_calls_of_sagemaker_and_of_a_service_that_is_not_there_read_one_model_and_not_those_of_all_services(
    own_emulator: RunningEmulator,
) -> None:
    running = own_emulator.start()
    running.client("s3").list_buckets()
    before = running.get("status")["memory_bytes"]
    running.client("sagemaker").list_models()
    absent = running.client("application-autoscaling")
    with pytest.raises(absent.exceptions.ClientError, match="is not done by this emulator"):
        absent.describe_scalable_targets(ServiceNamespace="sagemaker")
    assert running.get("status")["memory_bytes"] - before < 100 * 1024 * 1024


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("sagemaker", "list_models"),
        ("s3", "list_buckets"),
        ("sqs", "list_queues"),
        ("cloudwatch", "describe_alarms"),
        ("cloudformation", "describe_stacks"),
        ("lambda", "list_functions"),
    ],
)
def test_an_answer_has_one_request_id(emulator: RunningEmulator, service: str, operation: str) -> None:
    told = getattr(emulator.client(service), operation)()["ResponseMetadata"]
    assert told["RequestId"]
    assert "," not in told["RequestId"]


def test_a_second_emulator_on_a_state_directory_is_refused(own_emulator: RunningEmulator) -> None:
    first = own_emulator.start()
    code, said = run_in_vain(first.settings.state_dir, free_port())
    assert code == 2
    assert first.process is not None
    assert said == (
        f"The state directory {first.settings.state_dir} is in use by the emulator with process id {first.process.pid} "
        f"on port {first.settings.port}. Stop that one, or give another directory with --state-dir.\n"
    )


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[EmulatorSettings]:
    settings = EmulatorSettings(tmp_path / "state", free_port())
    yield settings
    server.stop(settings)


def test_an_emulator_starts_in_a_session_of_its_own_and_stops_without_a_trace(settings: EmulatorSettings) -> None:
    server.start(settings)
    health = server.health(settings)
    assert health is not None
    assert health.state_dir == settings.state_dir
    assert os.getsid(health.process_id) == health.process_id
    server.start(settings)
    again = server.health(settings)
    assert again is not None
    assert again.process_id == health.process_id
    assert server.stop(settings) is True
    assert not psutil.pid_exists(health.process_id)
    assert server.health(settings) is None
    assert not settings.process_file.exists()
    assert server.stop(settings) is False


def test_a_process_file_of_a_dead_emulator_is_no_obstacle(settings: EmulatorSettings) -> None:
    server.start(settings)
    recorded = process_file.read(settings)
    assert recorded is not None
    dying = psutil.Process(recorded.process_id)
    dying.kill()
    dying.wait(10)
    assert server.stop(settings) is False
    server.start(settings)
    assert server.health(settings) is not None


def test_a_process_file_that_names_another_process_kills_nothing(settings: EmulatorSettings) -> None:
    settings.state_dir.mkdir()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as bystander:
        members = {"process_id": bystander.pid, "start": "1", "port": settings.port}
        settings.process_file.write_text(json.dumps(members))
        assert server.stop(settings) is False
        assert bystander.poll() is None
        bystander.kill()


def test_a_start_in_vain_says_what_the_emulator_said(settings: EmulatorSettings) -> None:
    with socket.create_server(("127.0.0.1", settings.port)), pytest.raises(StartError, match="cannot be used"):
        server.start(settings)


def ask(emulator: RunningEmulator, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    request = Request(f"{emulator.url}/_sagecraft/{path}", data=data, method=method, headers=headers)
    try:
        with urlopen(request, timeout=10) as response:
            return response.status, json.loads(response.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def test_images_are_registered_listed_and_removed(emulator: RunningEmulator) -> None:
    uri = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    assert ask(emulator, "POST", "images", {"uri": uri, "train": ["python", "train.py"]}) == (200, {"uri": uri})
    status, listed = ask(emulator, "GET", "images")
    assert status == 200
    absent = dict.fromkeys(("serve", "process", "requirements", "working_directory"))
    assert listed["images"][uri] == {"train": ["python", "train.py"], **absent}
    assert ask(emulator, "DELETE", f"images?uri={uri}") == (200, {"uri": uri})
    status, refused = ask(emulator, "DELETE", f"images?uri={uri}")
    assert status == 404
    assert refused["message"].startswith(f"No local program is registered for '{uri}'. Registered: ")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, 'The body must be an object with a "uri".'),
        ({"uri": "a", "train": "python"}, "\"train\" must be a list of strings, got: 'python'"),
        (
            {"uri": "a", "run": []},
            "Unknown members: run. There are: process, requirements, serve, train, uri, working_directory.",
        ),
        ({"uri": "a"}, "The local program of 'a' must have a command to train, to serve or to process."),
    ],
)
def test_a_wrong_image_is_refused(emulator: RunningEmulator, body: object, message: str) -> None:
    assert ask(emulator, "POST", "images", body) == (400, {"message": message})


def test_a_web_page_of_another_host_is_refused(emulator: RunningEmulator) -> None:
    body = {"uri": "a", "train": ["true"]}
    assert ask(emulator, "POST", "images", body, Origin="https://example.com")[0] == 403
    assert ask(emulator, "GET", "health", Origin="http://localhost:3000")[0] == 200


def test_an_operation_that_is_not_done_says_so(emulator: RunningEmulator) -> None:
    sagemaker = emulator.client("sagemaker")
    with pytest.raises(sagemaker.exceptions.ClientError) as raised:
        sagemaker.create_compilation_job(
            CompilationJobName="a",
            RoleArn="arn:aws:iam::000000000000:role/a-role",
            OutputConfig={"S3OutputLocation": "s3://a/b"},
            StoppingCondition={"MaxRuntimeInSeconds": 60},
        )
    assert "The operation 'CreateCompilationJob' is not done by this emulator." in str(raised.value)


def test_an_endpoint_that_there_is_not_is_answered_as_on_aws(emulator: RunningEmulator) -> None:
    runtime = emulator.client("sagemaker-runtime")
    with pytest.raises(runtime.exceptions.ClientError) as raised:
        runtime.invoke_endpoint(EndpointName="nothing", Body=b"1")
    assert raised.value.response["Error"] == {
        "Code": "ValidationError",
        "Message": "Endpoint nothing of account 000000000000 not found.",
    }


@pytest.mark.parametrize("path", ["/", "/endpoints/any/invocations", "/_sagecraft/health"])
def test_headers_of_a_mebibyte_are_refused_before_anything_reads_them(emulator: RunningEmulator, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", emulator.settings.port, timeout=60)
    with closing(connection):
        connection.request("POST", path, b"{}", {"Authorization": "Credential=" * (2**20 // 11)})
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())) == (
            431,
            {"message": "The headers of a request have up to 65536 bytes."},
        )
