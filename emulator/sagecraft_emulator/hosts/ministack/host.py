"""ministack in this process: its ASGI application, with our services and resource types in its tables.

ministack has no plugin interface, so this sets what it keeps in module variables. That holds for one version of it, and
`load` refuses any other. Nothing here knows what SageMaker does.
"""

import asyncio
import os
import sys
import tempfile
import threading
from collections.abc import Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from sagecraft_emulator.authorization.calls import RoleCalls
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.managed_policies import add_managed_policies
from sagecraft_emulator.authorization.role_construct import constructs_of
from sagecraft_emulator.billing.budgets.service import Budgets
from sagecraft_emulator.client_files import write_client_files
from sagecraft_emulator.errors import StartError
from sagecraft_emulator.events.event import Event
from sagecraft_emulator.front.asgi import AsgiApp
from sagecraft_emulator.hosts.absent_server import without_hypercorn
from sagecraft_emulator.hosts.deferred_import import defer_import
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.matching import LinearExpressions, compile_wildcards
from sagecraft_emulator.hosts.query_protocol import with_query
from sagecraft_emulator.hosts.service_models import models, protocols
from sagecraft_emulator.metering.meter import Meter
from sagecraft_emulator.settings import DEFAULT_ACCOUNT, DEFAULT_REGION, HOST, EmulatorSettings
from sagecraft_emulator.state.memory import give_back
from sagecraft_emulator.state.store import Store

from .alarm import evaluate_by_dimensions, keep_metrics
from .answers.queries import without_queries
from .answers.repository import with_missing_images
from .budgets import ActionSessions, KeptBudgets, with_spend
from .enforcement import Enforcement
from .event_bus import EventBus
from .function import prepare_runtime
from .logs.service import KeptLogs
from .logs.store import LogStore
from .objects.service import StreamedS3
from .objects.store import ObjectStore
from .permissions.assumed_role import with_assumed_roles
from .permissions.default_key import with_default_key
from .permissions.identities import mend_identities
from .permissions.lookup import HostLookup
from .permissions.policy_simulation import PolicySimulation
from .permissions.tagging import add_to_tagging
from .schedules.time_zone import honour_time_zones
from .service import Handlers, ServiceHandler
from .sessions import HostSessions
from .snapshot import HostSnapshot, SnapshotSaver, copy_states_quickly, saved_before_answered
from .stacks.interrupted import StackOperations
from .stacks.preparation import ResourceHandler, add_resource_types, follow_operations
from .stacks.unfinished import FindMade, InterruptedOperation
from .state_machine import TaskHandler
from .state_machine import prepare as prepare_state_machines
from .target import Deliver, Takes, add_targets

VERSION: Final = "1.5.33"
CLOUDFORMATION: Final = "cloudformation"
STEP_FUNCTIONS: Final = "stepfunctions"
IAM: Final = "iam"
CLOUDWATCH: Final = "cloudwatch"
EVENTS: Final = "eventbridge"
SCHEDULER: Final = "scheduler"
TAGGING: Final = "tagging"
LOGS: Final = "cloudwatch_logs"
BUDGETS: Final = "budgets"
_WITH_EXPRESSIONS_OF_USERS: Final = frozenset({LOGS, STEP_FUNCTIONS})


def load(settings: EmulatorSettings, clients: Clients, node: NodeRuntime) -> "MinistackHost":
    """Brings ministack into this process, once.

    Args:
        settings: Where it listens, and where it keeps its state.
        clients: To it.
        node: For Lambda functions in Node.js.

    Raises:
        StartError: Another version of ministack is installed, or one is in this process already.
    """
    installed = _installed_version()
    if installed != VERSION:
        raise StartError(
            f"ministack {installed} is installed, and the emulator works with {VERSION} alone. "
            f"Run: pip install ministack=={VERSION}"
        )
    if "ministack" in sys.modules:  # looked up, not searched for: other threads import meanwhile
        raise StartError("ministack reads its settings when it is imported, so a process holds one emulator at most.")
    _set_environment(settings, node)
    logs = LogStore(settings.host_dir / "logs.sqlite3")
    return MinistackHost(settings.host_dir / "state.sqlite3", ObjectStore(settings.objects_dir), logs, clients, node)


def _installed_version() -> str:
    package = find_spec("ministack")
    if package is not None and package.origin is not None:
        beside = Path(package.origin).parent.parent
        if (beside / f"ministack-{VERSION}.dist-info").is_dir():
            return VERSION
    from importlib.metadata import version  # noqa: PLC0415 - takes longer to import than the rest of this check

    return version("ministack")


def _set_environment(settings: EmulatorSettings, node: NodeRuntime) -> None:
    """Everything of ministack is set by variables, and Lambda functions inherit them.

    So the user's own AWS variables are taken away: no function of the emulator may reach the real AWS.
    """
    for name in [name for name in os.environ if name.startswith(("AWS_", "LAMBDA_", "MINISTACK_", "SFN_", "SERVICES"))]:
        del os.environ[name]
    programs = [str(each) for each in (node.program_dir, Path(sys.executable).parent) if each is not None]
    os.environ.update(
        {
            "AUTH": str(settings.enforce_iam).lower(),
            "AWS_ACCESS_KEY_ID": DEFAULT_ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "sagecraft",
            "AWS_ENDPOINT_URL": settings.endpoint_url,
            **write_client_files(settings.host_dir, settings.endpoint_url, {}),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "GATEWAY_PORT": str(settings.port),
            "EDGE_PORT": str(settings.port),
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "MINISTACK_ACCOUNT_ID": DEFAULT_ACCOUNT,
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": DEFAULT_REGION,
            "NO_PROXY": ",".join(filter(None, [os.environ.get("NO_PROXY"), HOST, "localhost"])),
            "NODE_PATH": str(node.node_modules),
            "PATH": os.pathsep.join([*programs, os.environ.get("PATH", os.defpath)]),
            "PERSIST_STATE": "1",
            "S3_DATA_DIR": str(settings.host_dir / "s3"),
            "S3_PERSIST": "1",
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(settings.host_dir),
            "TMPDIR": str(settings.temporary_dir),
        }
    )
    os.environ["no_proxy"] = os.environ["NO_PROXY"]
    tempfile.tempdir = None


def _is_signed_for_a_service(name: str) -> bool:
    return bool(name)


def _nothing_made(operation: InterruptedOperation) -> Mapping[str, str]:  # noqa: ARG001 - as a finder has it
    """Where no resource type is added, an operation makes nothing that its stack does not know."""
    return {}


class MinistackHost:
    """The loaded ministack. `load` makes it.

    Args:
        state_file: Where the state of its services is kept.
        objects: Where S3's objects are kept.
        logs: Where the events of CloudWatch Logs are kept.
        clients: To itself.
        node: For Lambda functions in Node.js.
    """

    def __init__(
        self, state_file: Path, objects: ObjectStore, logs: LogStore, clients: Clients, node: NodeRuntime
    ) -> None:
        defer_import("docker")
        # ministack reads the environment at import, so it is imported after `_set_environment` alone.
        with without_hypercorn():
            from ministack import app  # noqa: PLC0415
            from ministack.core import iam_evaluator, lambda_runtime, persistence, responses, router  # noqa: PLC0415

        # ruff: noqa: SLF001 - ministack has no public way to any of this
        self._app = app
        app.SERVICE_HANDLERS = Handlers(app.SERVICE_HANDLERS)
        # It would read the model of every AWS service to find out whether this is one's name: seconds, and 300 MiB.
        router._is_aws_service_name = _is_signed_for_a_service
        self._clients = clients
        self._responses = responses
        # For each service that is asked it would keep all of its model, to know the protocol.
        responses._service_model = protocols(responses._BOTOCORE_NAME)
        iam_evaluator._fnmatch_compile = compile_wildcards
        self._account_of_user = iam_evaluator.find_iam_access_key_account
        own_setter = app.set_request_account_id
        app.set_request_account_id = lambda access_key: own_setter(self.account_of(access_key) or access_key)
        self._resource_types: dict[str, ResourceHandler] = {}
        self._task_handlers: dict[str, TaskHandler] = {}
        self._targets: tuple[Takes, Deliver] | None = None
        self._operations: StackOperations | None = None
        self._find_made: FindMade = _nothing_made
        self._loading = threading.Lock()
        self._simulates = False
        self._tagged: Store | None = None
        self._get_own_module = app._get_module
        app._get_module = self._get_module
        self.lookup = HostLookup(self._get_module, iam_evaluator)
        """What it knows of roles and buckets."""
        self.sessions = HostSessions(lambda: self._get_module("sts"))
        """Those of roles, where it enforces no permissions."""

        prepare_runtime(lambda_runtime, node)
        self._lambda_runtime = lambda_runtime
        self._streamed_s3 = StreamedS3(app, objects)
        self._kept_logs = KeptLogs(logs)
        answering = self._kept_logs.answering(app.SERVICE_HANDLERS["logs"], lambda: self._get_module(LOGS))
        self.add_service("logs", answering)
        self._own_s3 = app.SERVICE_HANDLERS["s3"]
        self.add_service("s3", with_default_key(self.account_and_region, self._own_s3))
        self.add_service("monitoring", with_query(app.SERVICE_HANDLERS["monitoring"]))
        self.add_service("sts", with_assumed_roles(self.lookup.longest_session, app.SERVICE_HANDLERS["sts"]))
        self.add_service("athena", without_queries(app.SERVICE_HANDLERS["athena"], self._defines_table))
        self.add_service("ecr", with_missing_images(app.SERVICE_HANDLERS["ecr"]))
        self._events = EventBus(lambda: self._get_module(EVENTS), lambda: app._MAIN_LOOP, self._enter, self.touched)

        copy_states_quickly((responses.AccountScopedDict, responses.AccountRegionScopedDict))
        self._snapshot = HostSnapshot(state_file, persistence._json_default, persistence._json_object_hook)
        app.load_state = self._snapshot.read
        app.save_all = self._snapshot.save
        self._saver = SnapshotSaver(lambda: self._snapshot.save(app._build_persistence_save_dict()), give_back)
        for name in (CLOUDFORMATION, IAM):
            own = app.SERVICE_HANDLERS[name]
            self.add_service(name, saved_before_answered(own, self._saver.flush, self._has_unsaved_ends))

    @property
    def asgi_app(self) -> AsgiApp:
        """The application, its lifespan included: it restores its state at startup and saves it at shutdown."""
        return self._streamed_s3.around(self._app.app)

    def add_service(self, name: str, handler: ServiceHandler) -> None:
        """Answers requests that are signed for a service of that name."""
        self._app.SERVICE_HANDLERS[name] = handler

    def add_resource_type(self, resource_type: str, handler: ResourceHandler) -> None:
        """Teaches CloudFormation a resource type, before its first use. It runs on a thread, so it may call back."""
        self._resource_types[resource_type] = handler

    def add_tasks(self, prefix: str, handler: TaskHandler) -> None:
        """Does the tasks of state machines whose resource begins with a prefix. Call it before the start."""
        self._task_handlers[prefix] = handler

    def add_targets(self, takes: Takes, deliver: Deliver) -> None:
        """Delivers events to targets of rules and schedules. Call it before the start."""
        self._targets = takes, deliver

    def show_tags(self, store: Store) -> None:
        """Has the Resource Groups Tagging API see what a store holds. Call it before the start."""
        self._tagged = store

    def keep_budgets(self, meter: Meter, store: Store, *, enforced: bool) -> Budgets:
        """Has ministack's budgets tell what is spent of them, and act. Call it before the start.

        Args:
            meter: Knows what is spent.
            store: Where their actions are kept.
            enforced: Whether permissions are.
        """
        sessions = ActionSessions(self.lookup, self.sessions, enforced)
        as_role = partial(sessions.clients, self._clients)
        kept = KeptBudgets(lambda: self._get_module(BUDGETS), self.touched)
        budgets = Budgets(meter, store, kept, self._clients, as_role)
        own = self._app.SERVICE_HANDLERS[BUDGETS]
        self.add_service(
            BUDGETS, with_spend(own, lambda: self._get_module(BUDGETS)._DISPATCH, budgets, self.account_and_region)
        )
        return budgets

    def put_event(self, event: Event) -> None:
        """Delivers an event of a service to the default event bus, on a thread other than the event loop's."""
        self._events.put(event)

    def enforce(self, calls: RoleCalls, demanded: Mapping[str, str]) -> Enforcement:
        """Records what roles call, and gives work the credentials of its role. Call it once, before the start.

        Args:
            calls: Where they are recorded.
            demanded: The reasons that nouns give for what the functions that deploy them may do, by action.
        """
        enforcement = Enforcement(
            calls,
            demanded,
            lambda account: constructs_of(self._get_module(CLOUDFORMATION), account),
            self.lookup,
            self.sessions,
        )
        self.add_service("s3", with_default_key(self.account_and_region, enforcement.with_keys(self._own_s3)))
        return enforcement

    def account_of(self, access_key: str) -> str | None:
        """The account of an access key that does not say it: of a session of a role, or of a user."""
        account: str | None = self._responses._account_from_sts_session(access_key) or self._account_of_user(access_key)
        return account

    def account_and_region(self) -> tuple[str, str]:
        """Of the request, or of the stack operation, that the present thread or task serves."""
        return self._responses.get_account_id(), self._responses.get_region()

    def on_interrupted_operation(self, find_made: FindMade) -> None:
        """Says what finds the resources that an interrupted stack operation had made without the stack knowing it."""
        self._find_made = find_made

    def keep(self) -> None:
        """Begins to save what is asked of it. Call it once the lifespan has begun, which restores what was saved."""
        self._saver.start()

    def started(self) -> None:
        """Goes on with what an earlier emulator left. Call it on the event loop, once requests are answered."""
        if self._operations is not None:
            self._operations.finish()
        threading.Thread(target=self._load_modules, name="load-modules", daemon=True).start()

    async def reset(self) -> None:
        """Forgets the state of all services, objects included; meanwhile requests wait. Call it on the event loop."""
        async with self._app._get_reset_lock():
            await asyncio.to_thread(self._app._reset_all_state)
        await asyncio.to_thread(self._saver.flush)

    def touched(self) -> None:
        """Says that a request may have changed the state, which is saved soon."""
        self._saver.touch()

    def stop(self) -> None:
        """Ends the background work. Call it before the lifespan ends, which saves a last time."""
        self._saver.stop()
        self._lambda_runtime.reset()
        self._kept_logs.close()

    def _get_module(self, name: str) -> Any:
        """A service's module, loaded when it is first asked for. CloudFormation's loads all others."""
        self._streamed_s3.prepare()  # whatever module it is, it may read objects, and write logs
        self._kept_logs.prepare(self._get_own_module(LOGS))
        module = self._get_own_module(name)
        if name in _WITH_EXPRESSIONS_OF_USERS:
            module.re = LinearExpressions()
        if name == TAGGING and self._tagged is not None:
            add_to_tagging(module, self._tagged, self.account_and_region)
        if name == IAM and not self._simulates:
            from ministack.core import iam_evaluator  # noqa: PLC0415 - as in `__init__`

            self._simulates = True
            add_managed_policies(module)
            mend_identities(module, iam_evaluator)
            module._IAM_HANDLERS["SimulatePrincipalPolicy"] = PolicySimulation(iam_evaluator, module).answer
        if name == CLOUDWATCH:
            keep_metrics(module)
            evaluate_by_dimensions(module)
        self._prepare_events(name, module)
        if name == STEP_FUNCTIONS:
            module._service_model = models(self._responses._BOTOCORE_NAME)
            with self._loading:
                handlers, self._task_handlers = self._task_handlers, {}
                if handlers:
                    prepare_state_machines(module, handlers, self.touched)
        if name == CLOUDFORMATION:
            with self._loading:
                if self._operations is None:
                    self._operations = self._prepare_cloudformation()
        return module

    def _defines_table(self, statement: str) -> bool:
        return self._get_module("athena")._parse_ddl(statement) is not None

    def _prepare_events(self, name: str, module: Any) -> None:
        if name == EVENTS and self._targets is not None:
            add_targets(module, *self._targets)
        if name == SCHEDULER:
            honour_time_zones(module, self._get_module(EVENTS))

    def _load_modules(self) -> None:
        for name in (CLOUDFORMATION, STEP_FUNCTIONS, SCHEDULER):
            self._get_module(name)

    def _prepare_cloudformation(self) -> StackOperations:
        self._get_module(IAM)  # which it uses without asking for it
        add_resource_types(
            self._resource_types, self._clients, self.account_and_region, self._lambda_runtime.invalidate_worker
        )
        return follow_operations(self._enter, self._saver.flush, self._find_made)

    def _has_unsaved_ends(self) -> bool:
        return self._operations is not None and self._operations.has_unsaved_ends()

    def _enter(self, account: str, region: str) -> None:
        self._responses.set_request_account_id(account)
        self._responses.set_request_region(region)
