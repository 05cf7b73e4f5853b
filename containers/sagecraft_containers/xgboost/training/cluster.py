"""The hosts of one training job: how they find each other, agree, form XGBoost's collective, and miss each other.

The first host by name is the main one. Every other host keeps a connection to it, at the port that AWS's container
uses for its tracker, from its start until it is done. Over it each host says what data it has and learns where the
collective's tracker listens; and because it breaks at once when a host ends, in any way, the others end within moments
instead of waiting in the collective for a peer that is gone.

That connection and the tracker listen at the main host's own address. The library's connections between the hosts
listen at all addresses of the machine while they train; it has no setting for that.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from xgboost import collective, tracker

from sagecraft_containers.errors import UserError
from sagecraft_containers.training.hosts import JOIN_SECONDS, RETRY_SECONDS, patiently, resolve

PORT: Final = 9099
_COURTESY_SECONDS: Final = 0.5
"""By so much a host outlives another one, so that it is seen whose end was the first, and the job's reason is that."""
_NOTICE_SECONDS: Final = 1.5
"""For the end of a host to show on its connection, and to end this one, when the collective has broken."""
_COLLECTIVE_SECONDS: Final = 5 * 86_400
"""A host may take as long as a job may run for its share of a round; that one has ended shows on the connections."""

Report = dict[str, Any]


class HostLost(UserError):
    """Another host of the job has ended."""

    def __init__(self, host: str) -> None:
        super().__init__(f"The host {host} of the job ended before training did; its own log says why.")
        self.host = host


class Cluster:
    """This host's place among the hosts of the job.

    Args:
        hosts: The names of all hosts; each resolves to an address.
        current_host: This one's.
        give_up: Called, from another thread, when another host has ended while this one trains; it must end the
            process.
        port: Where the main host listens.
    """

    def __init__(
        self, hosts: Sequence[str], current_host: str, give_up: Callable[[HostLost], None], port: int = PORT
    ) -> None:
        self.hosts = sorted(hosts)
        self.current_host = current_host
        self.main_host = self.hosts[0]
        self._give_up = give_up
        self._address = resolve(self.main_host)
        self._links: dict[str, _Link] = {}
        self._finished = False
        if self.is_main:
            self._listener = socket.create_server((self._address, port), backlog=len(self.hosts))
        else:
            self._links[self.main_host] = _connect(self.main_host, self._address, port)
            self._links[self.main_host].send({"host": current_host})

    @property
    def is_main(self) -> bool:
        """Whether this host is the one that writes the metrics and saves the model."""
        return self.current_host == self.main_host

    def exchange(self, report: Report) -> dict[str, Report]:
        """Tells the other hosts something and learns what they tell; returns once all have spoken.

        Returns:
            What each host tells, by its name.

        Raises:
            HostLost: One of them has ended.
            UserError: One of them has not started.
        """
        try:
            if not self.is_main:
                main = self._links[self.main_host]
                main.send(report)
                return dict(main.receive()["reports"])
            if not self._links:
                self._accept_all()
            received = {host: link.receive() for host, link in self._links.items()}
        except HostLost as error:
            self._pass_on(error)
            raise
        reports = {self.current_host: report, **received}
        self._tell({"reports": reports})
        return reports

    @contextmanager
    def collective(self) -> Iterator[None]:
        """Forms XGBoost's collective; inside, `xgboost.train` trains one model on the data of all hosts."""
        where: Report = {}
        if self.is_main:
            self._tracker = tracker.RabitTracker(n_workers=len(self.hosts), host_ip=self._address, sortby="task")
            self._tracker.start()
            where = dict(self._tracker.worker_args())
        where = self.exchange(where)[self.main_host]
        watches = [threading.Thread(target=self._watch, args=(link,), daemon=True) for link in self._links.values()]
        for watch in watches:
            watch.start()
        place = f"{self.hosts.index(self.current_host):06}"  # hosts get their rank by the order of these texts
        try:
            collective.init(**where, dmlc_task_id=place, dmlc_timeout=_COLLECTIVE_SECONDS)
            yield
            collective.finalize()
        except Exception:
            time.sleep(_NOTICE_SECONDS)
            raise
        self._finished = True
        if self.is_main:
            for watch in watches:
                watch.join()
        else:
            self._links[self.main_host].send({"done": True})

    def leave(self) -> None:
        """Ends the connections of a cluster that forms no collective."""
        for link in self._links.values():
            link.close()

    def share(self, value: Any) -> Any:
        """What the main host holds, on all hosts of the collective."""
        return collective.broadcast(value if self.is_main else None, 0)

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on any host of the collective."""
        return bool(collective.allreduce(np.array([flag], np.int32), collective.Op.MAX)[0])

    def gather(self, values: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
        """The arrays of all hosts of the collective, in the order of their names."""
        absent: Any = None
        return [
            collective.broadcast(values if host == self.current_host else absent, place)
            for place, host in enumerate(self.hosts)
        ]

    def _accept_all(self) -> None:
        deadline = time.monotonic() + JOIN_SECONDS
        with self._listener:
            while len(self._links) + 1 < len(self.hosts):
                self._listener.settimeout(max(RETRY_SECONDS, deadline - time.monotonic()))
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    missing = ", ".join(sorted({*self.hosts[1:]} - {*self._links}))
                    raise UserError(f"The hosts {missing} of the job have not started.") from None
                connection.settimeout(None)
                link = _Link("that connected", connection)
                link.host = str(link.receive()["host"])
                self._links[link.host] = link

    def _tell(self, message: Report) -> None:
        for link in self._links.values():
            with suppress(HostLost):
                link.send(message)

    def _watch(self, link: "_Link") -> None:
        """Waits for the end of the host on the other side."""
        try:
            link.receive()
        except HostLost as error:
            if not self._finished or self.is_main:
                self._pass_on(error)
                self._give_up(error)

    def _pass_on(self, error: HostLost) -> None:
        if self.is_main:
            self._tell({"lost": error.host})
        time.sleep(_COURTESY_SECONDS)


class _Link:
    """A connection to another host; messages are lines of JSON."""

    def __init__(self, host: str, connection: socket.socket) -> None:
        self.host = host
        self._connection = connection
        self._lines = connection.makefile("r", encoding="utf-8")

    def close(self) -> None:
        self._lines.close()
        self._connection.close()

    def send(self, message: Report) -> None:
        """Raises `HostLost` when the other host has ended."""
        try:
            self._connection.sendall(f"{json.dumps(message)}\n".encode())
        except OSError as error:
            raise HostLost(self.host) from error

    def receive(self) -> Report:
        """Raises `HostLost` when the other host, or one that it tells of, has ended."""
        try:
            line = self._lines.readline()
        except OSError as error:
            raise HostLost(self.host) from error
        if not line:
            raise HostLost(self.host)
        message: Report = json.loads(line)
        if "lost" in message:
            raise HostLost(str(message["lost"]))
        return message


def _connect(host: str, address: str, port: int) -> _Link:
    connection = patiently(
        lambda: socket.create_connection((address, port)), f"The host {host} of the job does not answer at port {port}."
    )
    return _Link(host, connection)
