"""The linear-learner container."""

# ruff: noqa: PLC0415 - each imports what it needs when it is called
from typing import Final

from sagecraft_containers.algorithm.imports import GRADIENTS
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.program import AlgorithmMode, Program
from sagecraft_containers.training.run import StopRequest


def _train(paths: ContainerPaths, stop: StopRequest) -> None:
    from .training import main

    main(paths, stop)


def _serve() -> int:
    from .serving import main

    return main()


PROGRAM: Final = Program(algorithm=AlgorithmMode(_train, _serve, imports=GRADIENTS, packages=("jax", "optax")))
