"""Jobs that consist of other jobs: from a record that is `InProgress` to one that has ended."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from queue import Empty, SimpleQueue
from typing import Final, Generic, Protocol, TypeVar

from sagecraft_emulator.errors import EmulatorError, JobFailed, RecordMissing
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .record import JobRecord

UNDER_WAY: Final = frozenset({"InProgress", "Stopping"})
_MOMENT_SECONDS: Final = 0.1
"""Between two looks at a time that may move on, as long as a job waits."""

logger = logging.getLogger(__name__)


class Conducted(Protocol):
    """A job that has others do its work. It need not be safe for several threads; a conductor has one for all."""

    @property
    def deadline(self) -> float | None:
        """Epoch seconds at which its time is over; None for never."""

    @property
    def is_over(self) -> bool:
        """Whether its record has ended."""

    def begin(self) -> None:
        """Begins, or goes on where an earlier emulator ended."""

    def stop(self) -> None:
        """Ends the work, because somebody asks for that."""

    def pass_deadline(self) -> None:
        """Ends the work, because its time is over."""

    def owns(self, key: RecordKey) -> bool:
        """Whether it waits for a record to end."""

    def part_ended(self, record: Record) -> None:
        """Takes what came of a record that it waited for."""


_Conducted = TypeVar("_Conducted", bound=Conducted)


class Conductor(Generic[_Conducted]):
    """Runs the jobs of a kind in one thread, which sleeps until a part of one ends, or a time comes.

    It begins with the first job.

    Args:
        store: Where records are.
        kind: Of the jobs.
        make: Makes the job of a record.
        is_part: Whether a record may be one that a job waits for, and has ended.
        under_way: The statuses of a job that has not ended.
    """

    def __init__(
        self,
        store: Store,
        kind: str,
        make: Callable[[RecordKey], _Conducted],
        is_part: Callable[[Record], bool],
        under_way: Collection[str] = UNDER_WAY,
    ) -> None:
        self._store, self._kind, self._make, self._is_part = store, kind, make, is_part
        self._under_way = under_way
        self._jobs: dict[RecordKey, _Conducted] = {}
        self._events: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._beginning = threading.Lock()
        store.on_change(self._changed)

    def start(self, key: RecordKey) -> None:
        """Begins the job of a record that is under way; returns at once."""
        with self._beginning:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._kind, daemon=True)
                self._thread.start()
        self._events.put(lambda: self._do(key, lambda: self._begin(key)))

    def stop(self, key: RecordKey) -> None:
        """Ends the job of a record that is `Stopping`; returns at once."""
        self.do(key, lambda job: job.stop())

    def do(self, key: RecordKey, act: Callable[[_Conducted], None]) -> None:
        """Has a job act, unless it has ended by then; returns at once."""

        def do() -> None:
            if key in self._jobs:
                self._do(key, partial(act, self._jobs[key]))

        self._events.put(do)

    def recover(self) -> None:
        """Goes on with the jobs of an earlier emulator; what it ran for them has ended as `Failed` before."""
        for record in self._store.find(self._kind, statuses=self._under_way):
            self.start(record.key)

    def shutdown(self) -> None:
        """Does nothing more; jobs that have not ended go on when the emulator is started again."""
        if self._thread is not None:
            self._events.put(None)
            self._thread.join()

    def reset(self) -> None:
        """Forgets all jobs, which begin nothing further; the records are for others to remove."""
        if self._thread is None:
            return
        forgotten = threading.Event()
        self._events.put(self._jobs.clear)
        self._events.put(forgotten.set)
        forgotten.wait()

    def tell(self, wanted: Callable[[_Conducted], bool], act: Callable[[_Conducted], None]) -> None:
        """Has the first job that is wanted act; returns at once."""
        for key, job in list(self._jobs.items()):
            if wanted(job):
                self._events.put(partial(self._do, key, partial(act, job)))
                return

    def _changed(self, before: Record | None, after: Record) -> None:
        del before
        if self._thread is not None and self._is_part(after):
            self._events.put(lambda: self._part_ended(after))

    def _part_ended(self, record: Record) -> None:
        for key, job in list(self._jobs.items()):
            if job.owns(record.key):
                self._do(key, partial(job.part_ended, record))
                return

    def _begin(self, key: RecordKey) -> None:
        if key in self._jobs or self._store.get(key).status not in self._under_way:
            return
        job = self._jobs[key] = self._make(key)
        job.begin()

    def _do(self, key: RecordKey, act: Callable[[], None]) -> None:
        """Has a job act; an error ends it alone."""
        try:
            act()
        except RecordMissing:
            self._jobs.pop(key, None)
            return
        except Exception as error:
            if not isinstance(error, JobFailed):
                logger.exception("The %s %s failed in the emulator", self._kind, key.name)
            JobRecord(self._store, key).fail(_reason(error))
            self._jobs.pop(key, None)
            return
        if key in self._jobs and self._jobs[key].is_over:
            del self._jobs[key]

    def _run(self) -> None:
        while True:
            try:
                event = self._events.get(timeout=self._seconds_left())
            except Empty:
                for key, job in list(self._jobs.items()):
                    if job.deadline is not None and time.time() >= job.deadline:
                        self._do(key, job.pass_deadline)
                continue
            if event is None:
                return
            event()

    def _seconds_left(self) -> float | None:
        deadlines = [job.deadline for job in self._jobs.values() if job.deadline is not None]
        return max(_MOMENT_SECONDS, min(deadlines) - time.time()) if deadlines else None


def _reason(error: Exception) -> str:
    """What a record tells of an error: what a job has failed of tells by itself whose fault it was."""
    if isinstance(error, JobFailed):
        return str(error)
    return f"{'ClientError' if isinstance(error, EmulatorError) else 'InternalServerError'}: {error}"
