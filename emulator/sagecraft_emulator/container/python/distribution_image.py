"""SageMaker Distribution: the image of notebooks and of notebook jobs, which are training jobs that run one.

Its packages are those of a notebook's kernel.
"""

from pathlib import Path
from typing import Final

from . import notebook_job

DISTRIBUTION: Final = "sagemaker-distribution-prod"
"""The name of its repository."""
SCHEDULER: Final = "amazon_sagemaker_scheduler"
"""The program in it that runs a notebook."""


def runs_notebook(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """A command of the image, in which the program that runs a notebook is ours."""
    if arguments[:1] != (SCHEDULER,):
        return arguments
    return ("python3", str(Path(notebook_job.__file__)), *arguments[1:])
