"""An emulator for a run of tests: on a port of its own, with a state directory of its own, gone when the run ends."""

import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import boto3
from sagecraft_emulator.errors import StartError
from sagecraft_emulator.front import server
from sagecraft_emulator.settings import HOST, NOTEBOOKS_VARIABLE, EmulatorSettings, Execute, Notebooks

from sagecraft_infra.emulator.process import ask, port_taken
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.target import Target, TargetName
from sagecraft_infra.target.variables import SECRET

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

_PORT_TRIES: Final = 5


class _LastingTarget(Target):
    """Makes each client once, for a test asks many times."""

    @cached_property
    def _made(self) -> dict[tuple[str, str], Any]:
        return {}

    def cloudformation(self, region: str) -> "CloudFormationClient":
        """The client of CloudFormation in a region."""
        client: CloudFormationClient = self._once("cloudformation", region, super().cloudformation)
        return client

    def s3(self, region: str) -> "S3Client":
        """The client of S3 in a region."""
        client: S3Client = self._once("s3", region, super().s3)
        return client

    def ssm(self, region: str) -> "SSMClient":
        """The client of Systems Manager in a region."""
        client: SSMClient = self._once("ssm", region, super().ssm)
        return client

    def _once(self, service: str, region: str, make: Callable[[str], Any]) -> Any:
        if (service, region) not in self._made:
            self._made[service, region] = make(region)
        return self._made[service, region]


@dataclass(frozen=True)
class RunningEmulator:
    """An emulator that runs.

    Attributes:
        target: It, as a place to deploy to.
    """

    target: Target
    _targets: dict[str, Target] = field(default_factory=dict, init=False, repr=False)
    _clients: dict[str, Any] = field(default_factory=dict, init=False, repr=False)

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
        """A boto3 client of a service, by its name: the same one each time, for a test asks many times."""
        if service not in self._clients:
            self._clients[service] = self._session.client(
                service,  # type: ignore[call-overload]  # a name that is known at run time only
                endpoint_url=self.endpoint_url,
            )
        return self._clients[service]

    @cached_property
    def _session(self) -> boto3.Session:
        return boto3.Session(self.account, SECRET, region_name=self.region)

    def reset(self) -> None:
        """Ends its jobs and endpoints, and empties all its services; the registered images stay."""
        ask(self.settings.port, "POST", "reset")

    def in_account(self, account: str) -> Target:
        """It, as a place to deploy stacks of another account to."""
        if account not in self._targets:
            self._targets[account] = _LastingTarget(self.target.name, replace(self.target.project, account=account))
        return self._targets[account]


@contextmanager
def running_emulator(directory: Path, execute: Execute, *, enforce_iam: bool = False) -> Iterator[RunningEmulator]:
    """Starts an emulator, and stops it at the end together with everything that it started.

    Args:
        directory: Which nothing else uses.
        execute: Whether jobs and endpoints run.
        enforce_iam: Whether work has the permissions of its role alone. Left out, it has all.

    Raises:
        UserError: It does not start; with what it said.
    """
    settings = _start(directory, execute, enforce_iam=enforce_iam)
    try:
        yield RunningEmulator(Target(TargetName.LOCAL, Project(directory, settings)))
    finally:
        server.stop(settings)


def _start(directory: Path, execute: Execute, *, enforce_iam: bool) -> EmulatorSettings:
    # Tests of stacks should not each wait for a JupyterLab that they do not open.
    notebooks = cast("Notebooks", os.environ.get(NOTEBOOKS_VARIABLE, "records"))
    for remaining in reversed(range(_PORT_TRIES)):
        settings = EmulatorSettings(
            directory / "state", _free_port(), execute=execute, notebooks=notebooks, enforce_iam=enforce_iam
        )
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
