"""An emulator for a run of tests: on a port of its own, with a state directory of its own, gone when the run ends."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import boto3
from sagecraft_emulator import server
from sagecraft_emulator.errors import StartError
from sagecraft_emulator.settings import HOST, EmulatorSettings, Execute

from sagecraft_infra.emulator_process import port_taken
from sagecraft_infra.environment import SECRET
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName

_PORT_TRIES: Final = 5


@dataclass(frozen=True)
class RunningEmulator:
    """An emulator that runs.

    Attributes:
        target: It, as a place to deploy to.
    """

    target: Target

    @property
    def settings(self) -> EmulatorSettings:
        """What it was started with."""
        return self.target.project.settings

    @property
    def endpoint_url(self) -> str:
        """The URL that clients are pointed at."""
        return self.settings.endpoint_url

    @property
    def account(self) -> str:
        """The account of its clients."""
        return self.target.project.account

    @property
    def region(self) -> str:
        """The region of its clients."""
        return self.target.project.region

    def client(self, service: str) -> Any:
        """A boto3 client of a service, by its name."""
        return boto3.session.Session().client(
            service,  # type: ignore[call-overload]  # a name that is known at run time only
            endpoint_url=self.endpoint_url,
            region_name=self.region,
            aws_access_key_id=self.account,
            aws_secret_access_key=SECRET,
        )

    def in_account(self, account: str) -> Target:
        """It, as a place to deploy stacks of another account to."""
        return replace(self.target, project=replace(self.target.project, account=account))


@contextmanager
def running_emulator(directory: Path, execute: Execute) -> Iterator[RunningEmulator]:
    """Starts an emulator, and stops it at the end together with everything that it started.

    Args:
        directory: Which nothing else uses.
        execute: Whether jobs and endpoints run.

    Raises:
        UserError: It does not start; with what it said.
    """
    settings = _start(directory, execute)
    try:
        yield RunningEmulator(Target(TargetName.LOCAL, Project(directory, settings)))
    finally:
        server.stop(settings)


def _start(directory: Path, execute: Execute) -> EmulatorSettings:
    for remaining in reversed(range(_PORT_TRIES)):
        settings = EmulatorSettings(directory / "state", _free_port(), execute=execute)
        try:
            server.start(settings, tied=True)
        except StartError as error:
            # Another process may have taken the port between its choice and the start.
            if remaining == 0 or not port_taken(settings.port):
                raise UserError(str(error)) from error
        else:
            return settings
    raise AssertionError("unreachable: the last try returns or raises")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
