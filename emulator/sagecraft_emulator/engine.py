"""SageMaker's service on its store, and the work behind it: what is the same whichever host stands around it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .api.caller import Caller
from .api.service import SageMakerService
from .authorization.clients import Clients
from .authorization.role_session import RoleSessions
from .container.container import Machine
from .container.images import ImageRegistry
from .events.event import Event
from .events.sender import EventSender
from .hosting.fleet import EndpointFleet
from .hosting.invocation import Headers, InvocationResponse
from .jobs.instant import InstantEndpoints, InstantJobs
from .jobs.makers import JOB_MAKERS
from .jobs.runner import JobRunner
from .jobs.scheduler import Scheduler
from .notebook.clock import NotebookClock
from .settings import Execute
from .state.store import Store
from .tuning.runner import TuningRunner


class Engine:
    """The service and the work behind it.

    Args:
        database: The SQLite file of the records.
        work_dir: Where jobs and endpoints have their directories.
        clients: To the host that keeps everything which is not SageMaker.
        put_event: Takes an event of the service to where rules are matched; it may block.
        execute: Whether jobs and endpoints run.
        sessions: Gives out credentials of roles, where the host enforces permissions.
    """

    def __init__(
        self,
        database: Path,
        work_dir: Path,
        clients: Clients,
        put_event: Callable[[Event], None],
        execute: Execute = "real",
        sessions: RoleSessions | None = None,
    ) -> None:
        self.store = Store(database)
        self.images = ImageRegistry(self.store)
        self.scheduler = Scheduler()
        machine = Machine(clients, work_dir, sessions)
        self._execute = execute
        # An emulator that runs nothing still ends what an earlier one that did has left running.
        self._jobs = JobRunner(self.store, machine, self.images, self.scheduler, JOB_MAKERS)
        self._endpoints = EndpointFleet(self.store, machine, self.images)
        self._tuning = TuningRunner(self.store, self._call, self.scheduler.cores)
        self._jobs.on_metric(self._tuning.metric)
        self._instant_endpoints = InstantEndpoints(self.store)
        if execute == "instant":
            jobs = InstantJobs(self.store)
            self.service = SageMakerService(self.store, jobs, jobs, self._instant_endpoints, sessions)
        else:
            self.service = SageMakerService(self.store, self._jobs, self._tuning, self._endpoints, sessions)
        self._events = EventSender(self.store, self.service.describe, put_event)
        self._notebooks = NotebookClock(self.store)

    def start(self) -> None:
        """Begins to send events and to move notebook instances on. Call it once the host answers requests."""
        self._events.start()
        self._notebooks.start()

    def recover(self) -> None:
        """Takes up what an earlier engine left in the same files; it may block for a moment."""
        self._jobs.recover()
        if self._execute == "real":
            self._tuning.recover()
            self._endpoints.recover()

    async def invoke(self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes) -> InvocationResponse:
        """Answers one `InvokeEndpoint`; header names are lower case. Always on the same event loop."""
        endpoints = self._endpoints if self._execute == "real" else self._instant_endpoints
        return await endpoints.invoke(caller, endpoint_name, headers, body)

    def stop(self) -> None:
        """Ends jobs and endpoints, while the host still answers: their last logs and metrics go there."""
        self._tuning.shutdown()
        self._jobs.shutdown()
        self._endpoints.shutdown()
        self._notebooks.stop()
        self._events.stop()

    def close(self) -> None:
        """Frees the rest, after the last request."""
        self.store.close()

    def _call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any]
    ) -> dict[str, Any]:
        """An operation that the work asks for; the service knows the work, so that this one is bound late."""
        return self.service.call(operation, request, caller, own)
