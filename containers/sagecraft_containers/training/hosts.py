"""The other hosts of a job, by their names."""

import socket
import time
from collections.abc import Callable
from typing import Final, TypeVar

from sagecraft_containers.errors import UserError

JOIN_SECONDS: Final = 120.0
"""How long hosts wait for one another to start."""
RETRY_SECONDS: Final = 0.05

_Result = TypeVar("_Result")


def resolve(host: str) -> str:
    """A host's address.

    Raises:
        UserError: The name does not resolve for two minutes.
    """
    return patiently(lambda: socket.gethostbyname(host), f"The host {host} of the job is not to be found by its name.")


def patiently(attempt: Callable[[], _Result], failure: str) -> _Result:
    """Tries something of the network again and again while the other hosts start.

    Raises:
        UserError: It has not succeeded in two minutes.
    """
    deadline = time.monotonic() + JOIN_SECONDS
    while True:
        try:
            return attempt()
        except OSError as error:
            if time.monotonic() > deadline:
                raise UserError(failure) from error
            time.sleep(RETRY_SECONDS)
