"""A browser of a test that opens notebook instances."""

import json
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from tests.emulator.web_socket import WebSocket, run_cell

TIMEOUT_SECONDS = 60


@dataclass
class Browser:
    """One page of a notebook instance, with its cookies.

    Attributes:
        url: That leads to it.
    """

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    def open(self) -> tuple[int, str]:
        """The status of what it gets for the URL, and where that leads."""
        place = urlsplit(self.url)
        status, _, location = self._ask("GET", f"{place.path}?{place.query}", None, {})
        return status, location

    def leads_to(self, path: str) -> str:
        """Where an answer leads."""
        return self._ask("GET", path, None, {})[2]

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """The status of an answer, and the JSON in it."""
        status, answer, _ = self._ask(method, path, body, {"Origin": self.origin, **headers})
        return status, json.loads(answer) if answer.startswith((b"{", b"[")) else answer.decode()

    def web_socket(self, path: str, origin: str | None = None) -> WebSocket:
        """A web socket of a page; of its own, or of one of another origin."""
        headers = {"Cookie": self._cookie(), "Origin": self.origin if origin is None else origin}
        return WebSocket(self.port, self.host, path, headers)

    def run(self, code: str) -> str:
        """What a new kernel prints that runs a cell, and ends."""
        status, kernel = self.ask("POST", "/api/kernels", {})
        assert status == 201, kernel
        with self.web_socket(f"/api/kernels/{kernel['id']}/channels") as channels:
            printed = run_cell(channels, code)
        self.ask("DELETE", f"/api/kernels/{kernel['id']}")
        return printed

    def _ask(self, method: str, target: str, body: object, headers: dict[str, str]) -> tuple[int, bytes, str]:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_SECONDS)) as connection:
            sent = None if body is None else json.dumps(body)
            connection.request(method, target, sent, {"Host": self.host, "Cookie": self._cookie(), **headers})
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie", []):
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read(), answer.headers.get("Location", "")

    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())
