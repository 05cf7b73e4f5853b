"""The XGBoost container: the built-in algorithm, or scripts of the user's."""
# ruff: noqa: PLC0415 - each imports what it needs when it is called

from pathlib import Path
from typing import Final

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.program import TOOLKIT, AlgorithmMode, Program, ScriptMode
from sagecraft_containers.training.run import StopRequest


def _train(paths: ContainerPaths, stop: StopRequest) -> None:
    from .training.algorithm import train

    train(paths, stop)


def _serve() -> int:
    from .serving import algorithm

    return algorithm.main()


def _serve_script() -> int:
    from .serving import script

    return script.main()


PROGRAM: Final = Program(
    algorithm=AlgorithmMode(_train, _serve, imports=("sagecraft_containers.xgboost.training.algorithm", "pyarrow.csv")),
    script=ScriptMode(_serve_script, modules=(Path(__file__).with_name("script_modules"), TOOLKIT)),
)
