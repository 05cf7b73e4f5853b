"""Requests of this process to its own application, without a connection."""

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.front.asgi import Receive, Send
from sagecraft_emulator.front.lent_socket import FILES_EXTENSION, Piece
from sagecraft_emulator.front.own_requests import LARGE_BYTES, OwnRequests
from sagecraft_emulator.hosts.loop_thread import LoopThread

ACCOUNT, REGION = "000000000001", "eu-west-1"
NOWHERE = "http://127.0.0.1:9"


class Application:
    """Keeps what it is asked, and answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, Any], dict[str, str], bytes]] = []
        self.status, self.body = 200, b""
        self.files: list[Piece] = []
        self.times_touched = 0

    def touched(self) -> None:
        self.times_touched += 1

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        message = await receive()
        assert not message["more_body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append((scope, headers, message["body"]))
        await send({"type": "http.response.start", "status": self.status, "headers": [(b"etag", b'"etag"')]})
        if self.files:
            await scope["extensions"][FILES_EXTENSION].send(iter(self.files))
        await send({"type": "http.response.body", "body": self.body})


@pytest.fixture
def application() -> Application:
    return Application()


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    thread = LoopThread("own-requests")
    yield thread._loop
    thread.stop()


@pytest.fixture
def clients(application: Application, loop: asyncio.AbstractEventLoop) -> Clients:
    return Clients(NOWHERE, OwnRequests(application, lambda: loop, application.touched).send)


def test_a_request_arrives_as_a_server_would_hand_it_on(application: Application, clients: Clients) -> None:
    answer = clients.s3(ACCOUNT, REGION).put_object(Bucket="data", Key="a b/é?", Body=BytesIO(b"content"))
    assert answer["ETag"] == '"etag"'
    [(scope, headers, body)] = application.asked
    assert (scope["method"], scope["path"], scope["raw_path"]) == ("PUT", "/data/a b/é?", b"/data/a%20b/%C3%A9%3F")
    assert body == b"content"
    assert headers["host"] == "127.0.0.1:9"
    assert headers["content-length"] == "7"
    assert f"Credential={ACCOUNT}/" in headers["authorization"]
    assert "expect" not in headers
    assert application.times_touched == 1


def test_an_error_is_the_services_own(application: Application, clients: Clients) -> None:
    application.status = 400
    application.body = b'{"__type": "ResourceNotFoundException", "message": "There is no such group."}'
    with pytest.raises(ClientError, match=r"\(ResourceNotFoundException\).*There is no such group\."):
        clients.logs(ACCOUNT, REGION).create_log_stream(logGroupName="group", logStreamName="stream")


def test_an_answer_that_is_in_files_is_read_from_them(
    clients: Clients, application: Application, tmp_path: Path
) -> None:
    (tmp_path / "first").write_bytes(b"0123456789")
    (tmp_path / "second").write_bytes(b"abcdef")
    pieces = [(tmp_path / "first", 8, 2), (tmp_path / "second", 0, 0), (tmp_path / "second", 1, 3)]
    application.files = pieces
    s3 = clients.s3(ACCOUNT, REGION)

    def body() -> Any:
        return s3.get_object(Bucket="data", Key="key")["Body"]

    assert body().read() == b"89bcd"
    assert [*body().iter_chunks(3)] == [b"89", b"bcd"]
    into = bytearray(10)
    assert (body().readinto(into), bytes(into[:2])) == (2, b"89")
    application.files = [(tmp_path / "second", 3, 4)]
    with pytest.raises(EOFError, match="shorter than its object"):
        body().read()


def test_what_may_be_large_or_cannot_be_answered_yet_goes_through_a_connection(
    application: Application, loop: asyncio.AbstractEventLoop
) -> None:
    sent: list[tuple[str, bool]] = []
    running = OwnRequests(application, lambda: loop, application.touched)
    for requests in (running, OwnRequests(application, lambda: None, application.touched)):

        def send(request: Any, requests: OwnRequests = requests) -> Any:
            answer = requests.send(request)
            sent.append((request.method, answer is not None))
            return answer or running.send(type(request)("PUT", request.url, {}, None, None))

        s3 = Clients(NOWHERE, send).s3(ACCOUNT, REGION)
        s3.get_object(Bucket="data", Key="key")
        s3.put_object(Bucket="data", Key="key", Body=bytes(LARGE_BYTES))
        s3.put_object(Bucket="data", Key="key", Body=bytes(LARGE_BYTES + 1))
    asked = ["GET", "PUT", "PUT"]
    assert sent == [*zip(asked, [True, True, False], strict=True), *((method, False) for method in asked)]
