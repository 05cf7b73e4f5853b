"""Where things are in a notebook instance, as on AWS's images."""

from pathlib import Path
from typing import Final

USER: Final = "ec2-user"
HOME: Final = Path("/home") / USER
VOLUME: Final = HOME / "SageMaker"
"""What survives a stop; nothing else does."""
LOGS: Final = Path("/var/log")
CONDA: Final = HOME / "anaconda3"
COMMANDS: Final = Path("/run/sagecraft/bin")
"""Commands that stand for those of AWS's images."""
SCRIPTS_PATH: Final = f"{COMMANDS}:/sbin:/bin:/usr/sbin:/usr/bin"
"""What lifecycle scripts are given as PATH, behind those commands.

Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceLifecycleHook.html
"""
NO_SUDO: Final = "SAGECRAFT_NO_SUDO"
"""The variable by which the stand-in for `sudo` refuses: notebooks have it where their user is not to become root."""
