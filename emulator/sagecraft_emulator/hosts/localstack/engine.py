"""The one engine of this LocalStack: made when it is first asked for, ended when LocalStack ends."""

import asyncio
import json
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from localstack import config
from localstack.aws.connect import connect_to
from localstack.runtime import get_current_runtime

from sagecraft_emulator.api.caller import Caller
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.engine import Engine
from sagecraft_emulator.errors import EmulatorError
from sagecraft_emulator.events.event import Event
from sagecraft_emulator.front.admin import Admin
from sagecraft_emulator.front.admin import Answer as AdminAnswer
from sagecraft_emulator.hosting.invocation import Headers, InvocationResponse
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.loop_thread import LoopThread
from sagecraft_emulator.settings import HOST, EmulatorSettings

node: Final = NodeRuntime()
"""For Lambda functions in Node.js."""


class LocalStackEngine:
    """The engine, with the event loop that its endpoints need.

    LocalStack forgets everything when it ends, and so does this.
    """

    def __init__(self) -> None:
        self._scratch = tempfile.mkdtemp(prefix="sagecraft-localstack-")
        settings = EmulatorSettings(state_dir=Path(self._scratch), port=gateway_port())
        settings.work_dir.mkdir(parents=True)
        self.engine = Engine(settings.database, settings.work_dir, Clients(endpoint_url()), _put_event)
        self._admin = Admin(settings, self.engine, _end_localstack, self._reset, node.warnings)
        self._loop = LoopThread("sagecraft-endpoints")
        self.engine.start()

    def invoke(self, caller: Caller, endpoint_name: str, headers: Headers, body: bytes) -> InvocationResponse:
        """Answers one `InvokeEndpoint`."""
        return self._loop.run(self.engine.invoke(caller, endpoint_name, headers, body))

    def ask(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> AdminAnswer:
        """Answers one of the requests under `/_sagecraft/`."""
        return self._loop.run(self._admin.handle(method, path, query, body))

    async def _reset(self) -> None:
        """SageMaker's part alone: LocalStack empties its own services."""
        await asyncio.to_thread(self.engine.reset)

    def stop(self) -> None:
        """Ends jobs and endpoints, and removes what they left."""
        self.engine.stop()
        self._loop.stop()
        self.engine.close()
        shutil.rmtree(self._scratch, ignore_errors=True)


_lock = threading.Lock()
_present: LocalStackEngine | None = None


def current() -> LocalStackEngine:
    """The engine of this process."""
    global _present  # noqa: PLW0603 - LocalStack makes each plug-in anew, and a process holds one LocalStack
    with _lock:
        if _present is None:
            _present = LocalStackEngine()
        return _present


def stop() -> None:
    """Ends the engine, if there is one."""
    global _present
    with _lock:
        present, _present = _present, None
    if present is not None:
        present.stop()


def gateway_port() -> int:
    """Where LocalStack listens."""
    port: int = config.GATEWAY_LISTEN[0].port
    return port


def endpoint_url() -> str:
    """The URL by which processes of this machine reach LocalStack."""
    return f"http://{HOST}:{gateway_port()}"


def _end_localstack() -> None:
    get_current_runtime().exit(0)


def _put_event(event: Event) -> None:
    client = connect_to(aws_access_key_id=event.account, region_name=event.region).events
    entry = {
        "Source": event.source,
        "DetailType": event.detail_type,
        "Detail": json.dumps(event.detail),
        "Resources": list(event.resources),
        "Time": event.time,
    }
    refused = client.put_events(Entries=[entry])
    if refused["FailedEntryCount"]:
        raise EmulatorError(f"LocalStack's EventBridge refused an event: {refused['Entries'][0]}")
