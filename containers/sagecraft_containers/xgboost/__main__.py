"""`python -m sagecraft_containers.xgboost train|serve`: the built-in algorithm, or scripts of the user's."""

import sys
from pathlib import Path

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.program import run_program
from sagecraft_containers.script_training import has_script, train_by_script
from sagecraft_containers.serving.script_code import enter_environment, has_code
from sagecraft_containers.training_run import StopRequest


def _train(paths: ContainerPaths, stop: StopRequest) -> None:
    if has_script(paths):
        train_by_script(paths, stop, Path(__file__).with_name("script_modules"))
        return
    from sagecraft_containers.xgboost.training import train  # noqa: PLC0415 - a script does without

    train(paths, stop)


def _serve(paths: ContainerPaths) -> int:
    if has_code(paths):
        enter_environment(paths)
        from sagecraft_containers.xgboost import script_serving  # noqa: PLC0415 - in the user's code's environment

        return script_serving.main()
    from sagecraft_containers.xgboost import serving  # noqa: PLC0415 - training does without

    return serving.main()


if __name__ == "__main__":
    sys.exit(run_program(sys.argv[1:], _train, _serve))
