"""Notebook instances: from a record that is `Pending` to a JupyterLab that answers, and back to a volume."""

import logging
import shutil
import threading
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Final

from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.errors import EmulatorError, InvalidTransition, RecordMissing
from sagecraft_emulator.pages.gate import Address, Gate
from sagecraft_emulator.pages.sessions import MayGoOn
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .environment.steps import Pace
from .instance import AT_REST
from .place import Place, places
from .server import RETURN_SECONDS, Cancelled, NotebookServer

logger = logging.getLogger(__name__)

_FAILURE_CHARACTERS: Final = 1024
_END_SECONDS: Final = 20.0
_COMING: Final = "The JupyterLab of {name} is being started: this page loads again by itself."
_STARTED_BY: Final = "Start it: aws sagemaker start-notebook-instance --notebook-instance-name {name}"


class NotebookFleet:
    """Runs what is behind all notebook instances.

    A subclass runs the JupyterLabs of another kind of resource.

    Args:
        store: Where their records are.
        machine: What containers share.
        pace: How long what is done before JupyterLab starts may take.

    Attributes:
        gate: Leads browsers to what runs.
    """

    kind: ClassVar[str] = "NotebookInstance"
    stopped: ClassVar[str] = "Stopped"
    interrupted: ClassVar[str] = "InMaintenance"
    """The status of one that has been in service, until it answers again.

    So it is while JupyterLab is started again, and after an earlier emulator has ended: only what is in service can be
    opened.
    Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StartNotebookInstance.html
    """
    over: ClassVar[frozenset[str]] = frozenset()
    """The statuses of those that never run again."""

    def __init__(self, store: Store, machine: Machine, pace: Pace | None = None) -> None:
        self._store, self._machine, self._pace = store, machine, pace or Pace()
        self._servers: dict[RecordKey, NotebookServer] = {}
        self.gate = self._make_gate(machine.clients.endpoint_url)
        self._closing = threading.Event()
        self._threads: set[threading.Thread] = set()
        for record in store.find(self.kind):  # of an earlier emulator: nothing is behind it yet
            self.gate.expect(self._page(record))
            if record.status == "InService":
                store.update(record.key, status=self.interrupted)

    def start(self, key: RecordKey) -> None:
        """As `NotebookInstances` says."""
        server = self._make_server(self._store.get(key))
        self._servers[key] = server
        self._in_thread(self._run, server)

    def stop(self, key: RecordKey) -> None:
        """As `NotebookInstances` says."""
        server = self._servers.pop(key, None)
        self._in_thread(self._end, key, partial(self._stop, key, server))

    def update(self, key: RecordKey) -> None:
        """As `NotebookInstances` says: an instance reads its record when it starts."""
        self._change(key, "Stopped")

    def delete(self, key: RecordKey) -> None:
        """As `NotebookInstances` says."""
        self._in_thread(self._end, key, partial(self._delete, key))

    def present(self, record: Record) -> Record:
        """As `NotebookInstances` says: it is as it was read."""
        return record

    def open(self, record: Record, session_seconds: int, may_go_on: MayGoOn) -> str:
        """As `NotebookInstances` says."""
        return self.gate.url(record.key, session_seconds, may_go_on=may_go_on)

    def recover(self) -> None:
        """Brings back the instances that an earlier emulator had, after ending what is left of it; returns at once."""
        records = [
            record
            for record in self._store.find(self.kind)
            if record.key not in self._servers and record.status not in self.over
        ]
        known = self._places()
        for directory in self._all_places().glob("*"):
            if Place(directory) not in known:
                Place(directory).remove()
        for record in records:
            self._place(record).end()
            try:
                self._recover(record)
            except (RecordMissing, InvalidTransition):
                logger.info("Notebook instance %s was changed before it was recovered", record.key.name)

    def _recover(self, record: Record) -> None:
        match record.status:
            case "Pending" | "InMaintenance":
                self.start(record.key)
            case "Stopping" | "Updating":
                self._change(record.key, "Stopped")
            case "Deleting":
                self.delete(record.key)

    def reset(self) -> None:
        """Ends all instances, with their volumes, and takes further ones; the records are for others to remove."""
        self._end_all()
        for record in self._store.each(self.kind):
            self.gate.close(self._page(record))
        shutil.rmtree(self._all_places(), ignore_errors=True)

    def shutdown(self) -> None:
        """Ends all instances; the records stay as they are, for `recover`."""
        self._closing.set()
        self._end_all()

    def _end_all(self) -> None:
        servers = list(self._servers.values())
        self._servers.clear()
        stopping = [self._in_thread(server.stop) for server in servers]
        for thread in (*stopping, *self._threads):
            thread.join(_END_SECONDS)  # one that installs packages goes on by itself, and they are there the next time

    def _run(self, server: NotebookServer) -> None:
        """Brings an instance into service, and takes note of its end."""
        key = server.key
        try:
            server.start()
            server.wait_until_ready()
            self._change(key, "InService", {"_Created": True})
            while server.wait_until_down():
                self._change(key, self.interrupted)
                server.wait_until_ready(RETURN_SECONDS)
                self._change(key, "InService")
        except Cancelled:
            server.stop(0)
        except EmulatorError as error:
            self._fail(server, str(error))
        except Exception as error:
            logger.exception("Notebook instance %s failed in the emulator", key.name)
            self._fail(server, f"{error}. The emulator's log has the traceback.")

    def _fail(self, server: NotebookServer, reason: str) -> None:
        server.stop(0)
        if self._servers.get(server.key) is server:
            del self._servers[server.key]
            explained = self._machine.explain(server.key, reason, _FAILURE_CHARACTERS)[:_FAILURE_CHARACTERS]
            self._machine.end_sessions(server.key)
            self._change(server.key, "Failed", {"FailureReason": explained})

    def _end(self, key: RecordKey, end: Callable[[], None]) -> None:
        """Stops or deletes one; where that cannot be done it has failed, and can be deleted again."""
        try:
            end()
        except Exception as error:
            logger.exception("Notebook instance %s could not be ended", key.name)
            reason = f"It could not be ended: {error}. The emulator's log has the traceback."
            self._change(key, "Failed", {"FailureReason": reason[:_FAILURE_CHARACTERS]})

    def _stop(self, key: RecordKey, server: NotebookServer | None) -> None:
        if server is not None:
            server.stop()
        self._machine.end_sessions(key)
        self._change(key, self.stopped)

    def _make_gate(self, endpoint_url: str) -> Gate:
        return Gate("notebook", endpoint_url, self._address)

    def _make_server(self, record: Record) -> NotebookServer:
        return NotebookServer(self._machine, self._store, record, self._closing.is_set, self._pace)

    def _all_places(self) -> Path:
        return places(self._machine.work_dir)

    def _place(self, record: Record) -> Place:
        return Place.of(self._machine.work_dir, record.key)

    def _page(self, record: Record) -> RecordKey:
        """What the page of one is named by."""
        return record.key

    def _places(self) -> Collection[Place]:
        """Those that are to last."""
        return [self._place(record) for record in self._store.find(self.kind)]

    def _address(self, key: RecordKey) -> Address | str:
        """Of the server behind a page; or else what there is to say of that."""
        server = self._servers.get(key)
        if server is not None:
            return server.address or _COMING.format(name=key.name)
        try:
            status = self._store.get(key).status
        except RecordMissing:
            return f"There is no notebook instance {key.name} any more."
        more = f" {_STARTED_BY.format(name=key.name)}" if status in AT_REST else ""
        return f"The notebook instance {key.name} is {status}.{more}"

    def _delete(self, key: RecordKey) -> None:
        self.gate.close(key)
        Place.of(self._machine.work_dir, key).remove()
        self._store.delete(key)

    def _change(self, key: RecordKey, status: str, body: Mapping[str, Any] | None = None) -> None:
        try:
            self._store.update(key, status=status, body=body)
        except (RecordMissing, InvalidTransition):
            logger.info("Notebook instance %s was changed before it was %s", key.name, status)

    def _in_thread(self, function: Callable[..., None], *arguments: Any) -> threading.Thread:
        def run() -> None:
            try:
                function(*arguments)
            except Exception:
                logger.exception("A notebook instance failed in the emulator")
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="notebook-instance", daemon=True)
        self._threads.add(thread)
        thread.start()
        return thread
