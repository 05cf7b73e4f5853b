"""The emulator's own requests, under `/_sagecraft/`: health, status, images, meter, reset, shutdown."""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar, Final, Protocol

import psutil

from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.engine import Engine
from sagecraft_emulator.settings import DEFAULT_ACCOUNT, EmulatorSettings
from sagecraft_emulator.state.store import RecordKey

PATHS: Final = ("health", "status", "images", "meter", "permissions", "reset", "shutdown")
MOST_HOURS: Final = 10 * 365 * 24
"""As many as can pass at once: ten years."""
IMAGE_MEMBERS: Final = frozenset({"uri", "train", "serve", "process", "requirements", "working_directory"})

Answer = tuple[int, Mapping[str, Any]]


class RoleRecord(Protocol):
    """A dataclass of what is known of one role."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


class Reporter(Protocol):
    """Knows what roles called."""

    def reports(self, name: str, work: Iterable[tuple[str, Sequence[str]]]) -> tuple[Sequence[RoleRecord], list[str]]:
        """What is known of the roles that a name means; and every name there is, when it means none.

        Args:
            name: The name.
            work: The name of each piece of work, and the ARNs of the roles that it is done as.
        """


class Admin:
    """Answers the emulator's own requests.

    Args:
        settings: What the emulator was told.
        engine: What it tells of.
        shut_down: Begins the emulator's end.
        reset: Ends all work, and empties all services.
        warnings: Says what does not work at the moment, in sentences.
        reporter: Knows what roles called. Left out, permissions are not enforced.
    """

    def __init__(
        self,
        settings: EmulatorSettings,
        engine: Engine,
        shut_down: Callable[[], None],
        reset: Callable[[], Awaitable[None]],
        warnings: Callable[[], tuple[str, ...]],
        reporter: Reporter | None = None,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._images, self._scheduler = engine.images, engine.scheduler
        self._shut_down = shut_down
        self._reset = reset
        self._warnings = warnings
        self._reporter = reporter

    async def handle(self, method: str, path: str, query: Mapping[str, str], body: bytes) -> Answer:
        """Answers one request.

        Args:
            method: Of the request.
            path: What follows `/_sagecraft/`.
            query: Of the request.
            body: Of the request: JSON, where it has one.
        """
        match method, path:
            case "GET", "health":
                return 200, self._health()
            case "GET", "status":
                return 200, await asyncio.to_thread(self._status)
            case "GET", "images":
                return 200, {"images": await asyncio.to_thread(self._list_images)}
            case (("GET" | "POST"), "meter"):
                return await asyncio.to_thread(self._meter, method, query, body)
            case "GET", "permissions":
                return await asyncio.to_thread(self._permissions, query.get("name", ""))
            case "POST", "images":
                return await asyncio.to_thread(self._register, body)
            case "DELETE", "images":
                return await asyncio.to_thread(self._remove, query.get("uri"))
            case "POST", "reset":
                await self._reset()
                return 200, {"reset": "ok", "status": "ok"}
            case "POST", "shutdown":
                self._shut_down()
                return 202, {"message": "The emulator is stopping."}
            case _:
                return 404, {"message": f"There is no {method} /_sagecraft/{path}. There are: {', '.join(PATHS)}."}

    def _health(self) -> dict[str, Any]:
        return {
            "status": "running",
            "process_id": os.getpid(),
            "state_dir": str(self._settings.state_dir),
            "enforce_iam": self._settings.enforce_iam,
            "quotas": self._settings.quotas,
            "warnings": list(self._warnings()),
        }

    def _status(self) -> dict[str, Any]:
        process = psutil.Process()
        resources = {
            kind: [
                {
                    "name": record.key.name,
                    "account": record.key.account,
                    "region": record.key.region,
                    "status": record.status,
                }
                for record in self._engine.store.find(kind)
            ]
            for kind in self._engine.nouns.shown
        }
        return {
            **self._health(),
            "started": process.create_time(),
            "memory_bytes": process.memory_info().rss,
            "processes": len(process.children(recursive=True)),
            "resources": resources,
            "queue": self._queue(),
        }

    def _permissions(self, name: str) -> Answer:
        if self._reporter is None:
            message = (
                "The emulator runs without --enforce-iam, and has not recorded what roles called. End it: sagecraft "
                "down. Then: sagecraft up --enforce-iam"
            )
            return 409, {"message": message}
        reports, names = self._reporter.reports(name, self._engine.work_by_roles())
        if not reports:
            return 404, {"message": f"Nothing with a role is called '{name}'.", "names": names}
        return 200, {"name": name, "roles": [asdict(each) for each in reports]}

    def _queue(self) -> dict[str, Any]:
        return {
            "cores": self._scheduler.cores,
            "running": [_of(each.key, cores=each.cores) for each in self._scheduler.running()],
            "waiting": [_of(each.key, cores=each.cores, since=each.since) for each in self._scheduler.waiting()],
        }

    def _meter(self, method: str, query: Mapping[str, str], body: bytes) -> Answer:
        """Tells the bill of an account, or lets time pass for what is metered, and for nothing else."""
        if method == "GET":
            account = query.get("account", DEFAULT_ACCOUNT)
            return 200, {"account": account, **self._engine.meter.bill(account).as_json}
        try:
            members = json.loads(body)
        except ValueError as error:
            return 400, {"message": f"The body is not JSON: {error}"}
        problem = _passing_problem(members)
        if problem is not None:
            return 400, {"message": problem}
        return 200, {"in_use": self._engine.meter.let_pass(members["pass_hours"], members.get("account"))}

    def _list_images(self) -> dict[str, Any]:
        return {
            uri: {
                "train": program.train,
                "serve": program.serve,
                "process": program.process,
                "requirements": program.requirements,
                "working_directory": program.working_directory,
            }
            for uri, program in self._images.registered().items()
        }

    def _register(self, body: bytes) -> Answer:
        try:
            members = json.loads(body)
            problem = _image_problem(members)
            if problem is not None:
                return 400, {"message": problem}
            program = LocalProgram(
                train=_command(members.get("train")),
                serve=_command(members.get("serve")),
                process=_command(members.get("process")),
                requirements=members.get("requirements"),
                working_directory=members.get("working_directory"),
            )
            self._images.register(members["uri"], program)
        except ValueError as error:
            return 400, {"message": str(error)}
        return 200, {"uri": members["uri"]}

    def _remove(self, uri: str | None) -> Answer:
        if uri is None:
            return 400, {"message": "Say which image: DELETE /_sagecraft/images?uri=..."}
        if not self._images.remove(uri):
            registered = ", ".join(sorted(self._images.registered())) or "none"
            return 404, {"message": f"No local program is registered for '{uri}'. Registered: {registered}."}
        return 200, {"uri": uri}


def _of(key: RecordKey, **members: Any) -> dict[str, Any]:
    return {"kind": key.kind, "name": key.name, "account": key.account, "region": key.region, **members}


def _passing_problem(members: object) -> str | None:
    if not isinstance(members, dict) or not members.keys() <= {"pass_hours", "account"}:
        return 'The body must be an object with "pass_hours", and "account" if it is for one account alone.'
    hours, account = members.get("pass_hours"), members.get("account")
    if not isinstance(hours, int | float) or isinstance(hours, bool) or not 0 < hours <= MOST_HOURS:
        return f'"pass_hours" must be a number above 0 and up to {MOST_HOURS}, got: {hours!r}'
    if account is not None and not (isinstance(account, str) and re.fullmatch(r"\d{12}", account)):
        return f'"account" must be a text of twelve digits, got: {account!r}'
    return None


def _image_problem(members: object) -> str | None:
    if not isinstance(members, dict) or not isinstance(members.get("uri"), str):
        return 'The body must be an object with a "uri".'
    unknown = set(members) - IMAGE_MEMBERS
    if unknown:
        return f"Unknown members: {', '.join(sorted(unknown))}. There are: {', '.join(sorted(IMAGE_MEMBERS))}."
    for use in ("train", "serve", "process"):
        command = members.get(use)
        if command is not None and not (isinstance(command, list) and all(isinstance(word, str) for word in command)):
            return f'"{use}" must be a list of strings, got: {command!r}'
    for path in ("requirements", "working_directory"):
        if not isinstance(members.get(path), str | None):
            return f'"{path}" must be a string, got: {members[path]!r}'
    return None


def _command(words: list[str] | None) -> tuple[str, ...] | None:
    return tuple(words) if words else None
