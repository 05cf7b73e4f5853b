"""A web socket to the server of a notebook instance."""

import socket
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Ping, RejectConnection, Request, TextMessage

from sagecraft_infra.errors import WorkFailed

_READ_BYTES = 65_536


class WebSocket:
    """A web socket, open when it is made.

    Args:
        connection: To the server; it is closed in the end.
        host: By which name the server is asked, and the port.
        target: The path, with its query.
        headers: Of the request that begins it.

    Raises:
        WorkFailed: The server refuses it.
    """

    def __init__(self, connection: socket.socket, host: str, target: str, headers: Mapping[str, str]) -> None:
        self._socket = connection
        self._protocol = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._socket.sendall(self._protocol.send(Request(host=host, target=target, extra_headers=extra)))
        self._events = self._received()
        match next(self._events, None):
            case AcceptConnection():
                # What a kernel sends may be long in coming.
                self._socket.settimeout(None)
            case RejectConnection(status_code=status):
                raise WorkFailed(f"The notebook instance refuses a web socket: status {status}.")
            case _:
                raise WorkFailed("The notebook instance closes the connection.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, message: str) -> None:
        """Sends a text."""
        self._socket.sendall(self._protocol.send(TextMessage(data=message)))

    def texts(self) -> Iterator[str]:
        """The texts that come, until the other end closes."""
        text = ""
        for event in self._events:
            match event:
                case TextMessage(data=data, message_finished=finished):
                    text += data
                    if finished:
                        yield text
                        text = ""
                case Ping():
                    self._socket.sendall(self._protocol.send(event.response()))
                case CloseConnection():
                    return

    def _received(self) -> Iterator[Any]:
        while data := self._socket.recv(_READ_BYTES):
            self._protocol.receive_data(data)
            yield from self._protocol.events()
