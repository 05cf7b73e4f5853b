"""Pipe mode: the data of a channel flows through a FIFO into the container, one FIFO for each epoch.

The FIFO of epoch N is `/opt/ml/input/data/<channel>_<N>`, from 0. The one of the next epoch is there before the
program has read the present one to its end; one that was read is removed, as nothing would come out of it again.

Source: "Using Pipe mode" in "How Amazon SageMaker AI provides training information" in the developer guide.
"""

import os
import threading
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from sagecraft_emulator.errors import JobFailed

from .channel import ChannelRecords
from .record_io import wrap
from .storage import S3Object, StorageError, cannot_read

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES: Final = 1 << 20
_GZIP: Final = 16 + zlib.MAX_WBITS
_END_POLL_SECONDS: Final = 0.05


class PipeChannel:
    """Feeds one channel to one host, in a thread of its own, until it is closed.

    Args:
        s3: The client of the account and region.
        records: What the channel holds.
        index: The host's, from 0, among those that get data of the channel.
        count: How many get data of it.
        directory: What the container sees as `/opt/ml/input/data`.
    """

    def __init__(self, s3: "S3Client", records: ChannelRecords, index: int, count: int, directory: Path) -> None:
        self._s3, self._records, self._channel = s3, records, records.channel
        self._index, self._count, self._directory = index, count, directory
        self._closing = threading.Event()
        self._present = self._make(0)
        self.error: StorageError | None = None
        """Why it feeds no more, though it was not closed."""
        self._thread = threading.Thread(target=self._run, name=f"pipe-{self._channel.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the feeding; the program must have ended before."""
        self._closing.set()
        while self._thread.is_alive():
            # A writer waits for a reader inside of the kernel; one that comes and goes at once lets it go on.
            with suppress(FileNotFoundError):
                os.close(os.open(self._present, os.O_RDONLY | os.O_NONBLOCK))
            self._thread.join(_END_POLL_SECONDS)

    def _make(self, epoch: int) -> Path:
        fifo = self._directory / f"{self._channel.name}_{epoch}"
        os.mkfifo(fifo)
        return fifo

    def _run(self) -> None:
        epoch = 0
        while not self._closing.is_set():
            try:
                following = self._make(epoch + 1)
                self._feed(epoch)
            except (BotoCoreError, ClientError, OSError, StorageError) as error:
                self.error = StorageError(f"channel '{self._channel.name}': {error}")
                return
            self._present.unlink(missing_ok=True)
            self._present, epoch = following, epoch + 1

    def _feed(self, epoch: int) -> None:
        """Writes one epoch; a program that reads no further than it wants to ends it earlier."""
        with suppress(BrokenPipeError), self._present.open("wb", buffering=0) as fifo:
            for record in self._records.of_host(self._index, self._count, epoch):
                for part in record:
                    for chunk in self._bytes(part):
                        if self._closing.is_set():
                            return
                        _write(fifo.fileno(), chunk)

    def _bytes(self, part: bytes | S3Object) -> Iterator[bytes]:
        """What comes out of the FIFO for an object, or for the value of an attribute."""
        if isinstance(part, bytes):
            size, content = len(part), iter((part,))
        else:
            try:
                answer = self._s3.get_object(Bucket=part.bucket, Key=part.key)
            except ClientError as error:
                raise cannot_read(part.uri, error) from error
            size, content = answer["ContentLength"], answer["Body"].iter_chunks(CHUNK_BYTES)
            if self._channel.gzip:
                content = unpacked(content, part)
                if self._channel.record_io:
                    whole = b"".join(content)  # a record's header says how long it is
                    size, content = len(whole), iter((whole,))
        return wrap(size, content) if self._channel.record_io else content


def raise_first_error(pipes: Iterable[PipeChannel]) -> None:
    """Passes when every pipe is fed.

    Raises:
        JobFailed: One is no longer.
    """
    for pipe in pipes:
        if pipe.error is not None:
            raise JobFailed(f"ClientError: Data download failed: {pipe.error}") from pipe.error


def unpacked(packed: Iterable[bytes], part: S3Object) -> Iterator[bytes]:
    """The content of a gzip file of one or several members."""
    member = zlib.decompressobj(_GZIP)
    try:
        for chunk in packed:
            rest = chunk
            while rest:
                yield member.decompress(rest)
                rest = member.unused_data
                if member.eof and rest:
                    member = zlib.decompressobj(_GZIP)
    except zlib.error as error:
        raise StorageError(f"'{part.uri}' is not a gzip file, but CompressionType is Gzip: {error}") from error
    if not member.eof:
        raise StorageError(f"'{part.uri}' is not a whole gzip file, but CompressionType is Gzip.")


def _write(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]
