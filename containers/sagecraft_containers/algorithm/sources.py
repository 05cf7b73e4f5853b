"""Where the bytes of a channel come from: its files, its pipes, and what other hosts of the job have of it."""

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Final

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import DataError

from .channel import Sources

_GZIP_MAGIC: Final = b"\x1f\x8b"


def own_sources(paths: ContainerPaths, name: str, definition: Mapping[str, Any]) -> Sources:
    """Opens the files of a channel in the order of their names, or its pipe of the epoch.

    Args:
        paths: Where the channel lies.
        name: The channel's.
        definition: What the job says of it.
    """
    return _sources(paths, name, definition, None)


def all_sources(paths: ContainerPaths, name: str, definition: Mapping[str, Any], shares: Path) -> Sources:
    """As `own_sources`, with what other hosts have of the channel.

    Args:
        paths: Where the channel lies.
        name: The channel's.
        definition: What the job says of it.
        shares: Holds a folder of files for each channel.
    """
    return _sources(paths, name, definition, shares / name)


def _sources(paths: ContainerPaths, name: str, definition: Mapping[str, Any], share: Path | None) -> Sources:
    shared = [] if share is None else [share]
    if definition.get("TrainingInputMode") == "Pipe":
        return lambda epoch: chain(_pipe(paths, name, epoch), _files(name, shared))
    return lambda _epoch: _files(name, [paths.channel_directory(name), *shared])


def _pipe(paths: ContainerPaths, name: str, epoch: int) -> Iterator[tuple[str, BinaryIO]]:
    yield f"{name}_{epoch}", paths.pipe(name, epoch).open("rb")


def _files(name: str, directories: list[Path]) -> Iterator[tuple[str, BinaryIO]]:
    found = [(file.relative_to(directory), file) for directory in directories for file in directory.rglob("*")]
    for relative, file in sorted(found):
        if not file.is_file() or file.name.startswith((".", "_")) or file.stat().st_size == 0:
            continue  # of the last, markers such as `_SUCCESS`
        source, stream = f"{name}/{relative}", file.open("rb")
        if stream.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
            stream.close()
            raise DataError("the file is compressed by gzip; set CompressionType of the channel to Gzip", source=source)
        yield source, stream
