"""Asks a container for the predictions of a batch."""

import http.client
import threading
from collections.abc import Callable
from typing import Final

from sagecraft_emulator.errors import EmulatorError

from .hosted_instance import LOOPBACK, HostedInstance
from .transform_settings import TransformSettings

_RETRY_PAUSE_SECONDS: Final = 0.2
_SHOWN_CHARACTERS: Final = 300


class BatchRefused(EmulatorError):
    """The container did not answer a batch with predictions; the message says what it did."""


class TransformClient:
    """Asks one container, from several threads at once, each on a connection of its own.

    Args:
        instance: The container.
        settings: How it is asked.
        content_type: What it is sent, or None.
        accept: What it is to answer, or None.
        cancelled: Whether the answer is not needed any more.
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
        self._connections: list[http.client.HTTPConnection] = []

    def close(self) -> None:
        """Closes all connections; no thread asks any more."""
        for connection in self._connections:
            connection.close()

    def predictions(self, body: bytes) -> bytes:
        """The predictions of a batch.

        Raises:
            BatchRefused: The container answers an error, or nothing, also when it is asked again.
        """
        why = ""
        for attempt in range(self._settings.retries + 1):
            if attempt:
                threading.Event().wait(_RETRY_PAUSE_SECONDS)
            if self._cancelled():
                raise BatchRefused("the job ends")
            try:
                status, answer = self._post(body)
            except (OSError, http.client.HTTPException) as error:
                self._drop_connection()
                if ended := self._instance.ended():
                    raise BatchRefused(f"the container {ended}") from error
                seconds = self._settings.timeout_seconds
                late = isinstance(error, TimeoutError)
                why = (
                    f"the container has not answered within {seconds:g} s" if late else f"the connection broke: {error}"
                )
                continue
            if status == http.client.OK:
                return answer
            text = answer.decode("utf-8", errors="replace").strip()[:_SHOWN_CHARACTERS]
            why = f"the container answered {status}: {text}"
            if status < http.client.INTERNAL_SERVER_ERROR:
                break
        raise BatchRefused(why)

    def _drop_connection(self) -> None:
        connection = self._local.connection
        self._local.connection = None
        connection.close()
        self._connections.remove(connection)

    def _post(self, body: bytes) -> tuple[int, bytes]:
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(
                LOOPBACK, self._instance.port, timeout=self._settings.timeout_seconds
            )
            self._local.connection = connection
            self._connections.append(connection)
        connection.request("POST", "/invocations", body, self._headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
