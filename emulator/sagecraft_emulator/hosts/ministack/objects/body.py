"""The bytes of an object, where they lie on disk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from .checksum import checksum

BLOCK_BYTES: Final = 2**20


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a file, which never changes.

    There is one for each body that is known, so that the path is not kept: it takes as much memory as all the rest.

    Attributes:
        directory: Where the file is, one and the same for all.
        name: The file's.
        begin: Where the piece begins.
        length: How long it is.
    """

    directory: Path
    name: str
    begin: int
    length: int

    @property
    def file(self) -> Path:
        """The path of the file."""
        return self.directory / self.name


@dataclass(frozen=True, slots=True)
class Body:
    """What the host has in the place of an object's `bytes`: it can be measured and sliced, but is read by blocks.

    It is no `bytes`, and gives out no buffer, so that code which would read it whole fails instead.

    Attributes:
        segments: One for each part of a multipart upload, otherwise one.
        known: Checksums that were computed as the bytes came, by algorithm.
    """

    segments: tuple[Segment, ...]
    known: Mapping[str, bytes] = field(default_factory=dict, compare=False)

    def __len__(self) -> int:
        return sum(each.length for each in self.segments)

    def __bool__(self) -> bool:
        return len(self) > 0

    def __getitem__(self, piece: slice) -> "Body":
        begin, end, _ = piece.indices(len(self))
        found: list[Segment] = []
        for each in self.segments:
            first, last = max(begin, 0), min(end, each.length)
            if first < last:
                found.append(replace(each, begin=each.begin + first, length=last - first))
            begin, end = begin - each.length, end - each.length
        return Body(tuple(found))

    def __deepcopy__(self, memo: Any) -> "Body":
        return self

    @property
    def files(self) -> set[str]:
        """The names of the files it lies in."""
        return {each.name for each in self.segments}

    def blocks(self) -> Iterator[bytes]:
        """Its bytes."""
        for each in self.segments:
            with each.file.open("rb") as file:
                file.seek(each.begin)
                left = each.length
                while left:
                    block = file.read(min(left, BLOCK_BYTES))
                    if not block:
                        raise EOFError(f"{each.file} is shorter than its object")
                    left -= len(block)
                    yield block

    def read(self) -> bytes:
        """Its bytes, all in memory: for those who can do with nothing else."""
        return b"".join(self.blocks())

    def checksum(self, algorithm: str) -> bytes:
        """A checksum; of a large body it takes seconds, unless it is known or was asked for a moment ago."""
        return self.known.get(algorithm) or _checksum(self.segments, algorithm)


@lru_cache(maxsize=256)
def _checksum(segments: tuple[Segment, ...], algorithm: str) -> bytes:
    return checksum(algorithm, Body(segments).blocks())
