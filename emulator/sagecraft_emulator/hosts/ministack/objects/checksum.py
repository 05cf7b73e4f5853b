"""The checksums that S3 knows, of bytes as they come."""

import hashlib
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final, Protocol

MD5: Final = "MD5"
SHA256: Final = "SHA256"

Block = bytes | memoryview


class _Digest(Protocol):
    def update(self, data: Block, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A CRC as `hashlib` would have it."""

    def __init__(self, name: str, width_bytes: int) -> None:
        self._calculate: Callable[[Block, int], int] = _crc32 if name == _CRC32 else _model(_MODELS[name]).calc
        self._width_bytes = width_bytes
        self._value = 0

    def update(self, data: Block) -> None:
        if len(data):
            self._value = self._calculate(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width_bytes, "big")


def _crc32(data: Block, value: int) -> int:
    """The standard library's, unless there is much: boto3 wants one of every object, and `anycrc` takes memory."""
    return zlib.crc32(data, value) if len(data) < _LARGE_BYTES else int(_model(_MODELS[_CRC32]).calc(data, value))


@cache
def _model(name: str) -> Any:
    import anycrc  # noqa: PLC0415 - most emulators never need it

    return anycrc.Model(name)


_CRC32: Final = "CRC32"
_LARGE_BYTES: Final = 2**16
_MODELS: Final = {_CRC32: "CRC32-ISO-HDLC", "CRC32C": "CRC32-ISCSI", "CRC64NVME": "CRC64-NVME"}
_ALGORITHMS: Final[dict[str, Callable[[], _Digest]]] = {
    MD5: hashlib.md5,
    "SHA1": hashlib.sha1,
    SHA256: hashlib.sha256,
    _CRC32: lambda: _Crc(_CRC32, 4),
    "CRC32C": lambda: _Crc("CRC32C", 4),
    "CRC64NVME": lambda: _Crc("CRC64NVME", 8),
}


def is_known(algorithm: str) -> bool:
    """Whether S3 computes an algorithm, by its name in headers and XML."""
    return algorithm in _ALGORITHMS


class Digests:
    """Several checksums of the same bytes.

    Args:
        algorithms: Their names. Those that S3 does not know are left out.
    """

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._digests = {name: _ALGORITHMS[name]() for name in set(algorithms) if is_known(name)}

    def update(self, blocks: Iterable[Block]) -> None:
        """Takes more bytes."""
        for block in blocks:
            for digest in self._digests.values():
                digest.update(block)

    def values(self) -> dict[str, bytes]:
        """The checksums, by algorithm."""
        return {name: digest.digest() for name, digest in self._digests.items()}


def checksum(algorithm: str, blocks: Iterable[Block]) -> bytes:
    """One checksum."""
    digests = Digests([algorithm])
    digests.update(blocks)
    return digests.values()[algorithm]


def combined(algorithm: str, parts: Iterable[tuple[bytes, int]]) -> bytes | None:
    """The checksum of what lies in parts, by their own checksums and lengths; None where that cannot be known."""
    if algorithm not in _MODELS:
        return None
    whole, width_bytes = 0, 0
    for value, length in parts:
        whole = _model(_MODELS[algorithm]).combine(whole, int.from_bytes(value, "big"), length)
        width_bytes = len(value)
    return whole.to_bytes(width_bytes, "big")
