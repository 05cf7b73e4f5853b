"""Clients that do not go on with their request, and those that are merely slow."""

import socket
import threading
from collections.abc import Iterator

import pytest
from sagecraft_emulator.front import request_clock

from .test_invocation_protocol import INVOCATION, begin, read_answers, serving

HALF_SENT = 200
OTHER = INVOCATION.replace(b"/endpoints/mine/invocations", b"/anything")


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    for name, seconds in {"HEAD_SECONDS": 0.3, "BODY_SECONDS": 1.0, "LOOK_EVERY_SECONDS": 0.05}.items():
        monkeypatch.setattr(request_clock, name, seconds)
    with serving(begin) as server:
        yield server.config.port


@pytest.mark.parametrize("whole", [INVOCATION, OTHER], ids=["invocation", "other"])
@pytest.mark.parametrize("missing", [b"ello", b"\n\r\nhello", b"x\r\nContent-Length: 5\r\n\r\nhello"])
def test_half_sent_requests_are_closed_and_others_answered(port: int, whole: bytes, missing: bytes) -> None:
    half = []
    for _ in range(HALF_SENT):
        half.append(socket.create_connection(("127.0.0.1", port), 10))
        half[-1].sendall(whole.removesuffix(missing))
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(whole)
        read_answers(connection, 1)
    for each in half:
        assert each.recv(100) == b""
        each.close()


@pytest.mark.parametrize("whole", [INVOCATION, OTHER], ids=["invocation", "other"])
def test_a_byte_now_and_then_does_not_keep_a_connection(port: int, whole: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(whole.replace(b"Length: 5", b"Length: 5000"))
        closed = threading.Event()

        def wait_for_end() -> None:
            assert connection.recv(1) == b""
            closed.set()

        threading.Thread(target=wait_for_end).start()
        while not closed.wait(0.02):
            connection.sendall(b"x")


@pytest.mark.parametrize("whole", [INVOCATION, OTHER], ids=["invocation", "other"])
def test_a_slow_body_goes_on_as_long_as_it_comes(port: int, whole: bytes) -> None:
    pause, piece, pieces = threading.Event(), b"x" * 100, 60
    head = whole.removesuffix(b"hello").replace(b"Length: 5", b"Length: %d" % (len(piece) * pieces))
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head)
        for _ in range(pieces):  # for longer than it might pause
            connection.sendall(piece)
            pause.wait(0.02)
        read_answers(connection, 1)
