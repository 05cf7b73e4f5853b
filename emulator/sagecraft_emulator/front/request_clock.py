"""How long a client may take to send a request: who does not go on loses the connection."""

import asyncio
from typing import Final

HEAD_SECONDS: Final = 20.0
"""From the first byte of a request to the end of its headers."""
BODY_SECONDS: Final = 60.0
"""For which a body may pause; it may take as long as it likes while it comes."""
BYTES_PER_SECOND: Final = 500
"""A body that comes more slowly does not come."""
LOOK_EVERY_SECONDS: Final = 1.0


class RequestClock:
    """The clock of one connection.

    Args:
        transport: The connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._deadline: float | None = None
        self._in_body = False
        self._timer = self._loop.call_later(LOOK_EVERY_SECONDS, self._look)

    def received(self, size: int, *, in_body: bool) -> None:
        """Takes note of bytes of a request that is not complete by them.

        Args:
            size: How many.
            in_body: Whether its headers are complete.
        """
        now = self._loop.time()
        if not in_body:
            self._deadline = self._deadline or now + HEAD_SECONDS
        elif self._in_body and self._deadline is not None:
            self._deadline = min(now + BODY_SECONDS, self._deadline + size / BYTES_PER_SECOND)
        else:
            self._deadline = now + BODY_SECONDS
        self._in_body = in_body

    def complete(self) -> None:
        """The request is complete."""
        self._deadline, self._in_body = None, False

    def stop(self) -> None:
        """The connection is gone, or another's."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._deadline is not None and not self._transport.is_reading():
            self._deadline += LOOK_EVERY_SECONDS  # we do not go on, not the client
        elif self._deadline is not None and self._loop.time() > self._deadline:
            self._transport.close()
            return
        self._timer = self._loop.call_later(LOOK_EVERY_SECONDS, self._look)
