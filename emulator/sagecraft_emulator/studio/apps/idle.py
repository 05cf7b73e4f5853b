"""Whether anybody works in a JupyterLab, as SageMaker finds it out."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime


class IdleWatch:
    """Looks at a JupyterLab every so often, and takes note of when somebody last worked in it.

    Work is a busy kernel, the last thing that a kernel did, and input to or output of a terminal. A kernel that waits,
    a terminal in which nothing happens, and a page that is open are none.

    Sources: `get_last_active_timestamp` in jupyter-activity-monitor-extension, handler.py, which AWS's images have; of
    busy kernels https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-idle-shutdown.html

    Args:
        idle_seconds: After how long it is idle.
        look_seconds: How long it is not looked at again.
        ask: What it answers at a path of its API; None where it does not.
    """

    def __init__(self, idle_seconds: float, look_seconds: float, ask: Callable[[str], bytes | None]) -> None:
        self._idle_seconds, self._look_seconds, self._ask = idle_seconds, look_seconds, ask
        self._worked = time.time()
        self._next_look = self._worked + look_seconds

    def is_idle(self) -> bool:
        """Whether nobody has worked for so long; not where that cannot be found out."""
        now = time.time()
        if now < self._next_look:
            return False
        self._next_look = now + self._look_seconds
        try:
            self._worked = min(now, max([self._worked, *self._times(now)]))
        except (ArithmeticError, AttributeError, KeyError, OSError, RecursionError, TypeError, ValueError):
            return False  # rather cost than lost work: what answers is the user's own program, and may say anything
        return now - self._worked >= self._idle_seconds

    def _times(self, now: float) -> Iterator[float]:
        """When there was work, in epoch seconds."""
        for path in ("/api/kernels", "/api/terminals"):
            for each in json.loads(self._ask(path) or ""):
                is_busy = each.get("execution_state") == "busy"
                yield now if is_busy else datetime.fromisoformat(each["last_activity"]).timestamp()
