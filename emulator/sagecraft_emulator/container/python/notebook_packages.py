"""The Python packages of notebook instances, installed once for all emulators of a user.

JupyterLab has a virtual environment, and each version of the SageMaker SDK one with the kernel's packages. What is in
them is pinned by the lists in `pins/`, and nothing else is. Instances read them; what an instance installs goes on top,
into its own. That of JupyterLab has no rfc3987-syntax, and no lark, which it alone needs: jsonschema imports it where
it is there, to check texts of the format `iri`, which no schema of Jupyter has, and its grammar takes longer to compile
than all else that JupyterLab imports.
"""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Final

from sagecraft_containers.python_environment import PythonEnvironment

from sagecraft_emulator.settings import cache_dir

from .installation import Installation, Tell

_PREFIX: Final = "notebook"


class SdkVersion(StrEnum):
    """Which SageMaker SDK the kernel of a notebook instance has."""

    V2 = "2"
    V3 = "3"


def jupyter_environment(tell: Tell) -> PythonEnvironment:
    """The environment of JupyterLab; installed where it is missing.

    Args:
        tell: Is told what goes on.

    Raises:
        InstallationFailed: The packages cannot be installed.
    """
    return _installed("jupyter", tell)


def kernel_environment(sdk: SdkVersion, tell: Tell) -> PythonEnvironment:
    """The environment of the kernel; installed where it is missing.

    Args:
        sdk: Which SageMaker SDK it has.
        tell: Is told what goes on.

    Raises:
        InstallationFailed: The packages cannot be installed.
    """
    return _installed(f"sdk-{sdk}", tell)


def _installed(name: str, tell: Tell) -> PythonEnvironment:
    with _installation(name) as installation:
        built = installation.environment(tell)
    # Notebooks run in the kernel of their own environment, and not among the packages of the server.
    shutil.rmtree(built.directory / "share" / "jupyter" / "kernels", ignore_errors=True)
    return built


@contextmanager
def _installation(name: str) -> Iterator[Installation]:
    with resources.as_file(_pins(name)) as pins:
        yield Installation(
            what=_SPOKEN[name],
            directory=cache_dir() / f"{_PREFIX}-{name}-{_digest(name)}",
            arguments=("--no-deps", "--requirement", str(pins)),
            again="run: sagecraft notebook setup",
        )


@cache
def _digest(name: str) -> str:
    """Tells environments of other pins, or another interpreter, apart."""
    return hashlib.sha256(_pins(name).read_bytes() + f"{sys.version} {sys.base_prefix}".encode()).hexdigest()[:16]


def _pins(name: str) -> "resources.abc.Traversable":
    return resources.files(__package__).joinpath("pins", f"{name}.txt")


_SPOKEN: Final = {
    "jupyter": "JupyterLab",
    **{f"sdk-{version}": f"the notebook kernel with the SageMaker SDK v{version}" for version in SdkVersion},
}
