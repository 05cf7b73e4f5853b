"""`python -m sagecraft_containers.sklearn train|serve`: scripts of the user's, always."""

import sys

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.program import run_program
from sagecraft_containers.script_training import train_by_script
from sagecraft_containers.serving.script_code import enter_environment


def _serve(paths: ContainerPaths) -> int:
    enter_environment(paths)
    from sagecraft_containers.sklearn import serving  # noqa: PLC0415 - in the environment of the user's code

    return serving.main()


if __name__ == "__main__":
    sys.exit(run_program(sys.argv[1:], train_by_script, _serve))
