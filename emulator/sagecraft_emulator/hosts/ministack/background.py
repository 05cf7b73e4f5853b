"""A thread for what nobody waits for."""

import logging
import threading
import weakref
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], object]

logger = logging.getLogger(__name__)


class Background:
    """Does one thing after the other on a thread of its own, which ends with this.

    A finalizer may tell it what to do, which runs wherever garbage is collected: in any thread, whatever locks that one
    holds. So it takes none that others have; those of a `ThreadPoolExecutor` are of all that there are.

    Args:
        name: Of the thread.
    """

    def __init__(self, name: str) -> None:
        self._work: SimpleQueue[Work | None] = SimpleQueue()
        threading.Thread(target=_run, args=(self._work,), name=name, daemon=True).start()
        weakref.finalize(self, self._work.put, None)

    def do(self, work: Work) -> None:
        """Has something done, and returns at once."""
        self._work.put(work)

    def settle(self) -> None:
        """Returns once all is done that came before."""
        done = threading.Event()
        self.do(done.set)
        done.wait()


def _run(queue: "SimpleQueue[Work | None]") -> None:
    while (work := queue.get()) is not None:
        try:
            work()
        except Exception:
            logger.exception("What was to be done in the background failed")
        del work  # it may be the last that has what gave it
