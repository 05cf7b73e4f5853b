"""A container that says what it was asked, in capitals."""  # noqa: INP001 - stands alone in its image

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers `GET /ping` and `POST /invocations`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Says that the container is ready."""
        self.answer(b"")

    def do_POST(self) -> None:
        """Says what it was asked."""
        self.answer(self.rfile.read(int(self.headers["Content-Length"])).upper())

    def answer(self, body: bytes) -> None:
        """Sends an answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


address = (os.environ.get("SAGEMAKER_BIND_HOST", ""), int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080")))
print("serving", flush=True)
ThreadingHTTPServer(address, Handler).serve_forever()
