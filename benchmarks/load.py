"""A small closed-loop HTTP load generator: N keep-alive connections that each send the same request again and again.

It does as little as it can per request, so that the server is what is measured. Run as a process of its own:
`python load.py HOST PORT CONNECTIONS REQUESTS PATH BODY_FILE CONTENT_TYPE` prints latencies in seconds as JSON.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path

import uvloop

AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, "
    "Signature=0"
)
"""What an SDK would send; the emulator reads the account and region from it."""
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


async def one_connection(host: str, port: int, request: bytes, requests: int, latencies: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    for _ in range(requests):
        begin = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = CONTENT_LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200") or length is None:
            raise RuntimeError(f"unexpected answer: {head.decode(errors='replace')}")
        await reader.readexactly(int(length[1]))
        latencies.append(time.perf_counter() - begin)
    writer.close()
    await writer.wait_closed()


async def load(host: str, port: int, connections: int, requests: int, request: bytes) -> tuple[float, list[float]]:
    latencies: list[float] = []
    begin = time.perf_counter()
    await asyncio.gather(
        *(one_connection(host, port, request, requests // connections, latencies) for _ in range(connections))
    )
    return time.perf_counter() - begin, latencies


def main() -> None:
    host, port, connections, requests, path, body_file, content_type = sys.argv[1:]
    body = Path(body_file).read_bytes()
    request = (
        f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: {content_type}\r\n"
        f"Authorization: {AUTHORIZATION}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    seconds, latencies = uvloop.run(load(host, int(port), int(connections), int(requests), request))
    json.dump({"seconds": seconds, "latencies": latencies}, sys.stdout)


if __name__ == "__main__":
    main()
