"""CloudWatch Logs, answered by threads of its own where events are asked for, so that other requests need not wait."""

import asyncio
import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Any, Final

from sagecraft_emulator.hosts.ministack.service import ServiceAnswer, ServiceHandler

from .answers import Refused, Request, kept_since, refusal, wrong
from .groups import keep_streams
from .operations import Operation, Operations
from .store import Group, LogStore

logger = logging.getLogger(__name__)

_THREADS: Final = 4
_EXPIRE_EVERY_SECONDS: Final = 3600.0
_CHANGES_RETENTION: Final = "PutRetentionPolicy"
_OWN_OF_THE_HOST: Final = {
    "CreateLogGroup": "_create_log_group",
    "DeleteLogGroup": "_delete_log_group",
    "CreateLogStream": "_create_log_stream",
    "DeleteLogStream": "_delete_log_stream",
    "DescribeLogGroups": "_describe_log_groups",
    "GetLogGroupFields": "_get_log_group_fields",
}
"""Operations that ministack answers, for which its functions ask the store."""


class KeptLogs:
    """Puts a store behind the host's CloudWatch Logs.

    Args:
        store: Where events are kept.
    """

    # ruff: noqa: SLF001 - ministack has no public way to any of this
    def __init__(self, store: LogStore) -> None:
        self._store = store
        self._threads = ThreadPoolExecutor(_THREADS, "logs")
        self._preparing = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._module: Any = None
        self._expires_at = 0.0
        self._operations: dict[str, Operation] = {}

    def prepare(self, module: Any) -> None:
        """Changes ministack's module, once, before it holds any events."""
        with self._preparing:
            if self._module is None:
                self._change(module)
                self._module = module

    def answering(self, own: ServiceHandler, load: Callable[[], object]) -> ServiceHandler:
        """The service, in the place of the host's own.

        Args:
            own: Answers what is asked of other things than events.
            load: Has the module be prepared.
        """

        async def answer(
            method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
        ) -> ServiceAnswer:
            load()
            name = headers.get("x-amz-target", "").rpartition(".")[2]
            operation = self._operations.get(name)
            if operation is None:
                answered = await own(method, path, headers, body, query)
                self._expire(at_once=name == _CHANGES_RETENTION)
                return answered
            self._expire(at_once=False)
            self._loop = asyncio.get_running_loop()
            work = partial(copy_context().run, _answered, operation, body)
            return await self._loop.run_in_executor(self._threads, work)

        return answer

    def close(self) -> None:
        """Ends the threads, and closes the file."""
        self._threads.shutdown()
        self._store.close()

    def _change(self, module: Any) -> None:
        keep_streams(module, self._store)
        operations = Operations(module, self._store, self._show_live)
        module._put_log_events = operations.put
        module._collect_query_records = operations.sample
        module._describe_log_groups = partial(self._describe_groups, module._describe_log_groups)
        of_host = {name: partial(_call, module, function) for name, function in _OWN_OF_THE_HOST.items()}
        self._operations = {**of_host, **operations.by_name}

    def _expire(self, *, at_once: bool) -> None:
        """Deletes events that are older than their groups keep them; once in a while."""
        now = time.monotonic()
        if now >= self._expires_at or at_once:
            self._expires_at = now + _EXPIRE_EVERY_SECONDS
            for scope, record in self._module._log_groups.all_items():
                if (since := kept_since(record)) > 0:
                    self._store.expire(Group(*scope), since)

    def _describe_groups(self, own: Operation, request: Request) -> ServiceAnswer:
        if request.get("logGroupNamePrefix") and request.get("logGroupNamePattern"):
            raise wrong("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        status, headers, body = own(request)
        members = json.loads(body)
        scope = self._module.get_account_id(), self._module.get_region()
        for group in members.get("logGroups", []):
            group["storedBytes"] = self._store.size(Group(*scope, group["logGroupName"]))
        return status, headers, json.dumps(members).encode()

    def _show_live(self, group: str, stream: str, events: list[dict[str, Any]]) -> None:
        """Queues of the event loop are filled on it alone."""
        show = partial(self._module._fanout_to_live_tail_sessions, group, stream, events)
        if self._module._live_tail_sessions and self._loop is not None:
            self._loop.call_soon_threadsafe(show, context=copy_context())


def _call(module: Any, function: str, request: Request) -> ServiceAnswer:
    answered: ServiceAnswer = getattr(module, function)(request)
    return answered


def _answered(operation: Operation, body: bytes) -> ServiceAnswer:
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return refusal(Refused("SerializationException", "Invalid JSON"))
    try:
        return operation(request)
    except Refused as refused:
        return refusal(refused)
    except sqlite3.OperationalError as error:
        logger.exception("The logs cannot be kept")
        return refusal(Refused("ServiceUnavailableException", f"The logs cannot be kept: {error}"))
