"""Watches the hosts of a job until they end, or must."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sagecraft_emulator.errors import JobFailed

from .cluster import Cluster, Exit
from .work import EMULATOR_ENDED, JobContext


@dataclass(frozen=True)
class Ending:
    """How the hosts of a job came to their end.

    Attributes:
        exit: The first host that failed, or one of them when none did.
        stopped: Whether the job was to stop.
        max_runtime_passed: Whether it had run too long.
    """

    exit: Exit
    stopped: bool
    max_runtime_passed: bool

    @property
    def failed(self) -> bool:
        """Whether a host failed by itself."""
        return self.exit.code != 0 and not self.stopped and not self.max_runtime_passed


def watch(
    cluster: Cluster,
    context: JobContext,
    *,
    max_runtime_seconds: float,
    stopping: Callable[[], None] | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Ending:
    """Waits until a host has failed or all have ended; stops them when the job is to stop or has run too long.

    Hosts that still run after another has failed are left to the caller, who kills the cluster.

    Args:
        cluster: The hosts, started.
        context: What the job was given.
        max_runtime_seconds: After which they are stopped.
        stopping: Called before they are stopped.
        meanwhile: Called many times a second while they run; what it raises ends the watch.

    Raises:
        JobFailed: The emulator ends.
    """
    deadline = time.monotonic() + max_runtime_seconds
    while (ended := cluster.wait()) is None:
        if context.closing.is_set():
            raise JobFailed(EMULATOR_ENDED)
        stopped, late = context.stopping.is_set(), time.monotonic() > deadline
        if stopped or late:
            if stopping is not None:
                stopping()
            return Ending(cluster.stop(context.stop_grace_seconds), stopped, late)
        if meanwhile is not None:
            meanwhile()
    return Ending(ended, stopped=context.stopping.is_set(), max_runtime_passed=False)
