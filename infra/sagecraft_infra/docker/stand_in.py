"""The console script `sagecraft-docker`: stands in for `docker` where the CDK CLI deploys to the emulator.

The CDK CLI calls the program that `CDK_DOCKER` names, in the folder of the asset:

    inspect cdkasset-HASH                            is it built already?
    build --tag cdkasset-HASH [--platform ...] .     build it
    login --username AWS --password-stdin REGISTRY   for the push
    tag cdkasset-HASH URI
    push URI

Where an engine answers, the image is built with it, and only logging in and pushing are left out. Where none does,
`build` finds the local program that the template declares for the image, and `push` registers it with the emulator.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from sagecraft_infra.emulator.images import register_program
from sagecraft_infra.errors import InfraError, UserError
from sagecraft_infra.project import STATE_DIR_NAME
from sagecraft_infra.project.assembly import Assembly, is_asset_hash

from .engine import ENGINE, engine_answers

_MANIFEST_TYPE: Final = "application/vnd.docker.distribution.manifest.v2+json"


@dataclass(frozen=True)
class ImageStore:
    """The images that were built, each by the names that it has been given.

    Args:
        directory: Where they are kept.
    """

    directory: Path

    @property
    def _index(self) -> Path:
        return self.directory / "images.json"

    def _read(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self._index.read_text()) if self._index.is_file() else {}
        return content

    def _write(self, images: Mapping[str, Any]) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        partial = self._index.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(images, indent=1))
        partial.replace(self._index)

    def get(self, name: str) -> Mapping[str, Any] | None:
        """The image of a name: its `directory` and its `program`, which is `None` for one that an engine built."""
        image: Mapping[str, Any] | None = self._read().get(name)
        return image

    def build(self, name: str, source: Path, program: Mapping[str, str] | None) -> None:
        """Keeps a copy of the files, because the folder of the synthesized app is made anew again and again."""
        copy = self.directory / name
        if program is not None:
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(source, copy, symlinks=True)
        self._write({**self._read(), name: {"directory": str(copy), "program": program}})

    def tag(self, name: str, other: str) -> None:
        """Gives an image another name."""
        images = self._read()
        if name not in images:
            raise UserError(f"There is no image '{name}'. Build it first.")
        self._write({**images, other: images[name]})


def main() -> None:
    """Does one of the calls, by the arguments of the process."""
    try:
        _call(sys.argv[1:])
    except InfraError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def _call(arguments: list[str]) -> None:
    store = ImageStore(_state_dir() / "images")
    match arguments:
        case ["login", *_]:
            sys.stdin.read()
        case ["inspect", name]:
            image = store.get(name)
            if image is None or (image["program"] is not None and not Path(image["directory"]).is_dir()):
                raise UserError(f"No such image: {name}")
            sys.stdout.write("[{}]\n")
        case ["build", *options]:
            _build(store, options)
        case ["tag", name, other]:
            if engine_answers():
                _run_engine(arguments)
            store.tag(name, other)
        case ["push", uri]:
            _push(store, uri)
        case _:
            raise UserError(
                f"sagecraft-docker does what the CDK CLI asks of docker: login, inspect, build, tag, push; "
                f"got: {' '.join(arguments)}"
            )


def _build(store: ImageStore, options: list[str]) -> None:
    if "--tag" not in options[:-1]:
        raise UserError(f"build needs --tag NAME; got: {' '.join(options)}")
    name = options[options.index("--tag") + 1]
    asset_hash = name.rpartition("-")[2]
    source = (Path.cwd() / options[-1]).resolve()
    program = declared_program(source, asset_hash)
    if engine_answers():
        _run_engine(["build", *options])
    elif program is None:
        raise UserError(
            f"The image of {source} cannot be built: no container engine answers, and it has no local program. "
            "Start Docker, or declare what the emulator runs instead: "
            "TrainingContainer.from_dockerfile(..., local_program=LocalProgram(entry_point='train.py'))"
        )
    store.build(name, source, program)


def _push(store: ImageStore, uri: str) -> None:
    image = store.get(uri)
    if image is None:
        raise UserError(f"There is no image '{uri}'. Tag it first.")
    if image["program"] is None:
        sys.stderr.write(f"{uri} was built by the container engine; stays there: the emulator has no registry.\n")
    else:
        directory, program = Path(image["directory"]), image["program"]
        register_program(_emulator_port(), uri, directory, program)
        sys.stderr.write(f"{uri} runs as the local program {program['entry_point']}\n")
    _announce(uri)


def declared_program(source: Path, asset_hash: str) -> Mapping[str, str] | None:
    """The local program that a template declares for an image.

    Args:
        source: The folder of the asset, in the folder of the synthesized app.
        asset_hash: The asset's.
    """
    if not is_asset_hash(asset_hash):
        return None
    for place in source.parents:
        if (place / "manifest.json").is_file():
            for stack in Assembly.read(place).stacks:
                program = stack.local_programs().get(asset_hash)
                if program is not None:
                    return program
    return None


def _announce(uri: str) -> None:
    """Puts a manifest into the emulated ECR, so that the CDK CLI finds the image there the next time."""
    repository, _, tag = uri.partition("/")[2].rpartition(":")
    client = boto3.client("ecr", endpoint_url=_endpoint_url())
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": _MANIFEST_TYPE, "layers": [], "annotations": {"image": uri}}
    )
    try:
        client.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != "ImageAlreadyExistsException":
            raise UserError(f"The emulator's ECR does not take {uri}: {error}") from error


def _run_engine(arguments: list[str]) -> None:
    done = subprocess.run([ENGINE, *arguments], check=False)
    if done.returncode != 0:
        raise UserError(f"docker {arguments[0]} ended with exit code {done.returncode}; its reason stands above.")


def _endpoint_url() -> str:
    url = os.environ.get("AWS_ENDPOINT_URL")
    if url is None:
        raise UserError('AWS_ENDPOINT_URL is not set. Run: eval "$(sagecraft env)"')
    return url


def _emulator_port() -> int:
    port = urlsplit(_endpoint_url()).port
    if port is None:
        raise UserError(f"AWS_ENDPOINT_URL names no port: {_endpoint_url()}")
    return port


def _state_dir() -> Path:
    """Beside what the CDK CLI remembers of the same emulator."""
    home = os.environ.get("CDK_HOME")
    return Path.cwd() / STATE_DIR_NAME if home is None else Path(home)
