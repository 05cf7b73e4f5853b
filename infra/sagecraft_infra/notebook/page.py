"""The page of a notebook instance, as a browser has it: opened by a presigned URL, and asked by its cookies."""

import json
import socket
import ssl
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from sagecraft_infra.errors import UserError, WorkFailed
from sagecraft_infra.near import near
from sagecraft_infra.target.missing import is_missing

from .standing import API

if TYPE_CHECKING:
    from mypy_boto3_sagemaker import SageMakerClient

    from .web_socket import WebSocket

SESSION_SECONDS: Final = 12 * 3600
"""The longest session that there is: a notebook may run for long."""
_TIMEOUT_SECONDS: Final = 60
_MOST_REDIRECTIONS: Final = 5
_NAMES_LOOKED_AT: Final = 100
_XSRF: Final = "_xsrf"
_HERE: Final = "127.0.0.1"


def presigned_url(sagemaker: "SageMakerClient", name: str) -> str:
    """A URL that opens a notebook instance, once.

    Raises:
        UserError: There is none of that name, with the near matches; or it does not open, and AWS's reason says why.
    """
    try:
        answer = sagemaker.create_presigned_notebook_instance_url(
            NotebookInstanceName=name, SessionExpirationDurationInSeconds=SESSION_SECONDS
        )
    except ClientError as error:
        if is_missing(error):
            names = islice(API.newest(sagemaker), _NAMES_LOOKED_AT)
            raise UserError(
                f"There is no {API.words} '{name}' in {sagemaker.meta.region_name}. {near(name, names)}"
            ) from error
        raise UserError(
            f"The notebook instance '{name}' does not open: {error.response.get('Error', {}).get('Message')}"
        ) from error
    return answer["AuthorizedUrl"]


class NotebookPage:
    """One session with a notebook instance.

    Args:
        url: That opens it; it is used up.

    Raises:
        WorkFailed: It does not open.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._name = parts.netloc, parts.hostname or ""
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self._cookies: dict[str, str] = {}
        target: str | None = f"{parts.path or '/'}?{parts.query}"
        for _ in range(_MOST_REDIRECTIONS):
            if target is None:
                return
            status, _, location = self._ask("GET", target, None)
            if status >= 400:
                raise WorkFailed(f"The notebook instance does not open: it answers with status {status}.")
            redirection = urlsplit(location)
            target = f"{redirection.path}?{redirection.query}" if location else None

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """The JSON that the server answers with; None where it has none.

        Raises:
            WorkFailed: It refuses.
        """
        status, answer, _ = self._ask(method, path, body)
        if status >= 400:
            raise WorkFailed(f"The notebook instance answers {method} {path} with status {status}: {_told(answer)}")
        return json.loads(answer) if answer else None

    def web_socket(self, path: str) -> "WebSocket":
        """A web socket to a path.

        Raises:
            WorkFailed: The server refuses it.
        """
        from .web_socket import WebSocket  # noqa: PLC0415 - few commands need one

        connection = socket.create_connection((self._address, self._port), _TIMEOUT_SECONDS)
        if self._secure:
            connection = ssl.create_default_context().wrap_socket(connection, server_hostname=self._name)
        return WebSocket(connection, self._host, path, self._headers())

    @property
    def _address(self) -> str:
        # Not every machine looks for names below localhost on itself.
        return _HERE if self._name.endswith(".localhost") else self._name

    def _headers(self) -> dict[str, str]:
        origin = f"{'https' if self._secure else 'http'}://{self._host}"
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        xsrf = {"X-XSRFToken": self._cookies[_XSRF]} if _XSRF in self._cookies else {}
        return {"Origin": origin, "Cookie": cookies, **xsrf}

    def _ask(self, method: str, target: str, body: object) -> tuple[int, bytes, str]:
        make = HTTPSConnection if self._secure else HTTPConnection
        with closing(make(self._address, self._port, timeout=_TIMEOUT_SECONDS)) as connection:
            try:
                sent = None if body is None else json.dumps(body)
                connection.request(method, target, sent, {"Host": self._host, **self._headers()})
                answer = connection.getresponse()
                for line in answer.headers.get_all("Set-Cookie", []):
                    name, _, value = line.partition(";")[0].partition("=")
                    self._cookies[name] = value
                return answer.status, answer.read(), answer.headers.get("Location", "")
            except (OSError, HTTPException) as error:
                raise WorkFailed(f"The notebook instance does not answer: {error}") from error


def _told(answer: bytes) -> str:
    try:
        members = json.loads(answer)
    except ValueError:
        return answer[:200].decode(errors="replace").strip()
    return str(members.get("message")) if isinstance(members, dict) else ""
