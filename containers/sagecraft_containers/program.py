"""What a container is started with: `python -m sagecraft_containers.NAME train|serve`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sagecraft_containers.contract import EXIT_INTERNAL_ERROR, ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.serving.script_code import enter_environment, is_named
from sagecraft_containers.training.run import StopRequest, run_training
from sagecraft_containers.training.script import has_script, train_by_script

Work = Callable[[ContainerPaths, StopRequest], None]
"""What a container does until it has done it, or is told to stop."""
TOOLKIT: Final = Path(__file__).with_name("script_modules")
"""The modules that AWS's images have in common, for their scripts."""


@dataclass(frozen=True)
class AlgorithmMode:
    """What a container does by an algorithm of its own; the functions import what they need when they are called.

    Attributes:
        train: Trains.
        serve: Serves a model of the algorithm; returns the exit code of the process.
        imports: What `train` and the steps import whatever their job is. None of it starts a thread or reads a job, so
            that an interpreter which has it can be forked for each job.
        packages: What it imports of the extra `algorithms`.
        steps: What it does besides, as processing jobs, by the argument that names it.
    """

    train: Work
    serve: Callable[[], int]
    imports: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    steps: Mapping[str, Work] = field(default_factory=dict)


@dataclass(frozen=True)
class ScriptMode:
    """What a container does by scripts of the user's.

    Attributes:
        serve: Serves by the functions of the user's, and returns the exit code of the process; called in the Python
            environment of their code, so it imports what it needs when it is called.
        modules: Directories of modules that the container offers to scripts, besides its packages.
    """

    serve: Callable[[], int]
    modules: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Program:
    """What a container runs as `train` and as `serve`.

    Attributes:
        algorithm: Its own algorithm; None where it runs a script always.
        script: How it runs scripts, which go before the algorithm where there are some; None where it takes none.
    """

    algorithm: AlgorithmMode | None = None
    script: ScriptMode | None = None

    @property
    def missing_packages(self) -> list[str]:
        """What its algorithm imports, and is not installed."""
        needed = () if self.algorithm is None else self.algorithm.packages
        return [package for package in needed if find_spec(package) is None]

    def run(self, arguments: Sequence[str]) -> int:
        """Does what the one argument names; returns the exit code of the process."""
        match arguments:
            case ["train"]:
                return run_training(self._train)
            case ["serve"]:
                try:
                    return self._serve(ContainerPaths.from_environment())
                except UserError as error:
                    print(f"Error: {error}", file=sys.stderr, flush=True)
                    return error.exit_code
            case [step] if self.algorithm is not None and step in self.algorithm.steps:
                return run_training(self.algorithm.steps[step])
            case _:
                print("usage: train|serve", file=sys.stderr)
                return EXIT_INTERNAL_ERROR

    def _train(self, paths: ContainerPaths, stop: StopRequest) -> None:
        if self.script is not None and (self.algorithm is None or has_script(paths)):
            train_by_script(paths, stop, self.script.modules)
        elif self.algorithm is not None:
            self.algorithm.train(paths, stop)

    def _serve(self, paths: ContainerPaths) -> int:
        if self.algorithm is not None and (self.script is None or not is_named()):
            return self.algorithm.serve()
        if self.script is None:
            raise AssertionError("a container has an algorithm of its own, or runs scripts")
        enter_environment(paths, self.script.modules)
        return self.script.serve()
