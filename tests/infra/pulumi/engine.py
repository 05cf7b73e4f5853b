"""Pulumi's engine for tests: its own mocks, which record what a program registers."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi.runtime import mocks

ACCOUNT = "123456789012"
REGION = "eu-west-1"
AZS = [f"{REGION}a", f"{REGION}b"]
ANSWERS: dict[str, dict[str, Any]] = {
    "aws-native:index:getAccountId": {"accountId": ACCOUNT},
    "aws-native:index:getRegion": {"region": REGION},
    "aws-native:index:getPartition": {"partition": "aws", "dnsSuffix": "amazonaws.com"},
    "aws-native:index:getAzs": {"azs": AZS},
    "aws-native:index:getUrlSuffix": {"urlSuffix": "amazonaws.com"},
}

_LOOP = asyncio.new_event_loop()
"""Pulumi makes futures before it runs a loop, and the thread may have lost its own: `asyncio.run` takes it away."""


@dataclass(frozen=True)
class Registered:
    """A resource as the engine is told of it.

    Attributes:
        type: Its type in Pulumi.
        name: Its name there.
        inputs: Its properties.
        request: All that the engine was told.
    """

    type: str
    name: str
    inputs: dict[str, Any]
    request: Any

    @property
    def needs(self) -> set[str]:
        """The names of the resources that it depends on."""
        return {urn.rpartition("::")[2] for urn in self.request.dependencies}


@dataclass
class Engine(mocks.Mocks):
    """Answers as AWS would, and remembers.

    Attributes:
        outputs: What the resources of a type have beside their inputs, by type.
        answers: What functions answer, beside those of every account, by name.
        registered: The resources by name.
        asked: The functions that were called, with their arguments.
    """

    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    registered: dict[str, Registered] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        return f"{args.name}-id", {**args.inputs, **self.outputs.get(args.typ, {})}

    def call(self, args: mocks.MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        self.asked.append((args.token, args.args))
        return dict(self.answers.get(args.token) or ANSWERS[args.token]), []

    def of_type(self, token: str) -> list[Registered]:
        """The resources of a type."""
        return [each for each in self.registered.values() if each.type == token]

    def one(self, token: str) -> Registered:
        """The only resource of a type."""
        (only,) = self.of_type(token)
        return only


class _Monitor(mocks.MockMonitor):
    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - as the engine's protocol calls it
        inputs = pulumi.runtime.rpc.deserialize_properties(request.object)
        if request.type != "pulumi:pulumi:Stack":  # registered once in a process, not in each program
            self._engine.registered[request.name] = Registered(request.type, request.name, inputs, request)
        with _loop_of_the_thread():
            return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - as the engine's protocol calls it
        with _loop_of_the_thread():
            return super().Invoke(request)  # type: ignore[no-untyped-call]


@contextmanager
def _loop_of_the_thread() -> Iterator[None]:
    """Pulumi's mocks make an event loop in each thread that asks them, where it has none, and close none of them."""
    if threading.current_thread() is threading.main_thread():  # it has that of the program
        yield
        return
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def run(program: Callable[[], Mapping[str, Any] | None], engine: Engine) -> dict[str, Any]:
    """Runs a program of Pulumi, and waits until all is registered.

    Returns:
        What the program returned, its Outputs resolved.
    """
    asyncio.set_event_loop(_LOOP)
    mocks.set_mocks(engine, project="project", stack="dev", preview=False, monitor=_Monitor(engine))
    found: dict[str, Any] = {}

    def awaited() -> Any:
        return pulumi.Output.from_input(dict(program() or {})).apply(found.update)

    mocks.test(awaited)()  # type: ignore[no-untyped-call]
    return found
