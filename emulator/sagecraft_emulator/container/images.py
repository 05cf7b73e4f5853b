"""Which program on this machine stands for a container image.

AWS's images that we have a container for have that as their program, and its base Python images a Python of this
machine. Any other image is registered by the user, or runs in a container engine where one answers.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sagecraft_catalog import EcrImage, MetricDefinition, algorithm, algorithm_of_script
from sagecraft_containers.contract import SUBMIT_DIRECTORY_HYPERPARAMETER, SUBMIT_DIRECTORY_VARIABLE
from sagecraft_containers.programs import PROGRAMS, module_of, not_installed

from sagecraft_emulator.errors import UnknownImage
from sagecraft_emulator.state.store import Store

from .docker import docker_engine
from .python.base_image import BASE_IMAGES
from .python.distribution_image import DISTRIBUTION
from .python.interpreter import interpreter

_CODE_OF_MODEL: Final = "/opt/ml/model/code"
_OWN_VERSION: Final = "{}.{}".format(*sys.version_info)


@dataclass(frozen=True)
class LocalProgram:
    """What runs on this machine in place of a container image.

    Attributes:
        train: Command of a training container, or None when it cannot train.
        serve: Command of a serving container, or None when it cannot serve.
        process: Command of a processing container, or None when a job has to say it by its `ContainerEntrypoint`.
        working_directory: Where the commands start; the container's `/opt/ml` when None.
        requirements: A requirements.txt to install for it, or None.
        algorithm: The catalog's name when the image is AWS's, else None.
        version: The catalog's version of it when the image is AWS's, else None.
        docker_image: The image, when a container engine runs it.
        base_python: The interpreter of this machine that is the image's, when that is one of AWS's base Python images.
        is_distribution: Whether the image is SageMaker Distribution, which has the packages of a notebook's kernel.
    """

    train: tuple[str, ...] | None = None
    serve: tuple[str, ...] | None = None
    process: tuple[str, ...] | None = None
    working_directory: str | None = None
    requirements: str | None = None
    algorithm: str | None = None
    version: str | None = None
    docker_image: str | None = None
    base_python: str | None = None
    is_distribution: bool = False

    @property
    def files(self) -> list[Path]:
        """What it names of this machine."""
        words = [*(self.train or ()), *(self.serve or ()), *(self.process or ()), self.working_directory or ""]
        return [path for path in map(Path, words) if path.is_absolute()]

    @property
    def metric_definitions(self) -> tuple[MetricDefinition, ...]:
        """The metrics that AWS reads from the log of this algorithm without being told."""
        known = algorithm(self.algorithm) if self.algorithm else None
        return () if known is None or known.script is not None else known.metric_definitions


class ImageRegistry:
    """Finds the local program of an image.

    Args:
        store: Where registrations are.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def register(self, uri: str, program: LocalProgram) -> None:
        """Names the local program of an image, in place of an earlier one.

        Raises:
            ValueError: The program has no command, or a path of it does not exist.
        """
        if not (program.train or program.serve or program.process):
            raise ValueError(f"The local program of '{uri}' must have a command to train, to serve or to process.")
        for what, path in (
            ("working directory", program.working_directory),
            ("requirements file", program.requirements),
        ):
            if path is not None and not Path(path).exists():
                raise ValueError(f"The {what} '{path}' of the local program of '{uri}' does not exist.")
        self._store.set_image(uri, asdict(program))

    def remove(self, uri: str) -> bool:
        """Forgets the local program of an image; whether there was one."""
        return self._store.remove_image(uri)

    def is_registered(self, uri: str) -> bool:
        """Whether a program of this machine stands for an image because somebody said so."""
        return uri in self._store.images()

    def registered(self) -> dict[str, LocalProgram]:
        """The registered programs by image URI."""
        return {uri: _program(data) for uri, data in self._store.images().items()}

    def lacking(self, uri: str, script: str = "") -> str | None:
        """What is to be said of an image of a built-in algorithm that nothing here can run; None of any other.

        Args:
            uri: The image's.
            script: Where the script lies that it is to run, as the request has it.
        """
        if self.is_registered(uri):
            return None
        outdated = _outdated(uri)
        name = built_in_algorithm(uri) or algorithm_of_script(script)
        if outdated is not None or name is None:
            return outdated
        if name in PROGRAMS:
            return not_installed(name)
        if docker_engine() is not None:
            return None
        return (
            f"The algorithm {name} is not supported by this emulator: it has no program. Register one of yours: "
            f"sagecraft images register {uri} -- COMMAND...; or use what has one: {', '.join(sorted(PROGRAMS))}."
        )

    def of_model(self, container: Mapping[str, Any]) -> LocalProgram:
        """The local program of a model's container.

        The script that serves may stand in the model's data, where AWS's script that trained has left it.

        Raises:
            UnknownImage: There is none.
        """
        script: str = container.get("Environment", {}).get(SUBMIT_DIRECTORY_VARIABLE, "")
        if script == _CODE_OF_MODEL:
            script = self._script_that_trained(container.get("ModelDataUrl", ""))
        return self.resolve(container["Image"], script)

    def resolve(self, uri: str, script: str = "") -> LocalProgram:
        """The local program of an image, or of a script of AWS's that it is to run.

        Args:
            uri: The image's.
            script: Where the script lies, as the request has it.

        Raises:
            UnknownImage: There is none; the message tells all the ways to give it one.
        """
        registered = self.registered()
        if uri in registered:
            return registered[uri]
        lacking = self.lacking(uri, script)
        if lacking is not None:
            raise UnknownImage(lacking)
        scripted = algorithm_of_script(script)
        if scripted is not None and scripted in PROGRAMS:
            return _built_in(scripted, None)
        repository, tag = _repository_and_tag(uri)
        name = built_in_algorithm(uri)
        if name is not None and name in PROGRAMS:
            return _built_in(name, tag)
        if repository == DISTRIBUTION:
            return LocalProgram(is_distribution=True)
        version = BASE_IMAGES.get(repository)
        base_python = None if version is None else interpreter(version)
        if base_python is not None:
            return LocalProgram(base_python=str(base_python))
        if docker_engine() is not None:
            return LocalProgram(train=("train",), serve=("serve",), process=(), docker_image=uri)
        if version is not None:
            raise UnknownImage(
                f"The image '{uri}' has Python {version}, and this machine has Python {_OWN_VERSION}, but none of that "
                f"version, and no container engine. Install one, such as by: uv python install {version}; or start "
                "Docker."
            )
        raise UnknownImage(
            f"No local program is known for the image '{uri}', and no container engine answers on this machine. Either "
            f"register one: sagecraft images register {uri} -- COMMAND...; or declare it where the image is declared: "
            "TrainingContainer(..., local_program=LocalProgram(entry_point=...)); or start Docker; or use an image "
            f"that needs nothing: {', '.join(sorted(_program_repositories()))}."
        )

    def _script_that_trained(self, model_data: str) -> str:
        """Where the script lies by which a training job has made model data; nothing where none of ours has."""
        for job in self._store.each("TrainingJob"):
            if job.body.get("ModelArtifacts", {}).get("S3ModelArtifacts") == model_data:
                return str(job.body.get("HyperParameters", {}).get(SUBMIT_DIRECTORY_HYPERPARAMETER, ""))
        return ""


def built_in_algorithm(uri: str) -> str | None:
    """The catalog's name of the algorithm or framework whose image of AWS's it is; None of any other image.

    An account's own repository may be called `pca` as well.
    """
    image = EcrImage.parse(uri)
    if image is not None and image.built_in_algorithm is not None:
        return image.built_in_algorithm
    repository = _repository_and_tag(uri)[0]
    return _program_repositories().get(repository) if repository.startswith("sagemaker-") else None


@cache
def _program_repositories() -> Mapping[str, str]:
    """The names of our programs by the repository of AWS's images, which is that of its newest version."""
    known = (algorithm(name) for name in PROGRAMS)
    return {each.repository(each.versions[-1]): each.name for each in known if each.versions}


def _outdated(uri: str) -> str | None:
    """What is to be said of an image of AWS's that is too old to have a program here; None of any other."""
    repository, tag = _repository_and_tag(uri)
    if repository != "xgboost":
        return None
    return (
        f"The image '{uri}' is XGBoost 0.72 of 2018 (version '{tag}'), which this emulator does not have. Use the "
        f"repository 'sagemaker-xgboost' with a version such as {algorithm('xgboost').versions[-1]}."
    )


def _built_in(name: str, tag: str | None) -> LocalProgram:
    program = (sys.executable, "-m", module_of(name))
    version = None if tag is None else algorithm(name).version_of_tag(tag)
    return LocalProgram(train=(*program, "train"), serve=(*program, "serve"), algorithm=name, version=version)


def _program(data: Mapping[str, Any]) -> LocalProgram:
    commands = {use: tuple(data[use]) if data.get(use) else None for use in ("train", "serve", "process")}
    return LocalProgram(**{**data, **commands})


def _repository_and_tag(uri: str) -> tuple[str, str]:
    name, _, tag = uri.partition("@")[0].rpartition("/")[2].partition(":")
    return name, tag
