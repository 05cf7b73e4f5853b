"""The meter's clock: it goes on as time does, and is set anew where the machine's clock has jumped."""

import time
from collections.abc import Callable
from typing import Final

JUMP_SECONDS: Final = 5.0
"""By so much clocks differ that are only being set right."""


class MeterClock:
    """Epoch seconds that never jump by themselves.

    Time in which the machine sleeps does not count: nothing works then.

    Args:
        wall: The machine's clock, which may be set.
        steady: One that only goes on.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = 0.0
        self.set()

    def now(self) -> float:
        """The time."""
        return self._ahead + self._steady()

    def has_jumped(self) -> bool:
        """Whether the machine's clock has been set, or the machine has slept."""
        return abs(self._wall() - self.now()) > JUMP_SECONDS

    def set(self) -> None:
        """Sets it by the machine's clock."""
        self._ahead = self._wall() - self._steady()
