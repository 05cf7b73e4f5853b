"""A web socket of a test, as a browser would have it."""

import json
import socket
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, RejectConnection, Request, TextMessage

TIMEOUT_SECONDS = 60


class WebSocket:
    """A web socket to a server on this machine.

    Args:
        port: Of the server.
        host: By which name it is asked, and the port.
        target: The path, with its query.
        headers: Of the request that begins it.

    Attributes:
        status: Of the answer: 101, or why there is no web socket.
    """

    def __init__(self, port: int, host: str, target: str, headers: Mapping[str, str]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_SECONDS)
        self._connection = WSConnection(ConnectionType.CLIENT)
        extra = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._socket.sendall(self._connection.send(Request(host=host, target=target, extra_headers=extra)))
        self._events = self._received()
        try:
            self.status = self._answered()
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def _answered(self) -> int:
        match next(self._events):
            case AcceptConnection():
                return 101
            case RejectConnection(status_code=status):
                return status
            case other:
                raise AssertionError(other)

    def send(self, message: str) -> None:
        """Sends a text."""
        self._socket.sendall(self._connection.send(TextMessage(data=message)))

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
                case BytesMessage():
                    raise AssertionError("only texts were asked for")
                case CloseConnection():
                    return

    def _received(self) -> Iterator[Any]:
        while data := self._socket.recv(65_536):
            self._connection.receive_data(data)
            yield from self._connection.events()


def run_cell(web_socket: WebSocket, code: str) -> str:
    """What a Jupyter kernel prints that runs a cell.

    Source: "Messaging in Jupyter" and "Jupyter Server WebSocket protocols": a message a text, with its channel.
    """
    header = {"msg_id": "cell", "msg_type": "execute_request", "username": "", "session": "test", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    web_socket.send(json.dumps({**message, "buffers": []}))
    printed = ""
    for text in web_socket.texts():
        told = json.loads(text)
        if told["parent_header"].get("msg_id") != "cell":
            continue
        match told["msg_type"]:
            case "stream":
                printed += told["content"]["text"]
            case "error":
                raise AssertionError("\n".join(told["content"]["traceback"]))
            case "status" if told["content"]["execution_state"] == "idle":
                return printed
    raise AssertionError(f"The kernel has ended; it had printed: {printed}")
