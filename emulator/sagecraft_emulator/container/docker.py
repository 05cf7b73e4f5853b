"""The container engine, for images that have no local program.

None of this asks for more than the `docker` command; an engine that answers to it (Podman's, for one) will do.
"""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from sagecraft_emulator.client_files import DATA_PATH

_PROBE_SECONDS: Final = 5
_END_SECONDS: Final = 30
_LABEL: Final = "sagecraft.work-dir"


@cache
def docker_engine() -> str | None:
    """The version of the container engine that answers on this machine, or None. Asked once."""
    if shutil.which("docker") is None:
        return None
    try:
        done = _docker("version", "--format", "{{.Server.Version}}", timeout_seconds=_PROBE_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    version = done.stdout.strip()
    return version if done.returncode == 0 and version else None


def docker_run(
    image: str,
    command: Sequence[str],
    *,
    replaces_entrypoint: bool,
    opt_ml: Path,
    hosts: Path,
    work_dir: Path,
    host_name: str,
    environment: Mapping[str, str],
    name: str,
) -> list[str]:
    """The command line that runs an image as SageMaker would, on the machine's own network.

    Args:
        image: The image.
        command: What follows the image's entry point, or stands in its place.
        replaces_entrypoint: Whether it stands in its place.
        opt_ml: What the container is to see as `/opt/ml`.
        hosts: What it is to see as `/etc/hosts`: its own name and those of the job's other hosts.
        work_dir: Of the emulator; the container is labelled with it, so that leftovers can be found.
        host_name: What the container is called.
        environment: Only the names are in the command line: docker takes the values from its own environment.
        name: By which the container can be ended.
    """
    flags = ["--rm", "--init", "--network", "host", "--name", name, "--hostname", host_name]
    flags += ["--label", f"{_LABEL}={work_dir}", "--volume", f"{opt_ml}:/opt/ml"]
    flags += ["--volume", f"{hosts}:/etc/hosts"]
    if DATA_PATH in environment:
        flags += ["--volume", f"{environment[DATA_PATH]}:{environment[DATA_PATH]}:ro"]
    for variable in environment:
        flags += ["--env", variable]
    if replaces_entrypoint:
        return ["docker", "run", *flags, "--entrypoint", command[0], image, *command[1:]]
    return ["docker", "run", *flags, image, *command]


def end_container(name: str) -> None:
    """Ends a container, if it still is there."""
    _docker("rm", "--force", name, timeout_seconds=_END_SECONDS)


def end_leftover_containers(work_dir: Path) -> None:
    """Ends the containers of an emulator that was killed."""
    if docker_engine() is None:
        return
    listed = _docker("ps", "--all", "--quiet", "--filter", f"label={_LABEL}={work_dir}", timeout_seconds=_END_SECONDS)
    for container in listed.stdout.split():
        end_container(container)


def _docker(*arguments: str, timeout_seconds: float) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False, timeout=timeout_seconds)
