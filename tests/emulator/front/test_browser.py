"""What a web page must not reach. Source: "Fetch Metadata Request Headers" of W3C, and RFC 9110, section 7.4."""

import http.client
import json
import socket

import pytest
from sagecraft_emulator.front.browser import refusal

from tests.emulator.conftest import RunningEmulator


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:4566",
        "127.0.0.1:4566",
        "127.0.0.2",
        "[::1]:4566",
        "bucket.localhost:4566",
        "bucket.s3.us-east-1.localhost:4566",
        "localhost.localstack.cloud:4566",
        "bucket.s3.localhost.localstack.cloud:4566",
    ],
)
def test_names_of_this_machine_are_answered(host: str) -> None:
    assert refusal({"host": host}) is None
    assert refusal({"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:4566",
        "localhost.evil.example",
        "notlocalhost",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "169.254.169.254",
        "0.0.0.0",
        "",
        "[::1",
    ],
)
def test_other_names_are_not(host: str) -> None:
    refused = refusal({"host": host})
    assert refused is not None
    assert refused.status == 421
    assert f"not as '{host}'. Use localhost, " in refused.message


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://mine.notebook.us-east-1.sagemaker.localhost:4566", "sec-fetch-site": "same-site"},
        {"origin": "http://localhost.evil.example"},
        {"sec-fetch-site": "cross-site"},
    ],
)
def test_pages_of_other_machines_are_refused(headers: dict[str, str]) -> None:
    refused = refusal({"host": "localhost:4566", **headers})
    assert refused is not None
    assert (refused.status, refused.message) == (403, "Requests from web pages of other hosts are refused.")


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost:3000"}, {"sec-fetch-site": "same-site"}])
def test_pages_of_this_machine_and_what_is_no_browser_are_not(headers: dict[str, str]) -> None:
    assert refusal(headers) is None


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/_sagecraft/health"), ("GET", "/"), ("PUT", "/bucket/key"), ("POST", "/endpoints/mine/invocations")],
)
def test_nothing_of_the_emulator_answers_to_a_name_of_another_machine(
    emulator: RunningEmulator, method: str, path: str
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", emulator.settings.port, timeout=10)
    connection.request(method, path, b"x" if method != "GET" else None, {"Host": "evil.example"})
    answer = connection.getresponse()
    assert answer.status == 421
    assert "not as 'evil.example'" in json.loads(answer.read())["message"]
    connection.close()


def test_a_page_of_another_machine_opens_no_web_socket(emulator: RunningEmulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.settings.port), 10) as connection:
        connection.sendall(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert connection.recv(1000).startswith(b"HTTP/1.1 403 ")
