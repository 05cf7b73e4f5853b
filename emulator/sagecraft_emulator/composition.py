"""Puts the emulator together: SageMaker's service with the work behind it, and the host around it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlencode

from .api.caller import Caller
from .api.json_protocol import CONTENT_TYPE, HttpResponse
from .api.json_service import JsonService
from .api.service import TARGET_PREFIX, SageMakerService
from .authorization.calls import RoleCalls
from .authorization.clients import Clients
from .authorization.credential import is_temporary
from .authorization.sagemaker_actions import demands, invocation_demand, resource_tags
from .billing.budgets.noun import ACTIONS
from .billing.charges import EstimatedCharges
from .billing.explorer.service import SIGNING_NAME as COST_EXPLORER
from .billing.explorer.service import CostExplorer
from .engine import NOUNS, Engine
from .errors import ApiError
from .front.admin import Admin
from .front.application import Application
from .front.own_requests import OwnRequests
from .hosting.invocation import Answer, Headers, InvocationResponse
from .hosts.functions.node_runtime import NodeRuntime
from .hosts.ministack.enforcement import Refusal
from .hosts.ministack.host import MinistackHost, load
from .hosts.ministack.service import ServiceAnswer, ServiceHandler
from .hosts.ministack.stacks.preparation import ResourceHandler
from .hosts.ministack.stacks.unfinished import InterruptedOperation
from .hosts.ministack.state_machine import TaskHandler
from .noun.noun import Nouns
from .orchestration.cloudformation import ResourceType
from .orchestration.step_functions import OPTIMIZED, SDK, StepFunctionsIntegration, Task
from .orchestration.targets import Delivery, TargetIntegration
from .pages.gate import Admission
from .pages.request import RequestHead
from .pages.sessions import MAY_GO_ON
from .quotas.service import SIGNING_NAME as QUOTAS_SIGNING_NAME
from .settings import EmulatorSettings

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

CONTROL_PLANE_THREADS: Final = 16
SIGNING_NAME: Final = "sagemaker"
"""What requests of SageMaker's control plane are signed for, and those of most of its data planes."""
_DENIED: Final = "AccessDeniedException"


class Emulator:
    """A whole emulator in this process, of which there is one at most.

    Args:
        settings: Where it listens and keeps its state. The directories are there and locked.
        shut_down: What a request to shut down calls.
        nouns: What it does of SageMaker.

    Raises:
        StartError: The installed ministack is another version.
    """

    def __init__(self, settings: EmulatorSettings, shut_down: Callable[[], None], nouns: Nouns = NOUNS) -> None:
        for directory in (settings.host_dir, settings.objects_dir, settings.work_dir, settings.temporary_dir):
            directory.mkdir(parents=True, exist_ok=True)
        node = NodeRuntime()
        clients = Clients(settings.endpoint_url, self._send)
        self._host = load(settings, clients, node)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own_requests = OwnRequests(self._host.asgi_app, lambda: self._loop, self._host.touched)
        self._calls = RoleCalls(settings.role_calls) if settings.enforce_iam else None
        enforcement = None if self._calls is None else self._host.enforce(self._calls, nouns.demanded_permissions)
        self._enforcement = enforcement
        self._engine = engine = Engine(
            settings.database,
            settings.work_dir,
            clients,
            self._host.put_event,
            settings.execute,
            self._host.sessions if enforcement is None else enforcement,
            nouns.plus(ACTIONS),
            self._host.lookup,
            settings.notebooks,
            settings.quotas,
        )
        self._service = engine.service
        self._host.show_tags(engine.store)
        tasks = StepFunctionsIntegration(self._service, nouns.tasks)
        for prefix in (OPTIMIZED, SDK):
            self._host.add_tasks(prefix, _task_handler(tasks, self._host))
        self._threads = ThreadPoolExecutor(CONTROL_PLANE_THREADS, thread_name_prefix="control-plane")
        targets = TargetIntegration(self._service, nouns.targets)
        self._host.add_targets(targets.takes, partial(self._deliver, targets))
        admin = Admin(settings, engine, shut_down, self._reset, node.warnings, enforcement)
        self._host.add_service(SIGNING_NAME, self._answer)
        self._host.add_service(QUOTAS_SIGNING_NAME, self._answering(engine.quotas))
        self._host.add_service(COST_EXPLORER, self._answering(CostExplorer(engine.meter, engine.store).service))
        self._charges = EstimatedCharges(engine.meter, clients)
        engine.meter.on_look(self._charges.tell)
        budgets = self._host.keep_budgets(engine.meter, engine.store, enforced=settings.enforce_iam)
        engine.meter.on_look(budgets.look)
        for name, resource_type in nouns.resource_types.items():
            self._host.add_resource_type(name, _resource_handler(self._service, self._host, resource_type))
        self._host.on_interrupted_operation(self._made_by)
        self.application = Application(
            self._begin_invocation, admin.handle, self._host.asgi_app, self._host.touched, self._host.account_of
        )

    def admit(self, request: RequestHead) -> Admission | None:
        """What becomes of a request of a browser to a page; None where there is none of that name."""
        return self._engine.admit(request)

    async def started(self) -> None:
        """Takes up what an earlier emulator left. Call it on the event loop once requests are answered."""
        self._loop = asyncio.get_running_loop()
        self._host.keep()  # first: requests that change what must not be lost wait for it
        self._engine.start()
        await asyncio.to_thread(self._engine.recover)
        self._host.started()

    def stop_work(self) -> None:
        """Ends jobs and endpoints, while requests are still answered: their last logs and metrics go to the host."""
        self._engine.stop()
        self._host.stop()

    def close(self) -> None:
        """Frees the rest, after the last request."""
        self._threads.shutdown()
        if self._calls is not None:
            self._calls.close()
        self._engine.close()

    async def _reset(self) -> None:
        """Leaves the emulator as it is after its first start, but for the registered images."""
        await asyncio.to_thread(self._engine.reset)  # first: what ends writes its last lines to the host
        await self._host.reset()
        self._charges.forget()
        if self._calls is not None:
            self._calls.clear()

    def _send(self, request: "AWSPreparedRequest") -> "AWSResponse | None":
        """Answers a request of the work; the host has clients to itself, so that this one is bound late."""
        return self._own_requests.send(request)

    def _made_by(self, operation: InterruptedOperation) -> dict[str, str]:
        """Physical ids of resources that were made a moment before the emulator died, unknown to their stack."""
        made = {}
        for logical_id, definition in operation.resources.items():
            resource_type = self._engine.nouns.resource_types.get(definition.get("Type", ""))
            if resource_type is None:
                continue
            properties = definition.get("Properties", {})
            for record in self._engine.store.find(resource_type.noun, operation.account, operation.region):
                physical_id = resource_type.physical_id(record)
                if physical_id in operation.physical_ids or record.created < operation.began:
                    continue
                if resource_type.may_be(record, f"{operation.stack_name}-{logical_id}", properties):
                    made[logical_id] = physical_id
        return made

    def _answering(self, service: JsonService) -> ServiceHandler:
        """What hands requests to a service on a thread."""

        async def answer(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
        ) -> ServiceAnswer:
            del method, path, query
            caller = Caller(*self._host.account_and_region())
            if self._enforcement is not None:
                action = f"{service.name}:{headers.get('x-amz-target', '').rpartition('.')[2]}"
                refusal = self._enforcement.refuse(headers, action, "*", caller.region)
                if refusal is not None:
                    return _refused(refusal)
            handling = asyncio.get_running_loop().run_in_executor
            response = await handling(self._threads, service.handle, headers, body, caller)
            return response.status, response.headers, response.body

        return answer

    async def _answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
    ) -> ServiceAnswer:
        loop = asyncio.get_running_loop()
        caller = Caller(*self._host.account_and_region())
        if not headers.get("x-amz-target"):  # where the control plane's operations stand: it is for another service
            asked = partial(self._answer_data_plane, method, path, headers, body, query, caller)
            other = await loop.run_in_executor(self._threads, copy_context().run, asked)
            return other.status, other.headers, other.body
        refusal = self._refuse(headers, body, caller)
        if refusal is not None:
            return _refused(refusal)
        own = self._own_members(headers, body, caller)
        response = await loop.run_in_executor(self._threads, self._service.handle, headers, body, caller, own)
        return response.status, response.headers, response.body

    def _answer_data_plane(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        query: Mapping[str, list[str]],
        caller: Caller,
    ) -> HttpResponse:
        enforcement = self._enforcement

        def authorize(action: str, arn: str) -> None:
            tags = resource_tags(self._engine.store.tags(arn))
            refusal = None if enforcement is None else enforcement.refuse(headers, action, arn, caller.region, tags)
            if refusal is not None:
                raise ApiError(refusal.code, refusal.message, HTTPStatus.FORBIDDEN)

        answer = self._engine.answer_data_plane(
            method, unquote(path), query, body, caller, None if enforcement is None else authorize
        )
        if answer is not None:
            return answer
        from .api.absent_service import Asked, refuse  # noqa: PLC0415 - few emulators ever need it

        return refuse(SIGNING_NAME, Asked(method, path, urlencode(query, doseq=True), headers, body))

    def _deliver(self, targets: TargetIntegration, target: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        """Has a target do what it asks for, on a thread: the operation asks the host on its way."""
        delivery = Delivery(target, event, Caller(*self._host.account_and_region()))
        self._threads.submit(copy_context().run, targets.deliver, delivery)

    def _refuse(self, headers: Mapping[str, str], body: bytes, caller: Caller) -> Refusal | None:
        """Why the caller may not do what is asked; None where it may, or where the service says what is wrong."""
        if self._enforcement is None:
            return None
        try:
            request = json.loads(body or b"{}")
            json.dumps(request, ensure_ascii=False).encode()
        except (ValueError, RecursionError):  # no JSON, or text that nothing can be called by
            return None
        if not isinstance(request, dict):
            return None
        operation = headers.get("x-amz-target", "").removeprefix(TARGET_PREFIX)
        store = self._engine.store
        known = self._engine.nouns.known_keys(store, request, caller)
        for each in demands(operation, request, caller, store.tags, known, store.members):
            refusal = self._enforcement.refuse(
                headers, each.action, each.resource, caller.region, each.context, each.or_role
            )
            if refusal is not None:
                return refusal
        return None

    def _own_members(self, headers: Mapping[str, str], body: bytes, caller: Caller) -> dict[str, Any]:
        """What the emulator adds to a request: to one for the URL of a page, whether its caller may still open that.

        AWS enforces the policies for such a request at each request of the page as well. The page outlives temporary
        credentials of its caller, though.
        Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePresignedNotebookInstanceUrl.html
        """
        if self._enforcement is None or ".CreatePresigned" not in headers.get("x-amz-target", ""):
            return {}
        context = copy_context()

        def may_go_on() -> bool:
            refusal = context.run(self._refuse, headers, body, caller)
            if refusal is None:
                return True
            return refusal.code != _DENIED and is_temporary(headers["authorization"])

        return {MAY_GO_ON: may_go_on}

    def _begin_invocation(
        self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes, answer: Answer
    ) -> None:
        if self._enforcement is not None:
            each = invocation_demand(endpoint_name, headers, caller, self._engine.store.tags)
            refusal = self._enforcement.refuse(headers, each.action, each.resource, caller.region, each.context)
            if refusal is not None:
                told = {"Content-Type": "application/json", "x-amzn-ErrorType": refusal.code}
                answer(InvocationResponse(403, told, json.dumps({"Message": refusal.message}).encode()))
                return
        self._engine.begin_invocation(caller, endpoint_name, headers, body, answer)


def _refused(refusal: Refusal) -> ServiceAnswer:
    answer = {"__type": refusal.code, "message": refusal.message}
    return 400, {"Content-Type": CONTENT_TYPE, "x-amzn-ErrorType": refusal.code}, json.dumps(answer).encode()


def _task_handler(tasks: StepFunctionsIntegration, host: MinistackHost) -> TaskHandler:
    def run(resource: str, arguments: Mapping[str, Any], aborted: Callable[[], bool]) -> dict[str, Any]:
        return tasks.run(Task(resource, arguments, Caller(*host.account_and_region()), aborted))

    return run


def _resource_handler(service: SageMakerService, host: MinistackHost, resource_type: ResourceType) -> ResourceHandler:
    def caller() -> Caller:
        return Caller(*host.account_and_region())

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        made = resource_type.create(service, caller(), f"{stack_name}-{logical_id}", properties)
        return made.physical_id, made.attributes

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        made = resource_type.update(service, caller(), physical_id, f"{stack_name}-{logical_id}", old, new)
        return made.physical_id, made.attributes

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        del properties
        resource_type.delete(service, caller(), physical_id)

    return ResourceHandler(create, update, delete)
