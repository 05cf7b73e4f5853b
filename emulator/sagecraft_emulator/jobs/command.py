"""What the container of a training or processing job is started with."""

from collections.abc import Mapping
from typing import Any

from sagecraft_emulator.container.container import Command
from sagecraft_emulator.errors import JobFailed


def job_command(specification: Mapping[str, Any], own: tuple[str, ...] | None, *, image: str, use: str) -> Command:
    """The request's `ContainerEntrypoint`, else the image's own program, with the `ContainerArguments` behind it.

    Args:
        specification: The request's `AlgorithmSpecification` or `AppSpecification`.
        own: The command of the image's local program; None when it has none.
        image: The image.
        use: What the job does: `train` or `process`.

    Raises:
        JobFailed: There is neither.
    """
    arguments = specification.get("ContainerArguments", [])
    if "ContainerEntrypoint" in specification:
        return Command((*specification["ContainerEntrypoint"], *arguments), replaces_entrypoint=True)
    if own is None:
        raise JobFailed(
            f"ClientError: the local program of '{image}' has no command to {use}. Register one with: sagecraft images "
            f"register {image} -- COMMAND; or give the job a ContainerEntrypoint, such as ['python3', 'script.py']."
        )
    return Command((*own, *arguments))
