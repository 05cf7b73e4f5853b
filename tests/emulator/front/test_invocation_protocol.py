import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from sagecraft_emulator.front.invocation_protocol import BeginInvocation, front_protocol
from sagecraft_emulator.front.relay import Admit
from sagecraft_emulator.hosting.invocation import MAX_BODY_BYTES, Answer, InvocationResponse

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

INVOCATION = b"POST /endpoints/mine/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"


def begin(name: str, headers: Mapping[str, str], body: bytes, answer: Answer) -> None:
    told = {"by": "invocation", "name": name, "type": headers.get("content-type"), "size": len(body)}
    response = InvocationResponse(200, {"Content-Type": "application/json"}, json.dumps(told).encode())
    if body == b"slow!":
        asyncio.get_running_loop().call_later(0.2, answer, response)
    else:
        answer(response)


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    assert scope["type"] == "http"
    while (await receive()).get("more_body", False):
        pass
    body = json.dumps({"by": "application", "path": scope["path"]}).encode()
    headers = [(b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
def server() -> Iterator[uvicorn.Server]:
    with serving(begin) as made:
        yield made


@contextmanager
def serving(begin: BeginInvocation, admit: Admit = lambda request: None) -> Iterator[uvicorn.Server]:
    config = uvicorn.Config(
        application,
        http=front_protocol(begin, admit),
        loop="uvloop",
        log_config=None,
        lifespan="off",
        timeout_keep_alive=1,
    )
    made = uvicorn.Server(config)
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    made.config.port = listener.getsockname()[1]
    thread = threading.Thread(target=made.run, kwargs={"sockets": [listener]})
    thread.start()
    yield made
    made.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def port(server: uvicorn.Server) -> int:
    return server.config.port


def read_answers(connection: socket.socket, count: int) -> list[dict[str, Any]]:
    with connection.makefile("rb") as file:
        answers = []
        for _ in range(count):
            assert file.readline() == b"HTTP/1.1 200 OK\r\n"
            lines = iter(file.readline, b"\r\n")
            headers = dict(line.decode().lower().strip().split(": ", 1) for line in lines)
            answers.append(json.loads(file.read(int(headers["content-length"]))))
        return answers


def test_invocations_and_other_requests_share_a_connection_in_any_order(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def request(method: str, path: str, body: bytes = b"") -> dict[str, Any]:
        connection.request(method, path, body, {"Content-Type": "text/csv"})
        told: dict[str, Any] = json.loads(connection.getresponse().read())
        return told

    path = "/endpoints/mine/invocations"
    for body in (b"hello", b"x" * 300_000, b""):
        assert request("POST", path, body) == {
            "by": "invocation",
            "name": "mine",
            "type": "text/csv",
            "size": len(body),
        }
    assert request("GET", "/anything") == {"by": "application", "path": "/anything"}
    assert request("POST", path, b"hello") == {"by": "application", "path": path}
    connection.close()


@pytest.mark.parametrize(
    "path", ["/endpoints/mine/async-invocations", "/endpoints/mine/other/invocations", "/endpoints/invocations"]
)
def test_paths_that_only_look_like_an_invocation_go_to_the_application(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", path, b"hello")
    assert json.loads(connection.getresponse().read()) == {"by": "application", "path": path}
    connection.close()


def test_a_request_in_small_pieces_is_one_request(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(INVOCATION[:60])
        for byte in INVOCATION[60:]:
            connection.sendall(bytes([byte]))
        [told] = read_answers(connection, 1)
    assert (told["by"], told["size"]) == ("invocation", 5)


def test_a_head_that_has_come_before_is_known_and_only_as_one_of_its_own(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        for body in (b"hello", b"world", b"again"):
            connection.sendall(INVOCATION.replace(b"hello", body))
            assert read_answers(connection, 1)[0]["size"] == 5
        # The whole of a known request, as a piece of the body of another one.
        head = f"POST /endpoints/other/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: {len(INVOCATION) + 1}\r\n\r\n"
        for piece in (head.encode() + b"x", INVOCATION):
            connection.sendall(piece)
            time.sleep(0.05)
        [told] = read_answers(connection, 1)
        assert (told["name"], told["size"]) == ("other", len(INVOCATION) + 1)
        # A known head whose body comes later, and one with another request behind its body.
        connection.sendall(INVOCATION[:-5])
        time.sleep(0.05)
        connection.sendall(b"hello" + INVOCATION)
        assert [told["size"] for told in read_answers(connection, 2)] == [5, 5]


def test_pipelined_invocations_are_answered_in_their_order(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        first = INVOCATION.replace(b"hello", b"slow!").replace(b"mine", b"first")
        connection.sendall(first + INVOCATION.replace(b"mine", b"second") + INVOCATION.replace(b"mine", b"third"))
        assert [told["name"] for told in read_answers(connection, 3)] == ["first", "second", "third"]
        connection.sendall(INVOCATION)
        assert [told["name"] for told in read_answers(connection, 1)] == ["mine"]


def test_a_client_that_waits_for_100_continue_gets_it(port: int) -> None:
    head, _, body = INVOCATION.partition(b"\r\n\r\n")
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head + b"\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(body)
        assert read_answers(connection, 1)[0]["size"] == 5


def test_a_body_beyond_the_limit_is_not_kept(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/endpoints/mine/invocations", b"x" * (3 * MAX_BODY_BYTES))
    assert MAX_BODY_BYTES < json.loads(connection.getresponse().read())["size"] < 2 * MAX_BODY_BYTES
    connection.close()


def test_a_client_that_asks_for_the_end_of_the_connection_gets_it(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(INVOCATION.replace(b"Host: x", b"Connection: close"))
        read = b"".join(iter(lambda: connection.recv(1000), b""))
    assert b"\r\nConnection: close\r\n" in read


def test_an_idle_connection_is_closed_in_time(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(INVOCATION)
        read_answers(connection, 1)
        assert connection.recv(100) == b""


def test_what_is_not_http_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(b"POST /endpoints/mine/invocations HTTP/1.1\r\nno header at all\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_the_server_ends_with_idle_connections_open_and_answers_what_is_under_way(
    server: uvicorn.Server, port: int
) -> None:
    idle = socket.create_connection(("127.0.0.1", port), 10)
    idle.sendall(INVOCATION)
    read_answers(idle, 1)
    busy = socket.create_connection(("127.0.0.1", port), 10)
    busy.sendall(INVOCATION.replace(b"hello", b"slow!"))
    server.should_exit = True
    assert read_answers(busy, 1)[0]["size"] == 5
    assert idle.recv(100) == b""
    idle.close()
    busy.close()


@pytest.mark.parametrize("other", [b"GET /endpoints/mine/invocations", b"POST /anything"])
def test_a_pipelined_request_that_is_no_invocation_ends_the_connection_after_those_before_it(
    port: int, other: bytes
) -> None:
    slow = INVOCATION.replace(b"hello", b"slow!")
    foreign = INVOCATION.replace(b"POST /endpoints/mine/invocations", other)
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(slow + INVOCATION + foreign + INVOCATION)
        read = b"".join(iter(lambda: connection.recv(10_000), b""))
    assert read.count(b"HTTP/1.1 200 OK") == 2


def test_a_client_that_does_not_read_is_not_answered_ahead() -> None:
    requests, size, begun, read = 200, 1_000_000, 0, 0
    ahead: list[int] = []

    def begin_large(_name: str, _headers: Mapping[str, str], _body: bytes, answer: Answer) -> None:
        nonlocal begun
        begun += 1
        ahead.append(begun - read // size)
        answer(InvocationResponse(200, {}, bytes(size)))

    with serving(begin_large) as server, socket.create_connection(("127.0.0.1", server.config.port), 10) as connection:
        connection.sendall(INVOCATION * requests)
        while read < requests * size:
            read += len(connection.recv(size))
    assert begun == requests
    assert max(ahead) < requests / 2
