"""A server that takes an object as S3 does and does nothing with it: what a client of S3 takes by itself.

`python sink.py` prints its port. What is uploaded is read and thrown away, in one piece or in parts.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BLOCK_BYTES = 2**20
ETAG = '"d41d8cd98f00b204e9800998ecf8427e"'
PLACE = "<Bucket>sink</Bucket><Key>key</Key>"
BEGUN = f"<InitiateMultipartUploadResult>{PLACE}<UploadId>upload</UploadId></InitiateMultipartUploadResult>"
COMPLETED = f"<CompleteMultipartUploadResult>{PLACE}<ETag>{ETAG}</ETag></CompleteMultipartUploadResult>"


class Sink(BaseHTTPRequestHandler):
    """Answers the requests of an upload."""

    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        """An object, or a part of one."""
        self._answer("")

    def do_POST(self) -> None:
        """The beginning or the end of an upload in parts."""
        query = parse_qs(urlsplit(self.path).query, keep_blank_values=True)
        self._answer(BEGUN if "uploads" in query else COMPLETED)

    def log_message(self, *_: object) -> None:
        """Says nothing."""

    def _answer(self, text: str) -> None:
        block, left = memoryview(bytearray(BLOCK_BYTES)), int(self.headers.get("Content-Length", 0))
        while left:
            left -= self.rfile.readinto(block[: min(left, BLOCK_BYTES)])
        body = text.encode()
        self.send_response(200)
        self.send_header("ETag", ETAG)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        print(server.server_port, flush=True)
        server.serve_forever()
