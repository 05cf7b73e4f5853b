"""Asks a container for the predictions of a batch."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import Final

from sagecraft_emulator.container.blocking_connection import BlockingConnection
from sagecraft_emulator.errors import EmulatorError, RequestLost
from sagecraft_emulator.hosting.instance import LOOPBACK, HostedInstance

from .settings import TransformSettings

_RETRY_PAUSE_SECONDS: Final = 0.2
_SHOWN_CHARACTERS: Final = 300
_SUCCESS: Final = range(200, 300)


class BatchRefused(EmulatorError):
    """The container did not answer a batch with predictions; the message says what it did.

    Attributes:
        status: What it answered, or None when it did not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class TransformClient:
    """Asks one container, from several threads at once, each on a connection of its own.

    Args:
        instance: The container.
        settings: How it is asked.
        content_type: What it is sent, or None.
        accept: What it is to answer, or None.
        cancelled: Whether the answer is not needed any more.

    Attributes:
        slots: One is held for each batch that is read, until its predictions are written: what bounds the memory.
    """

    def __init__(
        self,
        instance: HostedInstance,
        settings: TransformSettings,
        content_type: str | None,
        accept: str | None,
        cancelled: Callable[[], bool],
    ) -> None:
        self._instance, self._settings, self._cancelled = instance, settings, cancelled
        headers = {"Content-Type": content_type, "Accept": accept}
        self._headers = {name: value for name, value in headers.items() if value is not None}
        self._local = threading.local()
        self._connections: list[BlockingConnection] = []
        self._pool = ThreadPoolExecutor(settings.concurrent)
        self.slots = threading.Semaphore(2 * settings.concurrent)

    def submit(self, ask: Callable[[], bytes]) -> Future[bytes]:
        """Calls a function that asks for predictions as soon as the container may be asked once more."""
        return self._pool.submit(ask)

    def close(self) -> None:
        """Ends its threads and connections; nothing is asked any more."""
        self._pool.shutdown(cancel_futures=True)
        for connection in self._connections:
            connection.close()

    def predictions(self, body: bytes) -> bytes:
        """The predictions of a batch.

        Raises:
            BatchRefused: The container answers an error, or nothing, also when it is asked again.
        """
        for _ in range(self._settings.retries):
            try:
                return self._ask(body)
            except BatchRefused as error:
                if self._cancelled() or _is_final(error.status) or self._instance.ended():
                    raise
            threading.Event().wait(_RETRY_PAUSE_SECONDS)
        return self._ask(body)

    def _ask(self, body: bytes) -> bytes:
        try:
            answer = self._connection().post("/invocations", self._headers, body)
        except TimeoutError as error:
            raise BatchRefused(f"the container has not answered within {self._settings.timeout_seconds} s") from error
        except (OSError, RequestLost) as error:
            threading.Event().wait(_RETRY_PAUSE_SECONDS)  # its process may just be ending
            ended = self._instance.ended()
            raise BatchRefused(f"the container {ended}" if ended else f"the connection broke: {error}") from error
        if answer.status in _SUCCESS:
            return answer.body
        text = answer.body.decode("utf-8", errors="replace").strip()[:_SHOWN_CHARACTERS]
        raise BatchRefused(f"the container answered {answer.status}: {text}", answer.status)

    def _connection(self) -> BlockingConnection:
        """That of this thread."""
        connection: BlockingConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = BlockingConnection(LOOPBACK, self._instance.port, self._settings.timeout_seconds)
            self._local.connection = connection
            self._connections.append(connection)
        return connection


def _is_final(status: int | None) -> bool:
    """Whether a container that answers so would answer the same again."""
    return status is not None and status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS
