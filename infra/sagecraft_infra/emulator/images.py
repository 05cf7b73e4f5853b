"""The local programs that the emulator runs in place of images."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from .process import ask


def register_image(
    port: int,
    uri: str,
    *,
    train: list[str],
    serve: list[str],
    process: list[str],
    requirements: str | None = None,
    working_directory: str | None = None,
) -> None:
    """Tells the emulator which program to run for an image.

    Args:
        port: The emulator's.
        uri: The image.
        train: The command of a training job.
        serve: The command of an endpoint.
        process: The command of a processing job.
        requirements: A pip requirements file that the program needs. Left out, it needs nothing.
        working_directory: Where the command starts. Left out, where the emulator chooses.
    """
    members: dict[str, Any] = {"uri": uri, "train": train, "serve": serve, "process": process}
    if requirements is not None:
        members["requirements"] = requirements
    if working_directory is not None:
        members["working_directory"] = working_directory
    ask(port, "POST", "images", members)


def remove_image(port: int, uri: str) -> None:
    """Forgets the program of an image.

    Raises:
        UserError: None is registered for it.
    """
    ask(port, "DELETE", f"images?uri={quote(uri, safe='')}")


def register_program(port: int, uri: str, directory: Path, program: Mapping[str, str]) -> None:
    """Registers the Python program that stands for an image.

    Args:
        port: The emulator's.
        uri: The image.
        directory: What the program's paths are relative to.
        program: `entry_point`, and `requirements` where it has some.
    """
    command = [sys.executable, str(directory / program["entry_point"])]
    requirements = program.get("requirements")
    register_image(
        port,
        uri,
        train=[*command, "train"],
        serve=[*command, "serve"],
        process=command,
        requirements=None if requirements is None else str(directory / requirements),
        working_directory=str(directory),
    )
