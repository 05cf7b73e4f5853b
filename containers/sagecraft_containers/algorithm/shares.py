"""The shares that the hosts of a job have of its channels: the first host gets those of all others, and trains alone.

What is sent are the bytes of the channels that S3 shards between the hosts, whatever their format, and they are kept on
disk. Of a channel that is replicated, the first host has all itself.
"""

import json
import socket
import struct
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.training.configuration import read_hosts
from sagecraft_containers.training.hosts import JOIN_SECONDS, patiently, resolve

from .sources import own_sources

PORT: Final = 9098
_LENGTH: Final = struct.Struct("<I")
_CHUNK_BYTES: Final = 1 << 20


@contextmanager
def shares(paths: ContainerPaths, channels: Mapping[str, Mapping[str, Any]]) -> Iterator[Path | None]:
    """Brings the data of a job together, for as long as the block lasts.

    Args:
        paths: This host's files.
        channels: What the job says of each channel.

    Yields:
        A directory with what the other hosts have, a folder for each channel; None on these other hosts, which have
        nothing to train, and for which the block begins when the first host is done.

    Raises:
        UserError: A host does not start, or ends before its data is here.
    """
    hosts, current_host = read_hosts(paths)
    first, *others = sorted(hosts)
    if current_host != first:
        _send(paths, channels, current_host, resolve(first), first)
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="shares-") as directory, ExitStack() as connections:
        if others:
            _receive(others, resolve(first), Path(directory), connections)
        yield Path(directory)


def _send(
    paths: ContainerPaths, channels: Mapping[str, Mapping[str, Any]], host: str, address: str, first: str
) -> None:
    """Sends this host's shares, and waits until the first host is done with all."""
    failure = f"The host {first} of the job does not take the data of {host}."
    connection = patiently(lambda: socket.create_connection((address, PORT)), failure)
    with connection, suppress(ConnectionError):  # whose end is told by its own log
        _send_text(connection, host)
        for name, channel in channels.items():
            if channel.get("S3DistributionType") != "ShardedByS3Key":
                continue
            for source, stream in own_sources(paths, name, channel)(0):
                with stream:
                    _send_text(connection, json.dumps([name, source.partition("/")[2] or source]))
                    _send_stream(connection, stream)
        _send_text(connection, "")
        connection.recv(1)


def _send_text(connection: socket.socket, text: str) -> None:
    data = text.encode()
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _send_stream(connection: socket.socket, stream: BinaryIO) -> None:
    while chunk := stream.read(_CHUNK_BYTES):
        connection.sendall(_LENGTH.pack(len(chunk)) + chunk)
    connection.sendall(_LENGTH.pack(0))


def _receive(hosts: Sequence[str], address: str, directory: Path, connections: ExitStack) -> None:
    """Writes what all other hosts send; by the end of the connections these learn that all is done."""
    waited = set(hosts)
    with socket.create_server((address, PORT), backlog=len(hosts)) as listener:
        listener.settimeout(JOIN_SECONDS)
        while waited:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                missing = ", ".join(sorted(waited))
                raise UserError(f"The host(s) {missing} of the job did not start within {JOIN_SECONDS:g} s.") from None
            connections.enter_context(connection)
            waited.discard(_write_shares(connection, directory))


def _write_shares(connection: socket.socket, directory: Path) -> str:
    """Writes what one host sends; returns its name."""
    host = "a host"
    with connection.makefile("rb") as stream:
        try:
            host = _chunk(stream).decode()
            while header := _chunk(stream):
                channel, name = json.loads(header)
                file = directory / channel / f"{name}.{host}"
                file.parent.mkdir(parents=True, exist_ok=True)
                with file.open("wb") as written:
                    while chunk := _chunk(stream):
                        written.write(chunk)
        except (EOFError, ConnectionError):
            raise UserError(f"{host} of the job ended before its data was here; its own log says why.") from None
    return host


def _chunk(stream: BinaryIO) -> bytes:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(header)
    data = stream.read(length)
    if len(data) < length:
        raise EOFError
    return data
