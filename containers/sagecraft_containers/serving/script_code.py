"""The user's code that answers requests: where it is, and the Python environment that it runs in."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from sagecraft_containers.contract import (
    DEFAULT_BASE_DIRECTORY,
    PROGRAM_VARIABLE,
    SUBMIT_DIRECTORY_VARIABLE,
    ContainerPaths,
)
from sagecraft_containers.errors import UserError
from sagecraft_containers.python_environment import environment_for


def is_named() -> bool:
    """Whether `SAGEMAKER_PROGRAM` names a script; AWS's containers look for none in the archive without it."""
    return bool(os.environ.get(PROGRAM_VARIABLE))


def program() -> str:
    """The script with `model_fn`.

    Raises:
        UserError: None is named.
    """
    if not is_named():
        raise UserError(f"{PROGRAM_VARIABLE} is not set; set it to the script with model_fn, such as inference.py.")
    return os.environ[PROGRAM_VARIABLE]


def code_directory(paths: ContainerPaths) -> Path:
    """The directory of the user's code, fetched from S3 once where it is an archive there.

    Where nothing says where it is, it is `/opt/ml/code`, as in `_env.py` of `aws/sagemaker-containers`, by which AWS's
    containers of XGBoost and scikit-learn serve: what is in the archive of the model is not looked at.

    Raises:
        UserError: It cannot be fetched.
    """
    submitted = os.environ.get(SUBMIT_DIRECTORY_VARIABLE)
    if submitted is None:
        return paths.code_directory
    if not submitted.startswith("s3://"):
        return paths.base / submitted.removeprefix("file://").removeprefix(f"{DEFAULT_BASE_DIRECTORY}/")
    if not paths.code_directory.is_dir() or not any(paths.code_directory.iterdir()):
        from sagemaker_training import files  # noqa: PLC0415 - slow to import

        paths.code_directory.mkdir(parents=True, exist_ok=True)
        try:
            files.download_and_extract(submitted, str(paths.code_directory))
        except Exception as error:
            raise UserError(f"The code '{submitted}' cannot be fetched: {error}") from error
    return paths.code_directory


def enter_environment(paths: ContainerPaths, modules: Sequence[Path] = ()) -> None:
    """Goes on as a new program in the environment of the user's code; returns when it is that program.

    Args:
        paths: The container's files.
        modules: Directories of modules that the container offers to the code, besides its packages.

    Raises:
        UserError: The code cannot be fetched, or its requirements cannot be installed.
    """
    if Path(sys.prefix) == paths.python_directory:
        return
    code = code_directory(paths)
    python = environment_for(code, paths.python_directory, paths.environments_directory(), modules)
    python.activate()
    os.execv(python.python, [str(python.python), *sys.orig_argv[1:]])  # noqa: S606 - no shell is wanted
