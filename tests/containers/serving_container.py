"""A serving container as a real process on a free port of loopback."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.prepared_process import Fork

from .prepared_program import start_program

START_SECONDS = 60


@dataclass(frozen=True)
class ServingContainer:
    """A started container, and a client to it."""

    process: Fork
    client: httpx.Client

    def invoke(self, body: bytes | str, content_type: str | None, accept: str | None = None) -> httpx.Response:
        headers = {"Content-Type": content_type, "Accept": accept}
        return self.client.post(
            "/invocations", content=body, headers={name: value for name, value in headers.items() if value is not None}
        )


def script_of_model(name: str) -> dict[str, str]:
    """The variables by which a script under `code/` of the model's archive serves."""
    return {"SAGEMAKER_PROGRAM": name, "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(module: str, base: Path, port: int, **environment: str) -> Fork:
    """Starts `python -m module serve` on the model below `base`."""
    variables = {
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_BIND_HOST": "127.0.0.1",
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
    }
    return start_program(module, "serve", {**variables, **environment})


@contextmanager
def serving(module: str, base: Path, **environment: str) -> Iterator[ServingContainer]:
    """A container that answers `/ping`, until the block ends."""
    port = free_port()
    process = start(module, base, port, **environment)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait_for_ping(process, client)
            yield ServingContainer(process, client)
    finally:
        process.terminate()
        process.communicate(timeout=30)


def _wait_for_ping(process: Fork, client: httpx.Client) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise AssertionError(f"the container ended with {process.returncode}: {process.communicate(30)[0]}")
        try:
            if client.get("/ping").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the container did not answer /ping")
