"""Endpoints of the tests: a container that answers with a word, and an event loop that invokes it."""

import asyncio
import threading
import uuid
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import psutil
from sagecraft_emulator.hosting.invocation import InvocationResponse, answer_of
from sagecraft_emulator.state.store import Record, RecordKey

from tests.emulator.world import ACCOUNT, REGION, World

SERVE = """
    import http.server, os, sys, time
    from pathlib import Path

    weights = Path("/opt/ml/model/weights.txt")
    word = weights.read_text() if weights.exists() else os.environ.get("WORD", "nothing")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self):
            self.answer(200, b"")

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if body == b"crash":
                os._exit(7)
            if body == b"slow":
                time.sleep(0.5)
            if body == b"bad":
                self.answer(415, b"no such media type: " + self.headers["Content-Type"].encode())
            elif body == b"broken":
                self.answer(500, b"a bug")
            else:
                self.answer(200, f"{word} {os.environ['SAGEMAKER_BIND_TO_PORT']} {body.decode()}".encode())

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    print("serving", word, flush=True)
    address = (os.environ["SAGEMAKER_BIND_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    http.server.ThreadingHTTPServer(address, Handler).serve_forever()
"""


class Loop:
    """An event loop in a thread, as the server has one."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def invoke(self, world: World, name: str, body: bytes = b"hello", **headers: str) -> InvocationResponse:
        """Invokes an endpoint; header names have `_` for `-`."""
        sent = {"content-type": "text/plain", **{key.replace("_", "-"): value for key, value in headers.items()}}
        return asyncio.run_coroutine_threadsafe(invoke(world, name, sent, body), self.loop).result(90)

    def close(self) -> None:
        """Ends the loop, after it has seen the containers' connections close."""
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0.05), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()


async def invoke(world: World, name: str, headers: Mapping[str, str], body: bytes) -> InvocationResponse:
    return await answer_of(partial(world.endpoints.begin_invocation, world.caller, name, headers, body))


def variant(name: str, model: str, *, count: int = 1, weight: float = 1.0, startup: int = 20) -> dict[str, object]:
    return {
        "VariantName": name,
        "ModelName": model,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": count,
        "InitialVariantWeight": weight,
        "ContainerStartupHealthCheckTimeoutInSeconds": startup,
    }


def add_model(
    world: World, image: str, model_data: str | None = None, word: str = "nothing", **environment: str
) -> str:
    name = f"model-{uuid.uuid4().hex[:8]}"
    container: dict[str, Any] = {"Image": image, "Environment": {"WORD": word, **environment}}
    if model_data is not None:
        container["ModelDataUrl"] = model_data
    body = {"PrimaryContainer": container, "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/test"}
    world.store.create(
        RecordKey("Model", ACCOUNT, REGION, name), arn=world.caller.arn("model", name), status=None, body=body
    )
    return name


def add_config(world: World, *variants: dict[str, object]) -> str:
    name = f"config-{uuid.uuid4().hex[:8]}"
    key = RecordKey("EndpointConfig", ACCOUNT, REGION, name)
    arn = world.caller.arn("endpoint-config", name)
    world.store.create(key, arn=arn, status=None, body={"ProductionVariants": list(variants)})
    return name


def create(world: World, config: str) -> RecordKey:
    name = f"endpoint-{uuid.uuid4().hex[:8]}"
    key = RecordKey("Endpoint", ACCOUNT, REGION, name)
    body = {"EndpointConfigName": config, "_TargetConfigName": config}
    world.store.create(key, arn=world.caller.arn("endpoint", name), status="Creating", body=body)
    world.endpoints.deploy(key)
    return key


def update(world: World, key: RecordKey, config: str) -> None:
    world.store.update(key, status="Updating", body={"_TargetConfigName": config, "FailureReason": None})
    world.endpoints.deploy(key)


def settled(world: World, key: RecordKey) -> Record:
    return world.wait(key, lambda record: record.status in {"InService", "Failed"})


def in_service(world: World, *variants: dict[str, object]) -> RecordKey:
    key = create(world, add_config(world, *variants))
    record = settled(world, key)
    assert record.status == "InService", record.body["FailureReason"]
    return key


def simple(world: World, *, count: int = 1, word: str = "word") -> RecordKey:
    model = add_model(world, world.register(SERVE, use="serve"), word=word)
    return in_service(world, variant("AllTraffic", model, count=count))


def containers(world: World) -> list[psutil.Process]:
    """The processes of this test's containers that still run, of all depths."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            if runs(process) and str(world.state_dir) in " ".join(process.cmdline()):
                found.append(process)
    return found


def runs(process: psutil.Process) -> bool:
    """Whether a container's process still runs."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
