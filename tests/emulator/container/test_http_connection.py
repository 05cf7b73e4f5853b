"""What containers' servers do to a connection, each done by a small server of raw bytes."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sagecraft_emulator.container import http_connection
from sagecraft_emulator.container.http_connection import ConnectionPool, ContainerResponse, Outcome
from sagecraft_emulator.errors import RequestLost, RequestNotSent

REQUEST = b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 3\r\n\r\n0.5"

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def with_server(serve: Serve, client: Callable[[ConnectionPool], Awaitable[None]]) -> int:
    """Runs a client against a server; returns how many connections there were."""
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def run() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        pool = ConnectionPool("127.0.0.1", server.sockets[0].getsockname()[1])
        try:
            await client(pool)
        finally:
            pool.close_idle()
            server.close()
            await asyncio.sleep(0.01)

    asyncio.run(run())
    return connections


def answering(*answers: bytes) -> Serve:
    """A server that gives one answer after the other on a connection, then closes it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()

    return serve


async def ask(pool: ConnectionPool, request: bytes = REQUEST, timeout_seconds: float = 5) -> ContainerResponse:
    outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    pool.send(request, timeout_seconds, outcome.set_result)
    response = await outcome
    if isinstance(response, ContainerResponse):
        return response
    raise response


def test_a_connection_is_used_again_and_again() -> None:
    async def client(pool: ConnectionPool) -> None:
        for _ in range(3):
            assert await ask(pool) == ContainerResponse(
                200, {"content-type": "text/csv", "content-length": "3"}, b"0.5"
            )

    assert with_server(answering(OK, OK, OK), client) == 1


def test_a_head_that_has_come_before_may_come_in_pieces() -> None:
    bodies = [b"0.5", b"1.5", b"2.5", b"3.5"]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number, body in enumerate(bodies):
            await reader.readuntil(b"\r\n\r\n")
            head = OK[:-3]
            pieces = [head + body] if number % 2 == 0 else [head[:-3], head[-3:] + body[:1], body[1:]]
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01)

    async def client(pool: ConnectionPool) -> None:
        assert [(await ask(pool)).body for _ in bodies] == bodies

    assert with_server(serve, client) == 1


def test_an_answer_within_the_body_of_another_is_none() -> None:
    longer = OK.replace(b": 3", b": %d" % (len(OK) + 1)).removesuffix(b"0.5")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for pieces in ([OK], [OK], [longer + b"x", OK]):
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
                await asyncio.sleep(0.01)

    async def client(pool: ConnectionPool) -> None:
        assert [(await ask(pool)).body for _ in range(3)] == [b"0.5", b"0.5", b"x" + OK]

    assert with_server(serve, client) == 1


def test_a_server_that_closes_after_each_answer_is_asked_on_another_connection() -> None:
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")

    async def client(pool: ConnectionPool) -> None:
        for _ in range(3):
            assert (await ask(pool)).body == b"0.5"

    assert with_server(answering(closing), client) == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n0\r\n2\r\n.5\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n0.5",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
    ],
    ids=["chunked", "until the connection closes", "after 100 Continue"],
)
def test_every_way_to_frame_an_answer_is_read(answer: bytes) -> None:
    async def client(pool: ConnectionPool) -> None:
        response = await ask(pool)
        assert (response.status, response.body) == (200, b"0.5")

    with_server(answering(answer), client)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n0", b"hello there\r\n\r\n"])
def test_an_answer_that_is_cut_or_is_not_http_is_lost(answer: bytes) -> None:
    async def client(pool: ConnectionPool) -> None:
        with pytest.raises(RequestLost):
            await ask(pool)

    with_server(answering(answer), client)


def test_nobody_there_means_not_sent() -> None:
    async def client() -> None:
        server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
        pool = ConnectionPool("127.0.0.1", server.sockets[0].getsockname()[1])
        server.close()
        await server.wait_closed()
        with pytest.raises(RequestNotSent):
            await ask(pool)

    asyncio.run(client())


def test_an_answer_that_takes_too_long_ends_in_time() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    async def client(pool: ConnectionPool) -> None:
        with pytest.raises(TimeoutError):
            await ask(pool, timeout_seconds=0.05)

    with_server(serve, client)


def test_a_connection_that_was_idle_for_long_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "IDLE_SECONDS", 0.02)

    async def client(pool: ConnectionPool) -> None:
        await ask(pool)
        await asyncio.sleep(0.05)
        await ask(pool)

    assert with_server(answering(OK, OK), client) == 2


def test_a_lost_request_makes_the_other_idle_connections_suspect() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            if b"crash" in request:
                return
            writer.write(OK)

    async def client(pool: ConnectionPool) -> None:
        await asyncio.gather(ask(pool), ask(pool))
        with pytest.raises(RequestLost):
            await ask(pool, REQUEST.replace(b"/invocations", b"/crash"))
        await ask(pool)

    assert with_server(serve, client) == 3


def test_what_comes_behind_an_answer_is_not_the_answer_to_the_next_request() -> None:
    async def client(pool: ConnectionPool) -> None:
        for _ in range(2):
            assert (await ask(pool)).body == b"0.5"

    assert with_server(answering(OK + OK.replace(b"0.5", b"0.6"), OK), client) == 2


def test_each_request_has_a_time_of_its_own() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.readuntil(b"\r\n\r\n"):
            if b"slow" in request:
                await asyncio.sleep(0.2)
            if b"never" not in request:
                writer.write(OK)

    async def client(pool: ConnectionPool) -> None:
        await ask(pool, timeout_seconds=0.1)
        await ask(pool, REQUEST.replace(b"/invocations", b"/slow"))
        with pytest.raises(TimeoutError):
            await ask(pool, REQUEST.replace(b"/invocations", b"/never"), 0.05)

    assert with_server(serve, client) == 1


def test_a_connection_that_the_container_closed_is_not_kept() -> None:
    async def client(pool: ConnectionPool) -> None:
        await asyncio.gather(*(ask(pool) for _ in range(3)))
        while pool._idle:
            await asyncio.sleep(0)

    assert with_server(answering(OK), client) == 3
