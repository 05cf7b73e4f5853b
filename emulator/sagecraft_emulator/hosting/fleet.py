"""Endpoints: from a record that is `Creating` or `Updating` to processes that answer, and back to nothing."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.errors import ApiError, EmulatorError, InvalidTransition, RecordMissing
from sagecraft_emulator.state.store import Record, RecordKey, Store

from .deployment import Deployer, Deployment
from .instance import Cancelled, end_leftovers
from .invocation import Answer, Invoker
from .invocation_metrics import InvocationMetrics
from .route import Route

logger = logging.getLogger(__name__)

RECOVERY_SECONDS: Final = 55.0
"""How long an invocation waits for an endpoint that comes back after a restart; below the clients' usual timeout."""
_RECOVERY_POLL_SECONDS: Final = 0.05
_FAILURE_CHARACTERS: Final = 1024
_HAS_OR_GETS_ROUTE: Final = frozenset({"InService", "SystemUpdating", "Updating"})


@dataclass
class _Hosted:
    """What the emulator holds of an endpoint."""

    deployment: Deployment | None = None
    deleted: threading.Event = field(default_factory=threading.Event)
    changing: threading.Lock = field(default_factory=threading.Lock)


class EndpointFleet:
    """Runs the processes behind all endpoints.

    Args:
        store: Where the records are.
        machine: What containers share.
        images: Finds the program of an image.
    """

    def __init__(self, store: Store, machine: Machine, images: ImageRegistry) -> None:
        self._store, self._machine = store, machine
        self._deployer = Deployer(store, machine, images)
        self._metrics = InvocationMetrics(machine.clients)
        self._invoker = Invoker(self._find_route, self._await_route, self._metrics)
        self._hosted: dict[RecordKey, _Hosted] = {}
        self._closing = threading.Event()
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()

    def deploy(self, key: RecordKey) -> None:
        """Brings an endpoint that is `Creating` or `Updating` to its `_TargetConfigName`; returns at once.

        An update swaps when all new instances answer, and only then drains and ends the old ones; when they do not come
        up, the old ones go on, and the record is `InService` with the `FailureReason`.
        """
        with self._lock:
            hosted = self._hosted.setdefault(key, _Hosted())
        self._in_thread(self._deploy, key, hosted)

    def delete(self, key: RecordKey) -> None:
        """Stops the processes of an endpoint that is `Deleting` and removes its record; returns at once.

        One that cannot be deleted is `Failed`, and can be deleted again.
        """
        with self._lock:
            hosted = self._hosted.setdefault(key, _Hosted())
        hosted.deleted.set()
        self._in_thread(self._delete, key, hosted)

    def set_weights(self, key: RecordKey, weights: Mapping[str, float]) -> None:
        """Changes how traffic is shared between the variants of an endpoint.

        Raises:
            InvalidTransition: It is not in service, or not yet again after a restart.
        """
        hosted = self._hosted.get(key)
        if hosted is None:
            raise InvalidTransition(f"Endpoint '{key.name}' has not come back yet")
        with hosted.changing:
            if hosted.deployment is None:
                raise InvalidTransition(f"Endpoint '{key.name}' has no deployment")
            self._store.update(key, status="Updating", present_status="InService")
            hosted.deployment.set_weights(weights)
            self._store.update(key, status="InService", body={"ProductionVariants": hosted.deployment.members()})

    def begin_invocation(
        self, caller: Caller, endpoint_name: str, headers: Mapping[str, str], body: bytes, answer: Answer
    ) -> None:
        """Begins one `InvokeEndpoint`; header names are lower case. Always on the same event loop."""
        self._invoker.begin(caller, endpoint_name, headers, body, answer)

    def recover(self) -> None:
        """Brings back the endpoints that an earlier emulator had, after ending what is left of it; returns at once."""
        # Whatever began after this emulator did is hosted before it has a directory.
        directories = list((self._machine.work_dir / "endpoints").glob("*"))
        own = {self._deployer.directory(key) for key in list(self._hosted)}
        for directory in directories:
            if directory not in own:
                end_leftovers(directory)
        for record in self._store.find("Endpoint"):
            try:
                self._recover(record)
            except (RecordMissing, InvalidTransition):
                logger.info("Endpoint %s was changed before it was recovered", record.key.name)

    def _recover(self, record: Record) -> None:
        if record.status == "Failed" or record.key in self._hosted:
            return
        if record.status == "Deleting":
            self._store.delete(record.key)
            return
        if record.status == "InService":
            self._store.update(record.key, status="SystemUpdating", present_status="InService")
        with self._lock:
            if record.key in self._hosted:  # it is being deleted, or was created in this moment
                return
            hosted = self._hosted[record.key] = _Hosted()
        self._in_thread(self._deploy if record.status == "Creating" else self._restore, record.key, hosted)

    def reset(self) -> None:
        """Ends all processes, and takes further endpoints; the records are for others to remove."""
        for key in list(self._hosted):
            self.delete(key)
        for thread in list(self._threads):
            thread.join()

    def shutdown(self) -> None:
        """Ends all processes; the records stay as they are, for `recover`."""
        self._closing.set()
        for thread in list(self._threads):
            thread.join()
        deployments = [hosted.deployment for hosted in self._hosted.values() if hosted.deployment is not None]
        self._hosted.clear()
        if deployments:
            with ThreadPoolExecutor(len(deployments)) as pool:
                list(pool.map(Deployment.stop, deployments))
        self._metrics.shutdown()

    def _deploy(self, key: RecordKey, hosted: _Hosted) -> None:
        with hosted.changing:
            config_name = None if hosted.deleted.is_set() else self._store.get(key).body.get("_TargetConfigName")
            if config_name is None:
                return
            deployment = self._bring_up(key, hosted, config_name)
            if deployment is None:
                return
            earlier = self._swap(hosted, deployment)
            # A failed status change means that the endpoint is being deleted, which stops the new deployment.
            self._finish(key, deployment)
            if earlier is not None:
                earlier.drain()
                earlier.stop()

    def _restore(self, key: RecordKey, hosted: _Hosted) -> None:
        """Brings back what an endpoint had, then goes on with an update that was under way."""
        with hosted.changing:
            if hosted.deleted.is_set():
                return
            record = self._store.get(key)
            deployment = self._bring_up(key, hosted, record.body["EndpointConfigName"])
            if deployment is None:
                return
            weights = {each["VariantName"]: each["CurrentWeight"] for each in record.body["ProductionVariants"]}
            deployment.set_weights(weights)
            self._swap(hosted, deployment)
            if "_TargetConfigName" not in record.body:
                self._finish(key, deployment)
        if "_TargetConfigName" in record.body:
            self._deploy(key, hosted)

    def _bring_up(self, key: RecordKey, hosted: _Hosted, config_name: str) -> Deployment | None:
        """The deployment, or None when it did not come up and the record says so."""

        def cancelled() -> bool:
            return hosted.deleted.is_set() or self._closing.is_set()

        try:
            return self._deployer.bring_up(key, config_name, cancelled)
        except Cancelled:
            return None
        except EmulatorError as error:
            self._fail(key, hosted, str(error))
        except Exception as error:
            logger.exception("Endpoint %s failed in the emulator", key.name)
            self._fail(key, hosted, f"{error}. The emulator's log has the traceback.")
        return None

    def _swap(self, hosted: _Hosted, deployment: Deployment) -> Deployment | None:
        earlier, hosted.deployment = hosted.deployment, deployment
        return earlier

    def _finish(self, key: RecordKey, deployment: Deployment) -> None:
        body = {
            "EndpointConfigName": deployment.config_name,
            "ProductionVariants": deployment.members(),
            "FailureReason": None,
            "_TargetConfigName": None,
        }
        self._update(key, "InService", body)

    def _fail(self, key: RecordKey, hosted: _Hosted, reason: str) -> None:
        status = "Failed" if hosted.deployment is None else "InService"
        explained = self._machine.explain(key, reason, _FAILURE_CHARACTERS)
        self._update(key, status, {"FailureReason": explained[:_FAILURE_CHARACTERS], "_TargetConfigName": None})

    def _update(self, key: RecordKey, status: str, body: Mapping[str, Any]) -> None:
        try:
            self._store.update(key, status=status, body=body)
        except (RecordMissing, InvalidTransition):
            logger.info("Endpoint %s was deleted before it was %s", key.name, status)

    def _delete(self, key: RecordKey, hosted: _Hosted) -> None:
        try:
            self._end(key, hosted)
        except Exception as error:
            logger.exception("Endpoint %s could not be deleted", key.name)
            reason = f"It could not be deleted: {error}. The emulator's log has the traceback. Delete it again."
            self._update(key, "Failed", {"FailureReason": reason[:_FAILURE_CHARACTERS]})

    def _end(self, key: RecordKey, hosted: _Hosted) -> None:
        with hosted.changing:
            earlier, hosted.deployment = hosted.deployment, None
            if earlier is not None:
                earlier.stop()
            with self._lock:
                self._hosted.pop(key, None)
            end_leftovers(self._deployer.directory(key))
            self._machine.end_sessions(key)
            self._store.delete(key)

    def _find_route(self, caller: Caller, endpoint_name: str) -> Route | None:
        hosted = self._hosted.get(RecordKey("Endpoint", caller.account, caller.region, endpoint_name))
        return None if hosted is None or hosted.deployment is None else hosted.deployment.route

    async def _await_route(self, caller: Caller, endpoint_name: str) -> Route:
        """The route of an endpoint that comes back after a restart.

        Raises:
            ApiError: There is no such endpoint, or it is not in service.
        """
        key = RecordKey("Endpoint", caller.account, caller.region, endpoint_name)
        deadline = time.monotonic() + RECOVERY_SECONDS
        while True:
            route = self._find_route(caller, endpoint_name)
            if route is not None:
                return route
            record = await asyncio.to_thread(self._record, key)
            if record is None:
                raise ApiError("ValidationError", f"Endpoint {key.name} of account {key.account} not found.")
            # `InService` is read before it is recovered, or when it has come back since the route was looked for.
            if record.status not in _HAS_OR_GETS_ROUTE or time.monotonic() > deadline:
                reason = f" ({record.body['FailureReason']})" if "FailureReason" in record.body else ""
                raise ApiError(
                    "ValidationError",
                    f"Endpoint {key.name} of account {key.account} is not in service: its status is "
                    f"{record.status}{reason}.",
                )
            await asyncio.sleep(_RECOVERY_POLL_SECONDS)

    def _record(self, key: RecordKey) -> Record | None:
        try:
            return self._store.get(key)
        except RecordMissing:
            return None

    def _in_thread(self, function: Callable[[RecordKey, _Hosted], None], key: RecordKey, hosted: _Hosted) -> None:
        def run() -> None:
            try:
                function(key, hosted)
            except Exception:
                logger.exception("Endpoint %s failed in the emulator", key.name)
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name=f"endpoint-{key.name}", daemon=True)
        self._threads.add(thread)
        thread.start()
