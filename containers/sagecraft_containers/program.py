"""What a container is started with: `python -m sagecraft_containers.NAME train|serve`."""

import sys
from collections.abc import Callable, Sequence

from sagecraft_containers.contract import EXIT_INTERNAL_ERROR, ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.training_run import StopRequest, run_training


def run_program(
    arguments: Sequence[str],
    train: Callable[[ContainerPaths, StopRequest], None],
    serve: Callable[[ContainerPaths], int],
) -> int:
    """Runs the program that the one argument names; returns the exit code of the process."""
    match arguments:
        case ["train"]:
            return run_training(train)
        case ["serve"]:
            try:
                return serve(ContainerPaths.from_environment())
            except UserError as error:
                print(f"Error: {error}", file=sys.stderr, flush=True)
                return error.exit_code
        case _:
            print("usage: train|serve", file=sys.stderr)
            return EXIT_INTERNAL_ERROR
