"""`sagecraft env`."""

import os
import sys

from sagecraft_infra.cli.terminal.options import EndpointUrlOption, JsonOption, PortOption, StateDirOption, target_of
from sagecraft_infra.target import TargetName
from sagecraft_infra.target.variables import emulator_variables, shell_lines
from sagecraft_infra.terminal.output import write_json


def env(
    *,
    endpoint_url: EndpointUrlOption = None,
    port: PortOption = None,
    state_dir: StateDirOption = None,
    json: JsonOption = False,
) -> None:
    """Write the variables that point boto3, the CDK CLI and the SageMaker SDK at the emulator.

    Use it so: eval "$(sagecraft env)"
    """
    chosen = target_of(TargetName.LOCAL, port, state_dir, endpoint_url=endpoint_url)
    variables = emulator_variables(chosen.project, os.environ)
    if json:
        write_json(variables)
        return
    sys.stdout.write("\n".join(shell_lines(variables, os.environ)) + "\n")
