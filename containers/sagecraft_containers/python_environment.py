"""Python environments: a user's packages on top of the container's own, which stay as they are.

An environment is a virtual environment whose interpreter sees its own packages first, and the container's behind them.
One that holds the packages of a `requirements.txt` is built once, however many jobs ask for it, and kept for the next.
"""

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import site
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from sagecraft_containers.errors import UserError

REQUIREMENTS_FILE: Final = "requirements.txt"
_PIP_OPTIONS: Final = ("--disable-pip-version-check", "--no-input", "--no-warn-conflicts", "--quiet")
"""Without a look for conflicts, which is half of pip's time and tells nobody: what pip says is shown when it fails."""
_COMPLETE: Final = ".complete"
_LINES_SHOWN: Final = 5
_COMMENT: Final = re.compile(r"(^|\s)#.*$", re.MULTILINE)
_BUILDS: Final = {"xgboost": "xgboost-cpu"}
"""Packages, each with another build of it that is what its name asks for."""
_PYTHON: Final = f"python{sys.version_info.major}.{sys.version_info.minor}"
_VERSION: Final = ".".join(map(str, sys.version_info[:3]))
_QUIET: Final = (
    'import logging; logging.getLogger("botocore.configprovider")'
    '.addFilter(lambda record: not str(record.msg).startswith("Found endpoint for"))\n'
)
"""Botocore tells of each client that its endpoint was configured, which none is on AWS. Whoever logs at the level INFO
reads that, as whoever imports the SageMaker SDK's experiments does (`sagemaker/experiments/_metrics.py` of v2)."""
_WORDS: Final = re.compile(r"[\s=@;]+|file://|^-[rce]", re.MULTILINE)


class RequirementsError(UserError):
    """Packages that cannot be installed; the message ends with pip's last lines."""


@dataclass(frozen=True)
class PythonEnvironment:
    """A virtual environment.

    Attributes:
        directory: Where it is.
    """

    directory: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.directory / "bin" / "python"

    @property
    def site_packages(self) -> Path:
        """Its own packages."""
        return self.directory / "lib" / _PYTHON / "site-packages"

    @property
    def programs(self) -> Path:
        """Its programs, among them `python`, `python3` and `pip`; for the PATH."""
        return self.directory / "bin"

    def activate(self) -> None:
        """Makes its programs those that this process starts by their names."""
        os.environ["PATH"] = os.pathsep.join([str(self.programs), os.environ.get("PATH", os.defpath)])
        os.environ["VIRTUAL_ENV"] = str(self.directory)

    def install(self, arguments: Sequence[str], directory: Path, what: str) -> None:
        """Runs `pip install`.

        Args:
            arguments: What to install, as pip takes it.
            directory: Where relative paths begin.
            what: What the message of an error calls it.

        Raises:
            RequirementsError: pip cannot.
        """
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", str(self.python), "install", *_PIP_OPTIONS, *arguments],
            cwd=directory,
            env={name: value for name, value in os.environ.items() if name not in {"PIP_TARGET", "PIP_PREFIX"}},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            told = "\n".join(done.stdout.strip().splitlines()[-_LINES_SHOWN:])
            raise RequirementsError(f"pip cannot install {what}; its last lines:\n{told}")


def environment_for(code: Path, directory: Path, cache: Path, modules: Sequence[Path] = ()) -> PythonEnvironment:
    """Makes the environment that a user's code runs in, with what the `requirements.txt` beside it names.

    Args:
        code: The directory of the code.
        directory: Where the environment goes. What the code installs by itself stays in it.
        cache: Where environments are kept for other jobs.
        modules: Directories of modules that the container offers to the code, behind what is installed.

    Raises:
        RequirementsError: The packages cannot be installed.
    """
    requirements = code / REQUIREMENTS_FILE
    below = None
    if requirements.is_file():
        print(f"Installing the packages of {REQUIREMENTS_FILE}, or taking those of an earlier job.", flush=True)
        below = required_environment(requirements, cache)
    return make_environment(directory, below, modules=modules)


def make_environment(
    directory: Path,
    below: PythonEnvironment | None = None,
    programs: Mapping[str, Sequence[str]] | None = None,
    modules: Sequence[Path] = (),
) -> PythonEnvironment:
    """Makes an environment, in milliseconds, or makes one that is there anew; what is installed in it stays.

    Args:
        directory: Where it goes.
        below: Another one whose packages and programs it has, too.
        programs: Commands by the name of a program, besides `pip` and `pip3`.
        modules: Directories of modules that it has besides, behind all packages.
    """
    base = Path(sys.executable).resolve()
    configuration = f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {_VERSION}\n"
    layers = [*([] if below is None else [str(below.site_packages)]), *site.getsitepackages(), *map(str, modules)]
    made = _make(directory, configuration, base, "packages-of-the-container.pth", layers)
    if below is not None:
        for program in below.programs.iterdir():
            if not (made.programs / program.name).exists():
                (made.programs / program.name).symlink_to(program)
    _write_programs(made, programs or {})
    if below is None:
        _name_builds(made)
    return made


def make_environment_over(image: Path, directory: Path) -> PythonEnvironment:
    """Makes an environment on top of another program's virtual environment, with the interpreter of that.

    Args:
        image: The other virtual environment, which stays as it is.
        directory: Where the new one goes.
    """
    packages = next(image.glob("lib/python3*/site-packages"))
    configuration = (image / "pyvenv.cfg").read_text(encoding="utf-8")
    interpreter = (image / "bin" / "python").resolve()
    layers = [str(packages.absolute())]
    made = _make(directory, configuration, interpreter, "packages-of-the-image.pth", layers, packages.parent.name)
    _write_programs(made, {})
    return made


def _make(
    directory: Path, configuration: str, interpreter: Path, name: str, layers: Sequence[str], python: str = _PYTHON
) -> PythonEnvironment:
    """Makes what `venv` does, in a tenth of its time: without headers, and scripts that put it on the PATH.

    Args:
        directory: Where it goes; what is there stays.
        configuration: The content of `pyvenv.cfg`.
        interpreter: What its `python` is.
        name: Of the file that names the layers.
        layers: Directories of packages that it sees behind its own.
        python: What the interpreter is called with its version.
    """
    made = PythonEnvironment(directory)
    packages = directory / "lib" / python / "site-packages"
    for each in (packages, made.programs):
        each.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"import site; site.addsitedir({layer!r})\n" for layer in layers)
    (packages / name).write_text(_QUIET + lines, encoding="utf-8")
    (directory / "pyvenv.cfg").write_text(configuration, encoding="utf-8")
    for program in ("python", "python3", python):
        _link(made.programs / program, str(interpreter))
    if sys.platlibdir != "lib":
        _link(directory / sys.platlibdir, "lib")
    return made


def _link(place: Path, target: str) -> None:
    """Makes a link, in place of what is there."""
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _name_builds(environment: PythonEnvironment) -> None:
    """Has pip find a package where the container has another build of it: who requires it does not get it twice."""
    for package, version in _versions_of_builds().items():
        if any(environment.site_packages.glob(f"{package}-*.dist-info")):
            continue
        directory = environment.site_packages / f"{package}-{version}.dist-info"
        directory.mkdir()
        (directory / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n", "utf-8")
        record = "".join(f"{directory.name}/{file},,\n" for file in ("METADATA", "RECORD"))
        (directory / "RECORD").write_text(record, "utf-8")  # by which pip replaces it, when another version is required


@cache
def _versions_of_builds() -> dict[str, str]:
    """The versions of packages that this interpreter has in another build alone."""
    installed = {package: _version(package) for package in (*_BUILDS, *_BUILDS.values())}
    return {
        package: version
        for package, build in _BUILDS.items()
        if installed[package] is None and (version := installed[build]) is not None
    }


def _version(package: str) -> str | None:
    from importlib import metadata  # noqa: PLC0415 - an emulator imports this module at its start, and needs it rarely

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _write_programs(environment: PythonEnvironment, programs: Mapping[str, Sequence[str]]) -> None:
    """Writes `pip` and `pip3`, and the programs that are commands of other names."""
    pip = '"$(dirname "$0")/python" -m pip'  # the directory may be seen under another name
    commands = {"pip": pip, "pip3": pip}
    for name, command in programs.items():
        commands[name] = shlex.join(command)
    for name, command in commands.items():
        file = environment.programs / name
        file.unlink(missing_ok=True)
        file.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        file.chmod(0o755)


def required_environment(requirements: Path, cache: Path, *, alone: bool = False) -> PythonEnvironment:
    """An environment with what a `requirements.txt` names; built once, while others that ask for it wait.

    Args:
        requirements: The file.
        cache: Where environments are kept, one for each different content.
        alone: Whether it has all packages itself, also those that the container has.

    Raises:
        RequirementsError: The packages cannot be installed.
    """
    built = PythonEnvironment(cache / (_digest(requirements) + ("-alone" if alone else "")))
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / f"{built.directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # A mark and no renaming: an environment does not bear to be moved.
        if not (built.directory / _COMPLETE).exists():
            shutil.rmtree(built.directory, ignore_errors=True)
            try:
                if alone:
                    venv.EnvBuilder(symlinks=True, with_pip=False).create(built.directory)
                else:
                    make_environment(built.directory)
                named = f"'{requirements.name}'"
                built.install(["--requirement", str(requirements.resolve())], requirements.parent, named)
                (built.directory / _COMPLETE).touch()
            except BaseException:
                shutil.rmtree(built.directory, ignore_errors=True)
                raise
    return built


def _digest(requirements: Path) -> str:
    """Tells requirements apart, with the lists, archives and directories that they name."""
    digest = hashlib.sha256("\0".join([sys.version, *site.getsitepackages()]).encode())
    for file in _named_files(requirements, {requirements}):
        content = file.read_bytes()
        digest.update(f"{os.path.relpath(file, requirements.parent)} {len(content)} ".encode() + content)
    return digest.hexdigest()[:20]


def _named_files(listed: Path, seen: set[Path]) -> Iterator[Path]:
    """A list of requirements, and the files that it names; none of those that were seen."""
    yield listed
    for word in _WORDS.split(_COMMENT.sub("", listed.read_text("utf-8", errors="replace"))):
        named = listed.parent / word
        if named in {*seen, listed.parent} or not os.path.exists(named):  # noqa: PTH110 - Path.exists raises on a word that is too long
            continue
        seen.add(named)
        if named.is_dir():
            yield from sorted(path for path in named.rglob("*") if path.is_file())
        elif named.suffix == ".txt":
            yield from _named_files(named, seen)
        else:
            yield named
