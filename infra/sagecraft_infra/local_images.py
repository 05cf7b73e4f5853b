"""Local programs that an app declares for its images, registered with the emulator."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from .assembly import Assembly
from .container_engine import engine_answers
from .emulator_process import register_image

_ASSET_HASH_LENGTH: Final = 64


def register_declared_images(port: int, assembly: Assembly) -> list[str]:
    """Registers the programs of images that exist already, which the CDK CLI neither builds nor pushes.

    Those of images that it builds are registered when it pushes them, by `sagecraft-docker`.

    Args:
        port: The emulator's.
        assembly: The synthesized app; the programs' paths are relative to the current directory.

    Returns:
        One sentence for each image.
    """
    notes = []
    for stack in assembly.stacks:
        for image, program in stack.local_programs().items():
            if is_asset_hash(image):
                if not engine_answers():
                    notes.append(
                        f"No container engine answers: the image {image[:12]} of stack {stack.name} runs as the local "
                        f"program {program['entry_point']}"
                    )
                continue
            # Repositories of one's own are named without account and region, which the template may not know.
            uri = image if ".dkr." in image else f"{stack.account}.dkr.ecr.{stack.region}.amazonaws.com/{image}"
            register_program(port, uri, Path.cwd(), program)
            notes.append(f"Image {uri} runs as the local program {program['entry_point']}")
    return notes


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


def is_asset_hash(image: str) -> bool:
    """Whether an image is named by the hash of its asset: one that is built from a Dockerfile."""
    return len(image) == _ASSET_HASH_LENGTH and all(each in "0123456789abcdef" for each in image)
