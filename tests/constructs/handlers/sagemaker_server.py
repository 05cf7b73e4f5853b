"""SageMaker and S3 as far as the handler of jobs calls them, on a real socket."""

import json
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from sagecraft_constructs.handlers import clients

LISTING = (
    '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>bucket</Name>{contents}</ListBucketResult>"
)


def arn_type(kind: str) -> str:
    """What stands before the name in an ARN: `training-job` of a `TrainingJob`."""
    return re.sub("(?<!^)(?=[A-Z])", "-", kind).lower()


@dataclass
class SageMakerServer:
    """What a test sets and looks at.

    Attributes:
        jobs: The descriptions of the jobs by name.
        calls: Every call to SageMaker: operation and request.
        objects: The keys that exist.
        refusals: Errors that the next calls of an operation get, as code and message.
    """

    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    objects: set[str] = field(default_factory=set)
    refusals: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    url: str = ""

    def called(self, operation: str) -> list[dict[str, Any]]:
        return [request for name, request in self.calls if name == operation]

    def answer(self, operation: str, request: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.calls.append((operation, request))
        if self.refusals.get(operation):
            code, message = self.refusals[operation].pop(0)
            return 400, {"__type": code, "message": message}
        verb, kind = re.fullmatch("(Create|Describe|Stop|Add|Delete)([A-Za-z]+)(?:V2)?", operation).groups()  # type: ignore[union-attr]  # every operation matches
        name = request.get(f"{kind}Name", "")
        match verb:
            case "Create":
                arn = f"arn:aws:sagemaker:us-east-1:123456789012:{arn_type(kind)}/{name}"
                self.jobs[name] = {"CreationTime": 1.0, **request, f"{kind}Arn": arn, f"{kind}Status": "InProgress"}
                return 200, {f"{kind}Arn": arn}
            case "Describe" if name in self.jobs:
                return 200, {"SecondaryStatus": "Training", **self.jobs[name]}
            case "Stop" if name in self.jobs:
                self.jobs[name][f"{kind}Status"] = "Stopping"
                return 200, {}
            case "Add" | "Delete":
                return 200, {"Tags": []}
            case _:
                return 400, {"__type": "ValidationException", "message": "Requested resource not found."}

    def answer_ec2(self, request: dict[str, str]) -> tuple[int, str]:
        """Status and answer in XML."""
        raise AssertionError(f"nothing here asks EC2: {request}")

    def listing(self, prefix: str) -> str:
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        return LISTING.format(contents="".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys))


Server = TypeVar("Server", bound=SageMakerServer)


@contextmanager
def serving(state: Server) -> Iterator[Server]:
    """Puts a server on a socket."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"]))
            if "X-Amz-Target" not in self.headers:
                self._send(*state.answer_ec2(dict(parse_qsl(sent.decode()))), "text/xml")
                return
            status, body = state.answer(self.headers["X-Amz-Target"].partition(".")[2], json.loads(sent))
            self._send(status, json.dumps(body), "application/x-amz-json-1.1")

        def do_GET(self) -> None:
            prefix = parse_qs(urlsplit(self.path).query)["prefix"][0]
            self._send(200, state.listing(prefix), "application/xml")

        def _send(self, status: int, body: str, media_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield state
        server.shutdown()
        thread.join()


def sagemaker_server() -> AbstractContextManager[SageMakerServer]:
    return serving(SageMakerServer())


@contextmanager
def clients_of(server: SageMakerServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clients of the handler talk to the server."""
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ENDPOINT_URL_S3": server.url,
        "AWS_ENDPOINT_URL_EC2": server.url,
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    made = (clients.sagemaker, clients.s3, clients.ec2)
    for client in made:
        client.cache_clear()
    yield
    for client in made:
        client().close()
        client.cache_clear()
