"""`sagecraft env`."""

import os
import sys

from sagecraft_infra.environment import emulator_variables, shell_lines
from sagecraft_infra.project import Project

from .options import JsonOption, PortOption, StateDirOption
from .output import write_json


def env(*, port: PortOption = None, state_dir: StateDirOption = None, json: JsonOption = False) -> None:
    """Write the variables that point boto3, the CDK CLI and the SageMaker SDK at the emulator.

    Use it so: eval "$(sagecraft env)"
    """
    variables = emulator_variables(Project.here(port=port, state_dir=state_dir), os.environ)
    if json:
        write_json(variables)
        return
    sys.stdout.write("\n".join(shell_lines(variables)) + "\n")
