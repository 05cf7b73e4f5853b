"""The Python packages that a local program requires, installed once per content of its requirements file."""

from pathlib import Path

from sagecraft_containers.python_environment import RequirementsError, required_environment

from sagecraft_emulator.errors import EmulatorError


class RequirementsFailed(EmulatorError):
    """The requirements of a local program cannot be installed."""


def install_requirements(file: Path, cache_dir: Path) -> Path:
    """Installs what a requirements file names, and all that this needs: the program may have another interpreter.

    Args:
        file: The requirements file.
        cache_dir: Where installed packages are kept.

    Returns:
        The directory to put on the program's PYTHONPATH.

    Raises:
        RequirementsFailed: With pip's last lines.
    """
    try:
        return required_environment(file, cache_dir, alone=True).site_packages
    except OSError as error:
        raise RequirementsFailed(f"The requirements '{file}' cannot be read: {error.strerror}.") from error
    except RequirementsError as error:
        raise RequirementsFailed(f"The requirements '{file}' cannot be installed: {error}") from error
