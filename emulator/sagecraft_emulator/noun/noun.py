"""What a noun's folder exports: one value that says all that the rest of the emulator needs to know of it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.api.kind import ResourceKind
from sagecraft_emulator.api.rest_service import RestService
from sagecraft_emulator.api.service import Check
from sagecraft_emulator.authorization.passed_roles import passed_roles
from sagecraft_emulator.events.status import StateChange
from sagecraft_emulator.jobs.work import JobType
from sagecraft_emulator.metering.metered import Metered
from sagecraft_emulator.orchestration.cloudformation import ResourceType
from sagecraft_emulator.orchestration.targets import MakeRequest
from sagecraft_emulator.pages.gate import Admission
from sagecraft_emulator.pages.request import RequestHead
from sagecraft_emulator.quotas.takes import Takes
from sagecraft_emulator.state.states import States
from sagecraft_emulator.state.store import Record, Store

from .means import Means

_Value = TypeVar("_Value")

RolesOf = Callable[[Store, Record], list[str]]
"""The ARNs of the roles that the work of a record is done as."""


KnownKeys = Callable[[Store, Mapping[str, Any], Caller], Mapping[str, object]]
"""The condition keys that AWS adds to a request of a caller, of what is there already; names are lower case."""


def _nothing() -> None:
    """What a noun without work behind its records does."""


def _nobody(request: RequestHead) -> None:
    """Whom a noun without pages admits."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """A noun in one engine.

    Attributes:
        kinds: What its operations do.
        data_planes: What else of SageMaker it answers for, besides the control plane and the invocations of endpoints.
        checks: What requests for operations of any noun must pass.
        start: Begins what goes on behind its records; the host answers requests by now.
        recover: Takes up what an earlier emulator left in the same files; it may block for a moment.
        reset: Ends what goes on behind its records, all of which are removed then, and is ready for further ones.
        stop: Ends what goes on behind its records, while the host still answers.
        begin_invocation: Begins one `InvokeEndpoint`: the caller, the endpoint's name, headers, body, and what gets the
            answer. Left out, the noun has no endpoints.
        admit: Decides of a request of a browser whether it comes to one of the noun's pages; None where it is for
            another one.
    """

    kinds: Sequence[ResourceKind]
    data_planes: Sequence[RestService] = ()
    checks: Sequence[Check] = ()
    start: Callable[[], None] = _nothing
    recover: Callable[[], None] = _nothing
    reset: Callable[[], None] = _nothing
    stop: Callable[[], None] = _nothing
    begin_invocation: Callable[[Caller, str, Mapping[str, str], bytes, Callable[[Any], None]], None] | None = None
    admit: Callable[[RequestHead], Admission | None] = _nobody


def own_roles(store: Store, record: Record) -> list[str]:
    """The roles that the request of a record named."""
    del store
    return list(passed_roles(record.body))


@dataclass(frozen=True, kw_only=True)
class Noun:
    """A noun of SageMaker's: one kind of resource, or a few that belong together. Kinds are named by AWS's nouns.

    Attributes:
        make: Makes its kinds and its work for an engine.
        states: The statuses of its kinds; a kind that is not in it has none.
        jobs: Those of its kinds that are jobs of containers.
        events: What EventBridge is told of its kinds.
        resource_types: Its types in CloudFormation, by their names there.
        tasks: Its tasks in Step Functions: the kind of the job that `.sync` waits for by action, None for an action
            that cannot wait.
        targets: What a target of EventBridge's asks for, by the type of resource in its ARN.
        roles: As which roles the work of its kinds is done.
        metered: What its kinds cost; a kind that is not in it costs nothing.
        demanded_permissions: Why AWS demands an action of the functions that deploy it, by the action, where nothing
            here may have used it.
        known_keys: What a request is authorized by besides what stands in it.
        shown: Which of its kinds the emulator's status lists.
        takes: What records of its kinds take of quotas.
    """

    make: Callable[[Means], Made]
    states: Mapping[str, States] = field(default_factory=dict)
    jobs: Mapping[str, JobType] = field(default_factory=dict)
    events: tuple[StateChange, ...] = ()
    resource_types: Mapping[str, ResourceType] = field(default_factory=dict)
    tasks: Mapping[str, str | None] = field(default_factory=dict)
    targets: Mapping[str, MakeRequest] = field(default_factory=dict)
    roles: Mapping[str, RolesOf] = field(default_factory=dict)
    metered: Mapping[str, Metered] = field(default_factory=dict)
    demanded_permissions: Mapping[str, str] = field(default_factory=dict)
    known_keys: KnownKeys | None = None
    shown: tuple[str, ...] = ()
    takes: Mapping[str, Takes] = field(default_factory=dict)


class Nouns:
    """Nouns, and what they say together.

    Args:
        nouns: In the order in which the status shows them.
    """

    def __init__(self, *nouns: Noun) -> None:
        self._nouns = nouns
        self.states = _merged(noun.states for noun in nouns)
        self.jobs = _merged(noun.jobs for noun in nouns)
        self.events = {each.kind: each for noun in nouns for each in noun.events}
        self.resource_types = _merged(noun.resource_types for noun in nouns)
        self.metered = _merged(noun.metered for noun in nouns)
        self.tasks = _merged(noun.tasks for noun in nouns)
        self.targets = _merged(noun.targets for noun in nouns)
        self.demanded_permissions = _merged(noun.demanded_permissions for noun in nouns)
        self.takes = _merged(noun.takes for noun in nouns)
        self.shown = tuple(kind for noun in nouns for kind in noun.shown)
        self._roles = _merged(noun.roles for noun in nouns)

    def plus(self, *nouns: Noun) -> "Nouns":
        """These, and others behind them."""
        return Nouns(*self._nouns, *nouns)

    def make(self, means: Means) -> list[Made]:
        """Makes each for an engine."""
        return [noun.make(means) for noun in self._nouns]

    def known_keys(self, store: Store, request: Mapping[str, Any], caller: Caller) -> dict[str, object]:
        """The condition keys that AWS adds to a request, of what is there already."""
        known = (noun.known_keys(store, request, caller) for noun in self._nouns if noun.known_keys is not None)
        return _merged(known)

    def work_by_roles(self, store: Store) -> Iterator[tuple[str, list[str]]]:
        """The name of each record whose work is done as a role, and the ARNs of these roles."""
        for kind, roles_of in self._roles.items():
            for record in store.find(kind):
                yield record.key.name, roles_of(store, record)


def _merged(mappings: Iterator[Mapping[str, _Value]]) -> dict[str, _Value]:
    return {name: value for each in mappings for name, value in each.items()}
