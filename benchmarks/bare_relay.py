"""The least that a process in Python can do between a client and a container: bytes one way, bytes the other.

It reads nothing of what it passes on, so it serves requests and answers that come in one piece each, one at a time on a
connection. What a relay costs that also finds the endpoint, checks the request and counts it is seen against this.

usage: bare_relay.py PORT CONTAINER_PORT
"""

import asyncio
import sys
from typing import Any

import uvloop


class Client(asyncio.Protocol):
    """A client's connection, with a connection of its own to the container."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        """The connection is there."""
        self._connecting = asyncio.create_task(self._connect(transport))

    async def _connect(self, transport: Any) -> None:
        loop = asyncio.get_running_loop()
        container, _ = await loop.create_connection(lambda: Container(transport), "127.0.0.1", self._port)
        self._ready.set_result(container)

    def data_received(self, data: bytes) -> None:
        """A request."""
        if self._ready.done():
            self._ready.result().write(data)
        else:
            self._ready.add_done_callback(lambda ready: ready.result().write(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone, and with it that to the container."""
        del exc
        self._ready.add_done_callback(lambda ready: ready.result().close())


class Container(asyncio.Protocol):
    """A connection to the container."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def data_received(self, data: bytes) -> None:
        """An answer."""
        self._client.write(data)


async def main(port: int, container_port: int) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: Client(container_port), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2])))
