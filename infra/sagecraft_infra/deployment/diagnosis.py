"""What a machine has of what Sagecraft needs."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sagecraft_containers.programs import PROGRAMS, not_installed
from sagecraft_emulator.container.sandbox import namespaces_allowed
from sagecraft_emulator.front import server
from sagecraft_emulator.hosts.functions import node_sdk

from sagecraft_infra.docker.engine import engine_answers
from sagecraft_infra.emulator.process import port_taken
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.toolchain import cdk_command, node

MINIMUM_PYTHON: Final = (3, 11)
MINIMUM_FREE_GIB: Final = 2
_TIMEOUT_SECONDS: Final = 30


class Severity(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    NOTE = "note"
    MISSING = "missing"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: What was looked at.
        severity: How bad it is; a note does not keep anything from working.
        detail: What was found.
        mend: The command that mends it, where one does.
    """

    subject: str
    severity: Severity
    detail: str
    mend: str | None = None


def examine(project: Project) -> list[Finding]:
    """Looks at everything that a deployment to the emulator of the project needs."""
    return [
        _python(),
        *_tools(),
        _node_sdk(),
        _port(project),
        _state_dir(project),
        _sandbox(),
        _engine(),
        _algorithms(),
    ]


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= MINIMUM_PYTHON:
        return Finding("Python", Severity.OK, f"{version}, {sys.executable}")
    return Finding("Python", Severity.MISSING, f"{version} is too old", "make PYTHON=python3.11 setup")


def _tools() -> Iterator[Finding]:
    try:
        yield Finding("Node.js", Severity.OK, f"{_output(str(node()), '--version')}, {node()}")
        yield Finding("CDK CLI", Severity.OK, _output(*cdk_command("--version")))
    except UserError as error:
        yield Finding("Node.js and the CDK CLI", Severity.MISSING, str(error), "pip install 'sagecraft[local]'")


def _node_sdk() -> Finding:
    subject = "AWS SDK for JavaScript"
    if node_sdk.sdk_installed():
        return Finding(subject, Severity.OK, str(node_sdk.sdk_dir()))
    return Finding(subject, Severity.MISSING, "Lambda functions in Node.js need it", "sagecraft doctor --fix")


def _port(project: Project) -> Finding:
    port = project.settings.port
    health = server.health(project.settings)
    if health is not None:
        whose = "this project's" if health.state_dir == project.settings.state_dir else f"the one in {health.state_dir}"
        return Finding("Port", Severity.OK, f"{port}: an emulator answers, {whose}")
    if port_taken(port):
        return Finding("Port", Severity.MISSING, f"{port} is taken by another program", "sagecraft up --port 4567")
    return Finding("Port", Severity.OK, f"{port} is free")


def _state_dir(project: Project) -> Finding:
    place = project.settings.state_dir
    existing = next(each for each in (place, *place.parents) if each.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        return Finding(
            "State directory", Severity.MISSING, f"{place} cannot be written", "sagecraft up --state-dir DIRECTORY"
        )
    free_gib = shutil.disk_usage(existing).free / 2**30
    if free_gib < MINIMUM_FREE_GIB:
        detail = f"{place}: {free_gib:.1f} GiB are free, of at least {MINIMUM_FREE_GIB} GiB"
        return Finding("State directory", Severity.MISSING, detail, "sagecraft up --state-dir DIRECTORY")
    return Finding("State directory", Severity.OK, f"{place}, {free_gib:.0f} GiB free")


def _sandbox() -> Finding:
    subject = "Namespaces"
    if namespaces_allowed():
        return Finding(subject, Severity.OK, "every job has its own /opt/ml, /tmp and host name")
    detail = "not allowed here: jobs find their files by SAGEMAKER_BASE_DIR instead of /opt/ml"
    return Finding(subject, Severity.NOTE, detail)


def _engine() -> Finding:
    subject = "Container engine"
    if engine_answers():
        return Finding(subject, Severity.OK, "docker answers: Dockerfiles are built")
    return Finding(subject, Severity.NOTE, "none answers: a Dockerfile's declared local program runs instead")


def _algorithms() -> Finding:
    subject = "Built-in algorithms"
    lacking = [name for name in sorted(PROGRAMS) if not_installed(name) is not None]
    if not lacking:
        return Finding(subject, Severity.OK, "all that have a program here run")
    detail = f"{', '.join(lacking)} need packages that are not installed"
    return Finding(subject, Severity.NOTE, detail, "pip install 'sagecraft[algorithms]'")


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_TIMEOUT_SECONDS)
    if done.returncode != 0:
        raise UserError(f"{Path(command[0]).name} does not run: {done.stderr.strip()}")
    return done.stdout.strip()
