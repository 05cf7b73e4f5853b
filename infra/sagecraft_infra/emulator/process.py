"""The emulator of a project: started where none answers, asked, stopped."""

import json
import socket
from http.client import HTTPConnection, HTTPException
from typing import Any, Final

from sagecraft_emulator.errors import NodeSdkError, StartError
from sagecraft_emulator.front import server
from sagecraft_emulator.hosts.functions import node_sdk
from sagecraft_emulator.settings import HOST, EmulatorSettings
from sagecraft_emulator.state import process_file

from sagecraft_infra.errors import InfraError, UserError

_TIMEOUT_SECONDS: Final = 30.0


def ensure(settings: EmulatorSettings) -> bool:
    """Starts the emulator where none answers on the port; returns whether it had to.

    Raises:
        UserError: The port is taken by something else, or the state directory cannot be used.
    """
    present = server.health(settings)
    if present is not None:
        if settings.enforce_iam and not present.enforce_iam:
            raise UserError(
                f"The emulator on {settings.endpoint_url} runs without --enforce-iam. End it: sagecraft down. Then "
                "give --enforce-iam again."
            )
        if settings.quotas not in {"unlimited", present.quotas}:
            raise UserError(
                f"The emulator on {settings.endpoint_url} runs without --quotas {settings.quotas}. End it: sagecraft "
                f"down. Then give --quotas {settings.quotas} again."
            )
        return False
    if port_taken(settings.port):
        raise UserError(
            f"Port {settings.port} is taken by something that is no Sagecraft emulator. "
            "Stop that, or give another port with --port; to deploy to it, if it is an emulator, give "
            f"--endpoint-url {settings.endpoint_url}."
        )
    try:
        node_sdk.install_sdk()
        server.start(settings)
    except (StartError, NodeSdkError) as error:
        raise UserError(str(error)) from error
    return True


def require(settings: EmulatorSettings) -> server.Health:
    """What the emulator says of itself.

    Raises:
        UserError: None answers.
    """
    present = server.health(settings)
    if present is None:
        raise UserError(f"No emulator answers on {settings.endpoint_url}. Run: sagecraft up, or: sagecraft emulator")
    return present


def is_ours(settings: EmulatorSettings) -> bool:
    """Whether an emulator runs that keeps its state in the project's state directory."""
    recorded = process_file.read(settings)
    return recorded is not None and recorded.handle() is not None


def port_taken(port: int) -> bool:
    """Whether something listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def ask(port: int, method: str, path: str, body: object = None, *, host: str = HOST) -> dict[str, Any]:
    """Sends one of the emulator's own requests, such as `GET images`.

    Raises:
        UserError: No emulator answers, or it refuses what it was sent.
        InfraError: It answers with an error of its own.
    """
    status, answer = _answer(port, method, path, body, host)
    if status >= 500:
        raise InfraError(f"The emulator answered {status}: {answer['message']}")
    if status >= 400:
        raise UserError(str(answer["message"]))
    return answer


def answer_of(port: int, path: str) -> tuple[int, dict[str, Any]]:
    """The status and members of the emulator's answer to one of its own `GET` requests.

    Raises:
        UserError: No emulator answers.
        InfraError: It answers with an error of its own.
    """
    status, answer = _answer(port, "GET", path, None, HOST)
    if status >= 500:
        raise InfraError(f"The emulator answered {status}: {answer['message']}")
    return status, answer


def _answer(port: int, method: str, path: str, body: object, host: str) -> tuple[int, dict[str, Any]]:
    connection = HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request(method, f"/_sagecraft/{path}", None if body is None else json.dumps(body))
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise UserError(
            f"No emulator answers on http://{host}:{port}. Run: sagecraft up, or: sagecraft emulator"
        ) from error
    finally:
        connection.close()
    answer: dict[str, Any] = json.loads(text) if text.startswith("{") else {"message": text}
    if response.status >= 400:
        answer.setdefault("message", text)
    return response.status, answer
