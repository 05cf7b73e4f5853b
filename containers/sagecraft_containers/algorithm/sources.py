"""Where the bytes of a channel come from: its files, its pipes, and what other hosts of the job have of it."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, Final

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import DataError

from .channel import Sources

_GZIP_MAGIC: Final = b"\x1f\x8b"


def sources(paths: ContainerPaths, name: str, definition: Mapping[str, Any]) -> Sources:
    """Opens the files of a channel in the order of their names, or its pipe of the epoch.

    Args:
        paths: Where the channel lies.
        name: The channel's.
        definition: What the job says of it.
    """
    if definition.get("TrainingInputMode") == "Pipe":
        return lambda epoch: iter([(f"{name}_{epoch}", paths.pipe(name, epoch).open("rb"))])
    return lambda _epoch: _files(paths, name)


def _files(paths: ContainerPaths, name: str) -> Iterator[tuple[str, BinaryIO]]:
    directory = paths.channel_directory(name)
    for file in sorted(file for file in directory.rglob("*") if file.is_file()):
        if file.name.startswith((".", "_")) or file.stat().st_size == 0:  # markers such as `_SUCCESS`
            continue
        source, stream = f"{name}/{file.relative_to(directory)}", file.open("rb")
        if stream.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
            stream.close()
            raise DataError("the file is compressed by gzip; set CompressionType of the channel to Gzip", source=source)
        yield source, stream
