"""What an app runs whose image is not SageMaker's own: the program of this machine that stands for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagecraft_emulator.container.images import ImageRegistry
from sagecraft_emulator.notebook.server import ServerFailed


@dataclass(frozen=True)
class OwnProgram:
    """A program that serves as JupyterLab does.

    Attributes:
        command: Before the options that say where it listens.
        environment: The variables that its configuration gives it.
        directory: Where it starts; None for the user's home.
        reads: What it is made of on this machine.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    directory: Path | None
    reads: Sequence[Path]


def own_program(images: ImageRegistry, image: Mapping[str, Any]) -> OwnProgram:
    """The program of an image.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-byoi-specs.html

    Args:
        images: Where programs are registered.
        image: Its `Uri`, with the members of a `ContainerConfig`.

    Raises:
        ServerFailed: There is none that can run; the message is for the user.
    """
    uri = image["Uri"]
    program = images.registered().get(uri)
    if program is None:
        raise ServerFailed(
            f"No program of this machine stands for the image '{uri}', and containers of apps do not run here. "
            f"Register one that serves as JupyterLab does, and create the app again: {_register(uri)}. Or leave the "
            "image out of the app's ResourceSpec, and it runs the emulator's JupyterLab."
        )
    if program.requirements is not None:
        raise ServerFailed(
            f"The program of the image '{uri}' has requirements to install, which apps do not do. Register the Python "
            f"of a virtual environment that has them: {_register(uri)}"
        )
    entry_point = image.get("ContainerEntrypoint") or program.process
    if not entry_point:
        raise ServerFailed(f"The program of the image '{uri}' trains or serves models alone; an app cannot run it.")
    directory = None if program.working_directory is None else Path(program.working_directory)
    return OwnProgram(
        (*entry_point, *image.get("ContainerArguments", [])),
        image.get("ContainerEnvironmentVariables", {}),
        directory,
        [*program.files, *(file.resolve() for file in program.files)],
    )


def _register(uri: str) -> str:
    return f"sagecraft images register {uri} -- /path/to/venv/bin/python -m jupyterlab"
