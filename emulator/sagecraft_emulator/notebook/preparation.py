"""What a notebook instance is given before it starts: its Python, its identity, and what is done first in it."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sagecraft_containers.python_environment import PythonEnvironment

from sagecraft_emulator.client_files import leads_nowhere
from sagecraft_emulator.container.container import Machine
from sagecraft_emulator.container.python.notebook_packages import SdkVersion, jupyter_environment, kernel_environment
from sagecraft_emulator.state.store import Record, Store

from .environment.definition import Definition, local_paths
from .environment.home import Identity, InstanceFiles, jupyter_server, variables
from .environment.steps import Pace, Step, steps
from .place import Place

logger = logging.getLogger(__name__)

_METADATA: Final = "metadata/resource-metadata.json"


@dataclass(frozen=True)
class Preparation:
    """What an instance is given.

    Attributes:
        server: The command that is JupyterLab, before its options.
        environment: The environment of everything that runs in the instance.
        steps: What is done first, in this order.
        arguments: What JupyterLab is told besides.
        given: Files and directories of this machine that the instance sees, and may change, by the path there.
        reads: Directories of this machine that it reads.
        directory: Where JupyterLab is started. Left out, in the volume.
    """

    server: Sequence[str]
    environment: Mapping[str, str]
    steps: Sequence[Step] = ()
    arguments: Sequence[str] = ()
    given: Mapping[str, Path] = field(default_factory=dict)
    reads: Sequence[Path] = ()
    directory: Path | None = None


def prepare(machine: Machine, store: Store, record: Record, place: Place, pace: Pace) -> Preparation:
    """Prepares an instance that is to start.

    Args:
        machine: What containers share.
        store: Where the records are that it names.
        record: Of the instance; `_Created` in its body tells that it has been in service before.
        place: Its directories, made.
        pace: How long what is done first may take.

    Raises:
        EmulatorError: It cannot start; the message is for the user.
    """
    role_arn = record.body["RoleArn"]
    definition = Definition(store, record, machine.as_role(record.key, role_arn).clients)
    repositories = definition.repositories()
    scripts = definition.scripts(is_first="_Created" not in record.body)
    local = list(local_paths(repositories))
    metadata = {"ResourceArn": record.arn, "ResourceName": record.key.name}
    outfit = fit_out(machine, record, role_arn, definition.sdk, place, metadata)
    root_access = record.body.get("RootAccess") != "Disabled"
    default = record.body.get("DefaultCodeRepository")
    return Preparation(
        jupyter_server(),
        {**outfit.environment, **variables(outfit.jupyter, root_access=root_access)},
        steps(record.arn, repositories, scripts, place.sandbox.tmp, pace),
        [] if default is None else [f"--ServerApp.default_url=/lab/tree/{repositories[0].directory}"],
        outfit.given,
        [*outfit.reads, *local],
    )


@dataclass(frozen=True)
class Outfit:
    """What every JupyterLab in a sandbox is given.

    Attributes:
        jupyter: The environment of JupyterLab.
        environment: What all containers have in their environment, without an identity.
        given: As of a preparation.
        reads: As of a preparation.
    """

    jupyter: PythonEnvironment
    environment: Mapping[str, str]
    given: Mapping[str, Path]
    reads: Sequence[Path]


def fit_out(
    machine: Machine, record: Record, role_arn: str, sdk: SdkVersion, place: Place, metadata: Mapping[str, str]
) -> Outfit:
    """Writes the files that are not the user's.

    Args:
        machine: What containers share.
        record: Of what is to start.
        role_arn: As which role what runs in it asks.
        sdk: Which SageMaker SDK its kernel has.
        place: Its directories, made.
        metadata: What it is, for AWS's tools.

    Raises:
        EmulatorError: The environments or the role are not there.
    """
    jupyter, kernel = jupyter_environment(logger.info), kernel_environment(sdk, logger.info)
    environment = machine.environment(record.key, role_arn)
    credentials = {name: value for name, value in environment.items() if name in _CREDENTIALS}
    files = InstanceFiles(place.running / "given")
    files.write(Identity(record.arn, machine.clients.endpoint_url, credentials), jupyter, kernel)
    file = place.sandbox.opt_ml / _METADATA
    file.parent.mkdir()
    file.write_text(json.dumps(metadata), encoding="utf-8")
    # Its identity is in files: it is the same for whatever runs in it, and however that is started.
    machines = {name: value for name, value in leads_nowhere(environment).items() if not name.startswith("AWS_")}
    return Outfit(jupyter, machines, files.given, [jupyter.directory, kernel.directory])


_CREDENTIALS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
