"""What training and serving containers have in common: how an image's program is started, under whose credentials."""

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError
from sagecraft_containers.contract import (
    ENVIRONMENTS_VARIABLE,
    IMAGE_VERSION_VARIABLE,
    TRAINING_JOB_ARN_VARIABLE,
    TRAINING_JOB_NAME_VARIABLE,
    ContainerPaths,
)
from sagecraft_containers.programs import PROGRAMS, module_of
from sagecraft_containers.python_environment import PythonEnvironment, make_environment, make_environment_over

from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.authorization.role_session import RoleSessions, cannot_assume
from sagecraft_emulator.client_files import DATA_PATH, DIRECTORY_NAME, SDK_CONFIGURATION, write_client_files
from sagecraft_emulator.state.store import RecordKey

from .docker import docker_run, end_container
from .images import LocalProgram
from .launching.launcher import Launcher
from .processors import THREAD_VARIABLES, WAIT_VARIABLE
from .python.base_image import base_installation
from .python.distribution_image import runs_notebook
from .python.layer import python_below
from .python.notebook_packages import SdkVersion, kernel_environment
from .python.requirements import install_requirements
from .sandbox import Sandbox, SandboxedProcess, namespaces_allowed
from .view import View

CREDENTIALS_SECONDS: Final = 3600
# What a program may know of this machine; everything else would be a secret of its user, or an accident.
_PASSED_ON: Final = (
    "PATH",
    "LANG",
    "LC_ALL",
    "TZ",
    "SSL_CERT_FILE",
    "PIP_INDEX_URL",
    "PIP_CERT",
    WAIT_VARIABLE,
)
_PACKAGES: Final = "packages"
_OF_THIS_MACHINE: Final = (*_PASSED_ON, "HOME")
_GIVEN: Final = frozenset(
    {
        *_OF_THIS_MACHINE,
        *THREAD_VARIABLES,
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        DATA_PATH,
        SDK_CONFIGURATION,
        "PYTHONUNBUFFERED",
        "CURRENT_HOST",
        "PROCESSING_JOB_NAME",
        TRAINING_JOB_NAME_VARIABLE,
        TRAINING_JOB_ARN_VARIABLE,
        ENVIRONMENTS_VARIABLE,
        IMAGE_VERSION_VARIABLE,
    }
)
"""The variables that the container of a job is given. A library may read any other one when it is imported."""


def _warm() -> Iterator[tuple[tuple[str, ...], Launcher]]:
    """Commands, with what has their libraries imported: one for all that need the same."""
    launchers: dict[tuple[str, ...], Launcher] = {}
    for name, program in PROGRAMS.items():
        if program.algorithm is None or not (imports := program.algorithm.imports):
            continue
        launcher = launchers.setdefault(imports, Launcher(imports))
        yield (sys.executable, "-m", module_of(name), "train"), launcher
        for step in program.algorithm.steps:
            yield ("python3", "-m", module_of(name), step), launcher


# All emulators of this process share them.
_WARM: Final[Mapping[tuple[str, ...], Launcher]] = dict(_warm())


@dataclass(frozen=True)
class Command:
    """What a container is started with.

    Attributes:
        arguments: The program and its arguments.
        replaces_entrypoint: Whether they stand in the place of the image's entry point, and not behind it.
    """

    arguments: tuple[str, ...]
    replaces_entrypoint: bool = False


@dataclass(frozen=True)
class Machine:
    """What all containers of an emulator share.

    Attributes:
        clients: To the host.
        work_dir: Where sandboxes and caches are.
        sessions: Gives out credentials of roles. Left out, the host's STS does.
    """

    clients: Clients
    work_dir: Path
    sessions: RoleSessions | None = None

    @property
    def state_dir(self) -> Path:
        """Where the emulator keeps all that it keeps, its records among it."""
        return self.work_dir.parent

    def as_role(self, key: RecordKey, role_arn: str | None) -> "Machine":
        """The machine as the work of a record sees it: what it asks of the host, its role asks.

        Raises:
            RoleError: The role cannot be assumed.
        """
        clients = self.clients.as_role(self.sessions, role_arn, key.account, work_of(key))
        return replace(self, clients=clients)

    def end_sessions(self, key: RecordKey) -> None:
        """Ends the sessions of the work of a record, which has ended."""
        if self.sessions is not None:
            self.sessions.end(work_of(key))

    def explain(self, key: RecordKey, reason: str, characters: int) -> str:
        """Why work failed, with the call that was refused to its role, if one was.

        Args:
            key: Of the record.
            reason: What is known besides.
            characters: How long it may be.
        """
        denied = None if self.sessions is None else self.sessions.denied(work_of(key))
        if denied is None:
            return reason
        return f"{reason[: max(0, characters - len(denied) - 1)]} {denied}"

    def environment(self, key: RecordKey, role_arn: str | None) -> dict[str, str]:
        """The environment that every container has: AWS's variables, and the credentials of its role.

        Raises:
            RoleError: The role cannot be assumed.
        """
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "AWS_REGION": key.region,
            "AWS_DEFAULT_REGION": key.region,
            "AWS_ENDPOINT_URL": self.clients.endpoint_url,
            **self._client_files(),
            "PYTHONUNBUFFERED": "1",
            "HOME": "/root" if os.geteuid() == 0 else os.environ.get("HOME", "/"),
        }
        if role_arn is not None:
            environment |= self._credentials(key, role_arn)
        return environment

    def _client_files(self) -> dict[str, str]:
        variables = write_client_files(self.work_dir, self.clients.endpoint_url, {})
        if namespaces_allowed():
            del variables[SDK_CONFIGURATION]  # what it is for the container's hosts do, whatever its version of the SDK
        return variables

    def start(
        self, sandbox: Sandbox, program: LocalProgram, command: Command, environment: Mapping[str, str], name: str
    ) -> SandboxedProcess:
        """Starts a program in a sandbox, or its image in the container engine.

        `python` in a container's scripts is the one of its image, with the packages that the image has. What it
        installs with pip goes into the sandbox, and not into the image's packages, which others use too.

        Args:
            sandbox: Its directories.
            program: What the image is on this machine.
            command: What to start.
            environment: From `environment`, with what the container has besides.
            name: By which the container engine knows it; no other container has it.

        Raises:
            RequirementsFailed: What it requires cannot be installed.
            InstallationFailed: What stands for the packages of its image cannot be installed.
        """
        if program.docker_image is not None:
            return self._start_docker(sandbox, program.docker_image, command, environment, name)
        environments = self.work_dir / "environments"
        environments.mkdir(parents=True, exist_ok=True)
        environment = {**environment, ENVIRONMENTS_VARIABLE: str(environments)}
        arguments, python, packages = command.arguments, None, _packages(sandbox, program, command)
        if program.algorithm is not None:
            python = _python_of_our_image(sandbox, program, self.work_dir / "python")
            environment |= _of_our_image(sandbox, program, environment)
        else:
            environment |= _of_own_image(sandbox, program, packages, environment, environments)
            arguments = _in_own_environment(sandbox, program, packages, runs_notebook(arguments))
        working_directory = Path(program.working_directory) if program.working_directory else None
        reads = () if packages is None else (packages,)
        launcher = _WARM.get(arguments) if _is_as_given(environment) else None
        shown = [environments, self.work_dir / DIRECTORY_NAME, *_kept_with_state(program, self.state_dir)]
        view = View.of_job(self.state_dir, [*reads, *program.files], shown)
        return sandbox.start(
            arguments, environment, working_directory, reads=reads, launcher=launcher, python=python, view=view
        )

    def _start_docker(
        self, sandbox: Sandbox, image: str, command: Command, environment: Mapping[str, str], name: str
    ) -> SandboxedProcess:
        own = {variable: value for variable, value in environment.items() if variable not in _OF_THIS_MACHINE}
        arguments = docker_run(
            image,
            command.arguments,
            replaces_entrypoint=command.replaces_entrypoint,
            opt_ml=sandbox.opt_ml,
            hosts=sandbox.hosts,
            work_dir=self.work_dir,
            host_name=sandbox.host_name,
            environment=own,
            name=name,
        )
        end = partial(end_container, name)
        return sandbox.start(arguments, {**os.environ, **own}, namespaces=False, at_kill=end)

    def _credentials(self, key: RecordKey, role_arn: str) -> dict[str, str]:
        if self.sessions is not None:
            return self.sessions.credentials(role_arn, key.account, work_of(key)).variables
        try:
            answer = self.clients.sts(key.account, key.region).assume_role(
                RoleArn=role_arn, RoleSessionName="SageMaker", DurationSeconds=CREDENTIALS_SECONDS
            )
        except ClientError as error:
            raise cannot_assume(role_arn) from error
        credentials = answer["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"],
        }


def work_of(key: RecordKey) -> str:
    """What tells the work of a record from other work, in the sessions of its role."""
    return f"{key.kind}/{key.account}/{key.region}/{key.name}"


def _is_as_given(environment: Mapping[str, str]) -> bool:
    """Whether a program finds nothing in its environment that it might have to know before its libraries."""
    threads = {environment.get(name, "") for name in THREAD_VARIABLES}
    return (
        _GIVEN.issuperset(environment)
        and len(threads) == 1
        and threads.pop().isdecimal()
        and environment["PYTHONUNBUFFERED"] == "1"
        and all(environment.get(name) == os.environ.get(name) for name in ("LANG", "LC_ALL", WAIT_VARIABLE))
    )


def _python_of_our_image(sandbox: Sandbox, program: LocalProgram, layers: Path) -> Mapping[str, str] | None:
    """The Python environment of one of our containers, for its sandbox; None where it is made in that."""
    commands = {"train": program.train, "serve": program.serve}
    programs = {name: command for name, command in commands.items() if command is not None}
    script = PROGRAMS[str(program.algorithm)].script
    modules = () if script is None else script.modules
    if namespaces_allowed():
        return python_below(sandbox, layers, programs, modules)
    make_environment(ContainerPaths(sandbox.opt_ml).python_directory, programs=programs, modules=modules)
    return None


def _of_our_image(sandbox: Sandbox, program: LocalProgram, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables of one of our containers: its version, and a Python environment of its own, first on the PATH."""
    seen = PythonEnvironment(ContainerPaths(sandbox.base_directory()).python_directory)
    variables = {} if program.version is None else {IMAGE_VERSION_VARIABLE: program.version}
    return {**variables, "PATH": os.pathsep.join([str(seen.programs), environment.get("PATH", os.defpath)])}


def _of_own_image(
    sandbox: Sandbox,
    program: LocalProgram,
    packages: Path | None,
    environment: Mapping[str, str],
    environments: Path,
) -> dict[str, str]:
    """The variables of a program that is not ours, which may have an interpreter and packages of its own."""
    path, python_path = environment.get("PATH", os.defpath), environment.get("PYTHONPATH", "").split(os.pathsep)
    if program.requirements is not None:
        python_path.insert(0, str(install_requirements(Path(program.requirements), environments)))
    variables = {}
    if packages is not None:
        make_environment_over(packages, ContainerPaths(sandbox.opt_ml).python_directory)
        seen = PythonEnvironment(ContainerPaths(sandbox.base_directory()).python_directory)
        path = os.pathsep.join([str(seen.programs), str(packages / "bin"), path])
    else:
        variables["PIP_TARGET"] = str(sandbox.base_directory() / _PACKAGES)
        python_path.insert(0, variables["PIP_TARGET"])
    return {**variables, "PATH": path, "PYTHONPATH": os.pathsep.join(filter(None, python_path))}


def _in_own_environment(
    sandbox: Sandbox, program: LocalProgram, packages: Path | None, arguments: tuple[str, ...]
) -> tuple[str, ...]:
    """The command with the sandbox's interpreter in place of that of the program's virtual environment."""
    executable = _executable(program, arguments)
    if packages is None or executable is None or executable.parent != packages / "bin":
        return arguments
    paths = [ContainerPaths(base).python_directory for base in (sandbox.opt_ml, sandbox.base_directory())]
    here, seen = (PythonEnvironment(path).programs / executable.name for path in paths)
    return (str(seen), *arguments[1:]) if here.is_symlink() else arguments


def _kept_with_state(program: LocalProgram, state_dir: Path) -> list[Path]:
    """The directories of a program that `sagecraft up` keeps with the state: those of an image that is an asset."""
    directories = (each if each.is_dir() else each.parent for each in program.files)
    return [each for each in directories if each.is_relative_to(state_dir / "cdk" / "images")]


def _packages(sandbox: Sandbox, program: LocalProgram, command: Command) -> Path | None:
    """The Python virtual environment that stands for the packages of an image; None where there is none."""
    if program.base_python is None and not program.is_distribution:
        return _virtual_environment(program)
    with sandbox.log.open("a", encoding="utf-8") as log:
        tell = partial(print, file=log, flush=True)
        if program.base_python is None:
            return kernel_environment(SdkVersion.V2, tell).directory
        return base_installation(Path(program.base_python), command.arguments).environment(tell).directory


def _virtual_environment(program: LocalProgram) -> Path | None:
    """The Python virtual environment that a program is in."""
    for command in (program.train, program.serve, program.process):
        executable = _executable(program, command)
        if executable is not None and (executable.parent.parent / "pyvenv.cfg").is_file():
            return executable.parent.parent
    return None


def _executable(program: LocalProgram, command: tuple[str, ...] | None) -> Path | None:
    """The file that a command starts, where it says which."""
    if not command or os.sep not in command[0]:
        return None
    return Path(os.path.normpath(Path(program.working_directory or "/") / command[0]))
