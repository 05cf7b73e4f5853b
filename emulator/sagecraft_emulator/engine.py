"""SageMaker's service on its store, and the work behind it: what is the same whichever host stands around it."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from .api.caller import Caller
from .api.json_protocol import HttpResponse
from .api.rest_service import Authorize, Query
from .api.service import Check, SageMakerService
from .authorization.clients import Clients
from .authorization.role_session import RoleSessions
from .automl.noun import AUTOML
from .container.container import Machine
from .container.images import ImageRegistry
from .events.event import Event
from .events.sender import EventSender
from .experiments.noun import EXPERIMENTS
from .features.noun import FEATURES
from .hosting.invocation import Answer, Headers, InvocationResponse, answer_of
from .hosting.noun import HOSTING
from .jobs.instant import InstantJobs
from .jobs.runner import JobRunner
from .jobs.scheduler import Scheduler
from .lineage.noun import LINEAGE
from .metering.ledger import Ledger
from .metering.meter import Meter
from .metering.store import MeteredStore
from .notebook.noun import NOTEBOOK
from .noun.means import Means
from .noun.noun import Nouns
from .pages.gate import Admission
from .pages.request import RequestHead
from .pipelines.noun import PIPELINES
from .processing.noun import PROCESSING
from .quotas.guard import QuotaGuard
from .quotas.limits import Limits
from .quotas.service import QuotaService
from .registry.noun import REGISTRY
from .settings import Execute, Notebooks, Quotas
from .studio.noun import STUDIO
from .surroundings.host import ClientHost, Host
from .surroundings.images import Images
from .surroundings.networks import NetworkCheck
from .surroundings.objects import Objects
from .surroundings.roles import TrustCheck
from .surroundings.surroundings import Surroundings
from .training.noun import TRAINING
from .transform.noun import TRANSFORM
from .tuning.noun import TUNING

NOUNS: Final = Nouns(
    TRAINING,
    TUNING,
    TRANSFORM,
    PROCESSING,
    AUTOML,
    HOSTING,
    NOTEBOOK,
    STUDIO,
    REGISTRY,
    FEATURES,
    PIPELINES,
    EXPERIMENTS,
    LINEAGE,
)
"""All that this emulator does of SageMaker."""


class Engine:
    """The service and the work behind it.

    Args:
        database: The SQLite file of the records.
        work_dir: Where jobs and endpoints have their directories.
        clients: To the host that keeps everything which is not SageMaker.
        put_event: Takes an event of the service to where rules are matched; it may block.
        execute: Whether jobs and endpoints run.
        sessions: Gives out credentials of roles. Left out, the host's STS does.
        nouns: What it does.
        host: Knows roles and buckets. Left out, the clients ask for them.
        notebooks: Whether notebook instances open; only where a front leads browsers to them.
        quotas: How much there may be of what.
    """

    def __init__(
        self,
        database: Path,
        work_dir: Path,
        clients: Clients,
        put_event: Callable[[Event], None],
        execute: Execute = "real",
        sessions: RoleSessions | None = None,
        nouns: Nouns = NOUNS,
        host: Host | None = None,
        notebooks: Notebooks = "records",
        quotas: Quotas = "unlimited",
    ) -> None:
        self.nouns = nouns
        self.store = MeteredStore(database, nouns.states, Ledger(nouns.metered))
        self.meter = Meter(self.store)
        limits = None if quotas == "unlimited" else Limits(self.store)
        if limits is not None:
            self.store.guard = QuotaGuard(self.store, nouns.takes, limits)
        self.quotas = QuotaService(limits).service
        """Tells of quotas, and gives more."""
        self.images = ImageRegistry(self.store)
        self.scheduler = Scheduler()
        machine = Machine(clients, work_dir, sessions)
        host = ClientHost(clients) if host is None else host
        surroundings = Surroundings(Images(self.images, clients), Objects(clients, sessions, host))
        # An emulator that runs nothing still ends what an earlier one that did has left running.
        self._jobs = JobRunner(self.store, machine, self.images, self.scheduler, nouns.jobs)
        made = nouns.make(
            Means(
                store=self.store,
                machine=machine,
                images=self.images,
                scheduler=self.scheduler,
                jobs=self._jobs if execute == "real" else InstantJobs(self.store, nouns.jobs),
                call=self._call,
                on_metric=self._jobs.on_metric,
                execute=execute,
                surroundings=surroundings if execute == "real" else None,
                notebooks=notebooks,
            )
        )
        self._made = made
        self._begin_invocation = next(each.begin_invocation for each in made if each.begin_invocation is not None)
        self._data_planes = [each for one in made for each in one.data_planes]
        kinds = [kind for each in made for kind in each.kinds]
        own = [check for each in made for check in each.checks]
        checks: list[Check] = [TrustCheck(host.check_trust), NetworkCheck(host.absent_of_network), *own]
        self.service = SageMakerService(self.store, kinds, checks)
        self._events = EventSender(self.store, self.service.describe, put_event, nouns.events)

    def start(self) -> None:
        """Begins to send events, and what goes on behind records. Call it once the host answers requests."""
        self._events.start()
        self.meter.start()
        for each in self._made:
            each.start()

    def recover(self) -> None:
        """Takes up what an earlier engine left in the same files; it may block for a moment."""
        self._jobs.recover()
        for each in self._made:
            each.recover()

    def work_by_roles(self) -> Iterator[tuple[str, list[str]]]:
        """The name of each piece of work that is done as a role, and the ARNs of the roles."""
        return self.nouns.work_by_roles(self.store)

    def begin_invocation(
        self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes, answer: Answer
    ) -> None:
        """Begins one `InvokeEndpoint`; header names are lower case. Always on the same event loop."""
        self._begin_invocation(caller, endpoint_name, headers, body, answer)

    async def invoke(self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes) -> InvocationResponse:
        """Answers one `InvokeEndpoint`, as `begin_invocation` does."""
        return await answer_of(partial(self.begin_invocation, caller, endpoint_name, headers, body))

    def answer_data_plane(
        self,
        method: str,
        path: str,
        query: Query,
        body: bytes,
        caller: Caller,
        authorize: Authorize | None = None,
    ) -> HttpResponse | None:
        """Answers a request of a data plane; None where there is none for it. It may block for a moment.

        Args:
            method: Of the request.
            path: Of the request, decoded.
            query: What follows the question mark, decoded.
            body: Of the request.
            caller: Whose it is.
            authorize: Passes what the caller may do. Left out, it may do all.
        """
        for service in self._data_planes:
            call = service.find(method, path, query, body)
            if call is not None:
                return service.handle(call, caller, authorize)
        return None

    def admit(self, request: RequestHead) -> Admission | None:
        """What becomes of a request of a browser to a page of a record; None where there is no such page."""
        admissions = (each.admit(request) for each in self._made)
        return next((each for each in admissions if each is not None), None)

    def reset(self) -> None:
        """Ends all work and forgets all records. The registered images stay: they are this machine's, and not AWS's."""
        for each in self._made:
            each.reset()
        self._jobs.reset()
        self.store.clear()

    def stop(self) -> None:
        """Ends jobs and endpoints, while the host still answers: their last logs and metrics go there."""
        for each in self._made:
            each.stop()
        self._jobs.shutdown()
        self._events.stop()
        self.meter.stop()

    def close(self) -> None:
        """Frees the rest, after the last request."""
        self.store.close()

    def _call(
        self, operation: str, request: Mapping[str, Any], caller: Caller, own: Mapping[str, Any]
    ) -> dict[str, Any]:
        """An operation that the work asks for; the service knows the work, so that this one is bound late."""
        return self.service.call(operation, request, caller, own)
