"""The machine's cores, given to jobs in the order in which they came."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sagecraft_emulator.container.processors import processor_count
from sagecraft_emulator.state.store import RecordKey

Run = Callable[[int], None]
"""What a job does with the cores that it was given."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A job that waits for cores.

    Attributes:
        key: What names its record.
        cores: How many it waits for.
        since: Epoch seconds at which it came.
    """

    key: RecordKey
    cores: int
    since: float


@dataclass(frozen=True)
class Running:
    """A job that has cores.

    Attributes:
        key: What names its record.
        cores: How many it has.
    """

    key: RecordKey
    cores: int


class Scheduler:
    """First come, first served: no job passes another one that waits for more cores than are free.

    A waiting job costs a queue entry and no thread, so thousands of them can wait.

    Args:
        cores: How many there are; all that this process may use when left out.
    """

    def __init__(self, cores: int | None = None) -> None:
        self.cores = processor_count() if cores is None else cores
        self._free = self.cores
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._queue: OrderedDict[RecordKey, tuple[Waiting, Run]] = OrderedDict()
        self._running: dict[RecordKey, Running] = {}
        self._released: set[RecordKey] = set()
        self._closed = False

    def submit(self, key: RecordKey, cores: int, run: Run) -> None:
        """Has a job run in a thread of its own once its cores are free.

        Args:
            key: What names its record.
            cores: How many it wants; it gets no more than the machine has, and at least one.
            run: What to do; it is given the number of cores.
        """
        waiting = Waiting(key, max(1, min(cores, self.cores)), time.time())
        with self._lock:
            if not self._closed:
                self._queue[key] = (waiting, run)
                self._start_what_fits()

    def cancel(self, key: RecordKey) -> bool:
        """Takes a job out of the queue; whether it was still in it."""
        with self._lock:
            found = self._queue.pop(key, None) is not None
            self._start_what_fits()  # those behind it may fit now
            return found

    def release(self, key: RecordKey) -> None:
        """Takes the cores back of a job that computes no more, but has not ended.

        It keeps them when as many jobs as there are cores have given them back already: to copy results takes a
        little of them, too.
        """
        with self._lock:
            if len(self._released) < self.cores:
                self._released.add(key)
                self._free += self._running[key].cores
                self._start_what_fits()

    def waiting(self) -> list[Waiting]:
        """The jobs that wait, the next one first."""
        with self._lock:
            return [waiting for waiting, _ in self._queue.values()]

    def running(self) -> list[Running]:
        """The jobs that have cores."""
        with self._lock:
            return [each for key, each in self._running.items() if key not in self._released]

    def close(self) -> list[RecordKey]:
        """Starts no job any more, and waits until those that run have ended.

        Returns:
            The jobs that were still waiting.
        """
        with self._idle:
            self._closed = True
            left = list(self._queue)
            self._queue.clear()
            self._idle.wait_for(lambda: not self._running)
            return left

    def drop(self) -> None:
        """Forgets the jobs that wait, and returns when those that run now have ended."""
        with self._idle:
            self._queue.clear()
            present = dict(self._running)
            self._idle.wait_for(lambda: all(self._running.get(key) is not each for key, each in present.items()))

    def _start_what_fits(self) -> None:
        while self._queue:
            waiting, run = next(iter(self._queue.values()))
            if waiting.cores > self._free or waiting.key in self._running:
                return  # a job that was deleted as it ended may still tidy up what one of its name would use
            del self._queue[waiting.key]
            self._free -= waiting.cores
            running = self._running[waiting.key] = Running(waiting.key, waiting.cores)
            name = f"{waiting.key.kind}-{waiting.key.name}"
            threading.Thread(target=self._run, args=(running, run), name=name, daemon=True).start()

    def _run(self, running: Running, run: Run) -> None:
        try:
            run(running.cores)
        finally:
            with self._idle:
                del self._running[running.key]
                if running.key in self._released:
                    self._released.remove(running.key)
                else:
                    self._free += running.cores
                self._start_what_fits()
                self._idle.notify_all()
