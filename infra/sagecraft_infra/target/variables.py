"""The environment variables that point boto3, the CDK CLI and the SageMaker SDK at a target."""

import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sagecraft_emulator.client_files import (
    LEADING_ELSEWHERE,
    hosts_led_here,
    leads_elsewhere,
    without_client_files,
    write_client_files,
)
from sagecraft_emulator.settings import HOST

from sagecraft_infra.project import Project
from sagecraft_infra.toolchain import tool_variables

DOCKER_COMMAND: Final = "sagecraft-docker"
SECRET: Final = "sagecraft"  # noqa: S105 - the emulator takes any secret; this one says whose it is
_OUR_CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
}


def emulator_variables(project: Project, environment: Mapping[str, str]) -> dict[str, str]:
    """What `sagecraft env` exports. The files that some of it names are written beside the emulator's state.

    Args:
        project: Whose emulator.
        environment: The environment so far; `PATH` and `NO_PROXY` are added to.
    """
    endpoint = project.endpoint_url
    no_proxy = environment.get("NO_PROXY", environment.get("no_proxy", ""))
    hosts = (*no_proxy.split(","), HOST, "localhost", urlsplit(endpoint).hostname, *hosts_led_here(project.region))
    exempt = ",".join(dict.fromkeys(host for host in hosts if host))
    return {
        "AWS_ACCESS_KEY_ID": project.account,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": project.region,
        "AWS_DEFAULT_REGION": project.region,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_EC2_METADATA_DISABLED": "true",
        **write_client_files(project.client_files_dir, endpoint, environment),
        "CDK_HOME": str(project.cdk_home),
        "CDK_DOCKER": str(Path(sys.executable).with_name(DOCKER_COMMAND)),
        "NO_PROXY": exempt,
        "no_proxy": exempt,
        **tool_variables(environment.get("PATH", "")),
    }


def emulator_environment(project: Project, environment: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process that talks to the emulator: none of the user's own credentials are in it."""
    kept = {name: value for name, value in environment.items() if not leads_elsewhere(name)}
    return {**kept, **emulator_variables(project, environment)}


def aws_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process that talks to AWS: the user's own, without what `sagecraft env` has set.

    Where the credentials are the emulator's they are left out as well, so that the user's profile is found.
    """
    dropped = {name for name, value in environment.items() if _is_ours(name, value)}
    if dropped:
        dropped.add("CDK_HOME")
    if environment.get("AWS_SECRET_ACCESS_KEY") == SECRET:
        dropped |= _OUR_CREDENTIALS
    kept = {name: value for name, value in without_client_files(environment).items() if name not in dropped}
    return {**kept, **tool_variables(environment.get("PATH", ""))}


def shell_lines(variables: Mapping[str, str], environment: Mapping[str, str]) -> list[str]:
    """The variables as commands of a POSIX shell, which has an environment with others that would lead elsewhere."""
    others = {name for name in environment if leads_elsewhere(name)} - variables.keys()
    unset = " ".join(dict.fromkeys([*LEADING_ELSEWHERE, *sorted(others)]))
    return [f"unset {unset}", *(f"export {name}={shlex.quote(value)}" for name, value in variables.items())]


def _is_ours(name: str, value: str) -> bool:
    if name.startswith("AWS_ENDPOINT_URL"):
        return urlsplit(value).hostname in {HOST, "localhost"}
    return name == "CDK_DOCKER" and Path(value).name == DOCKER_COMMAND
