"""Local programs that an app declares for its images, registered with the emulator."""

from pathlib import Path

from sagecraft_infra.docker.engine import engine_answers
from sagecraft_infra.emulator.images import register_program
from sagecraft_infra.project.assembly import Assembly, is_asset_hash


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
