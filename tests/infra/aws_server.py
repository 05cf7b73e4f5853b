"""A small server that answers as an emulator does when it is asked who it is."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

IDENTITY = (
    "<GetCallerIdentityResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><GetCallerIdentityResult>"
    "<Arn>arn:aws:iam::000000000000:root</Arn><UserId>A</UserId><Account>000000000000</Account>"
    "</GetCallerIdentityResult></GetCallerIdentityResponse>"
)


@contextmanager
def aws_server(
    answers: Mapping[str, Any],
    identity: str | None = IDENTITY,
    operations: Mapping[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> Iterator[str]:
    """Serves JSON by path, operations of JSON services, and STS where there is an identity; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answers.get(self.path, "")).encode()
            self._answer(200 if self.path in answers else 404, body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if operations is not None:
                self._operate(self.headers["X-Amz-Target"].partition(".")[2], json.loads(body))
                return
            text = "<html>no AWS" if identity is None else identity
            self._answer(501 if identity is None else 200, text.encode())

        def _operate(self, name: str, request: dict[str, Any]) -> None:
            answer = None if operations is None or name not in operations else operations[name](request)
            missing = {"__type": "ValidationException", "message": f"{name}: it does not exist"}
            self._answer(400 if answer is None else 200, json.dumps(missing if answer is None else answer).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keeps quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
