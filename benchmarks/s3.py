"""S3's speed and memory with one large object, against a plain copy of the same file.

The plain client has presigned URLs and the kernel's `sendfile`, so that the emulator is measured and not its client;
boto3 is beside it, which computes checksums in Python's threads of its own. What a client takes for an upload by
itself, a server shows that throws the bytes away; no upload in one piece is faster than MD5, which is its ETag. Every
write counts until it is on disk.

On two cores, of which others took a part: a copy 473 MiB/s, MD5 566, an upload in one piece 243 and in parts 244
(0.51 x), a download 434; 15 MiB of memory. Of three seconds of a core for a gibibyte MD5 takes two.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from measure import Emulator, Row, emulator, print_rows, side_by_side

REPEATS = 3
GIB, MIB = 2**30, 2**20
BLOCK_BYTES = MIB
PART_BYTES = 64 * MIB
RANGE = "bytes=1000000-1000010"
BUCKET = "benchmark"


class Peak:
    """The most memory that a process has had since this was made."""

    def __init__(self, process_id: int) -> None:
        self._process = Path(f"/proc/{process_id}")
        (self._process / "clear_refs").write_text("5")
        self.idle = self.now()

    def now(self) -> int:
        """In bytes."""
        return int((self._process / "status").read_text().partition("VmHWM:")[2].split()[0]) * 1024


def on_disk(directory: Path, work: Callable[[], object]) -> float:
    """The seconds that something takes, until all that it wrote below a directory is on disk."""
    sync(directory)
    begin = time.perf_counter()
    work()
    sync(directory)
    return time.perf_counter() - begin


def sync(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())


def request(url: str, method: str, length: int = 0, headers: str = "") -> socket.socket:
    """A connection on which a request's head has been sent."""
    parts = urlsplit(url)
    connection = socket.create_connection((str(parts.hostname), parts.port or 80))
    head = f"{method} {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\n{headers}\r\n".encode())
    return connection


def upload(url: str, file: Path, begin: int = 0, length: int | None = None) -> str:
    """Sends a piece of a file; returns its ETag."""
    length = file.stat().st_size - begin if length is None else length
    connection = request(url, "PUT", length)
    with connection, file.open("rb") as body:
        connection.sendfile(body, begin, length)
        answer = connection.makefile("rb").read()
    if not answer.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(answer.decode(errors="replace"))
    return answer.lower().partition(b"\r\netag: ")[2].partition(b"\r\n")[0].decode()


def hash_file(file: Path) -> None:
    with file.open("rb", buffering=0) as body:
        hashlib.file_digest(body, "md5")


def download(url: str, file: Path, headers: str = "") -> int:
    """Writes an object to a file; returns its bytes."""
    connection = request(url, "GET", headers=headers)
    block, received = memoryview(bytearray(BLOCK_BYTES)), 0
    with connection, file.open("wb", buffering=0) as body, connection.makefile("rb", buffering=0) as answer:
        line = b""
        while not line.endswith(b"\r\n\r\n"):
            line += answer.read(1)
        while count := connection.recv_into(block):
            body.write(block[:count])
            received += count
    return received


def presigned(s3: Any, operation: str, **members: Any) -> str:
    url: str = s3.generate_presigned_url(operation, Params={"Bucket": BUCKET, **members})
    return url


def upload_parts(s3: Any, file: Path) -> None:
    """A multipart upload, two parts at a time."""
    place = {"Key": "parts"}
    upload_id = s3.create_multipart_upload(Bucket=BUCKET, **place)["UploadId"]
    offsets = list(range(0, file.stat().st_size, PART_BYTES))
    etags: dict[int, str] = {}

    def send(first: int) -> None:
        for number in range(first, len(offsets), 2):
            begin = offsets[number]
            url = presigned(s3, "upload_part", **place, UploadId=upload_id, PartNumber=number + 1)
            etags[number + 1] = upload(url, file, begin, min(PART_BYTES, file.stat().st_size - begin))

    senders = [threading.Thread(target=send, args=(first,)) for first in (0, 1)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    parts = [{"PartNumber": number, "ETag": etags[number]} for number in sorted(etags)]
    s3.complete_multipart_upload(Bucket=BUCKET, **place, UploadId=upload_id, MultipartUpload={"Parts": parts})


@contextmanager
def sink() -> Iterator[Emulator]:
    """A server that takes objects and throws them away."""
    command = [sys.executable, str(Path(__file__).with_name("sink.py"))]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        yield Emulator(int(process.stdout.readline()), process)
    finally:
        process.terminate()
        process.wait(60)


def measure(host: Emulator, bare: Emulator, directory: Path, size: int) -> list[Row]:
    s3, thrown_away = host.client("s3"), bare.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    file, copied, fetched = (directory / name for name in ("file", "copied", "fetched"))
    with file.open("wb") as body:
        for _ in range(size // BLOCK_BYTES):
            body.write(os.urandom(BLOCK_BYTES))
    put, get = presigned(s3, "put_object", Key="whole"), presigned(s3, "get_object", Key="whole")
    put_nowhere = presigned(thrown_away, "put_object", Key="whole")
    upload(put, file, 0, MIB + 1)
    peak = Peak(host.process.pid)
    source = {"Bucket": BUCKET, "Key": "whole"}
    works: dict[str, Callable[[], object]] = {
        "copy": lambda: shutil.copyfile(file, copied),
        "upload": lambda: upload(put, file),
        "sink": lambda: upload(put_nowhere, file),
        "md5": lambda: hash_file(file),
        "download": lambda: download(get, fetched),
        "parts": lambda: upload_parts(s3, file),
        "boto3_upload": lambda: s3.upload_file(str(file), BUCKET, "boto3"),
        "boto3_sink": lambda: thrown_away.upload_file(str(file), BUCKET, "boto3"),
        "boto3_download": lambda: s3.download_file(BUCKET, "boto3", str(fetched)),
        "range": lambda: download(get, fetched, f"Range: {RANGE}\r\n"),
        "s3_copy": lambda: s3.copy_object(Bucket=BUCKET, Key="copy", CopySource=source),
    }
    seconds = side_by_side(REPEATS, **{name: partial(on_disk, directory, work) for name, work in works.items()})
    more = peak.now() - peak.idle

    def row(what: str, name: str, goal: str = "") -> Row:
        ratio = seconds["copy"] / seconds[name]
        return Row(what, f"{size / MIB / seconds[name]:.0f} MiB/s ({ratio:.2f} x)", goal)

    return [
        row("plain copy of the file", "copy"),
        row("upload", "upload", ">= 0.5 x"),
        row("  to a server that throws it away", "sink"),
        row("  MD5 of the file by itself", "md5"),
        row("download", "download", ">= 0.5 x"),
        row("upload in parts, two at a time", "parts", ">= 0.5 x"),
        row("boto3's upload_file", "boto3_upload"),
        row("  to a server that throws it away", "boto3_sink"),
        row("boto3's download_file", "boto3_download"),
        Row("11 bytes of it", f"{seconds['range'] * 1000:.1f} ms"),
        Row("CopyObject", f"{seconds['s3_copy'] * 1000:.1f} ms"),
        Row("the emulator's memory over idle, at most", f"{more / MIB:.0f} MiB", "<= 64 MiB"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=1, help="size of the object")
    size = int(parser.parse_args().gib * GIB)
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        with emulator(directory / "state") as host, sink() as bare:
            rows = measure(host, bare, directory, size)
    print_rows(f"S3 with an object of {size / GIB:g} GiB (median of {REPEATS}, until it is on disk)", rows)


if __name__ == "__main__":
    main()
