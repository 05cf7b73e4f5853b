"""An emulator that somebody else has started: which one it is, and what it can do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from sagecraft_infra.errors import UserError

TIMEOUT_SECONDS: Final = 10.0
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_GOOD: Final = frozenset({HTTPStatus.OK, HTTPStatus.CREATED})  # moto answers 201
_PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}


class EmulatorKind(StrEnum):
    """The emulators that are told apart; the values of `--emulator`."""

    SAGECRAFT = "sagecraft"
    LOCALSTACK = "localstack"
    MINISTACK = "ministack"
    MOTO = "moto"
    OTHER = "other"


@dataclass(frozen=True)
class ExternalEmulator:
    """An emulator that answers.

    Attributes:
        endpoint_url: Where, without a slash at the end.
        kind: Which one.
        version: What it says of its version, if anything.
        has_sagecraft: Whether SageMaker is answered by our service, which runs jobs and endpoints.
        has_sagemaker: Whether anything there is known to answer for SageMaker.
        resource_types: What its CloudFormation makes; None where that is not known.
        account: The account that it plays; empty until it was asked.
    """

    endpoint_url: str
    kind: EmulatorKind
    version: str | None = None
    has_sagecraft: bool = False
    has_sagemaker: bool = False
    resource_types: frozenset[str] | None = None
    account: str = ""

    @property
    def name(self) -> str:
        """As a person would call it, such as `LocalStack 4.14.0 with Sagecraft`."""
        named = {
            EmulatorKind.SAGECRAFT: "Sagecraft's emulator",
            EmulatorKind.LOCALSTACK: "LocalStack",
            EmulatorKind.MINISTACK: "ministack",
            EmulatorKind.MOTO: "moto",
            EmulatorKind.OTHER: "An unknown emulator of AWS",
        }[self.kind]
        version = "" if self.version is None else f" {self.version}"
        guest = " with Sagecraft" if self.has_sagecraft and self.kind is not EmulatorKind.SAGECRAFT else ""
        return f"{named}{version}{guest}"

    @property
    def host(self) -> str:
        """The machine where it listens."""
        return urlsplit(self.endpoint_url).hostname or ""

    @property
    def port(self) -> int:
        """Where it listens there."""
        parts = urlsplit(self.endpoint_url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def runs_local_programs(self) -> bool:
        """Whether a program of this machine can stand for an image there."""
        return self.has_sagecraft and self.host in _LOOPBACK


def detect(
    url: str, *, region: str, access_key: str, secret: str, expected: EmulatorKind | None = None
) -> ExternalEmulator:
    """Finds out which emulator answers, by its health endpoints.

    Args:
        url: Such as `http://127.0.0.1:4566`.
        region: Asked when the emulator is asked for its account.
        access_key: Likewise.
        secret: Likewise.
        expected: Which one it has to be. Left out, any.

    Raises:
        UserError: The URL is none; nothing answers there, or no emulator of AWS, or another one than expected.
    """
    parts = _checked(url)
    found = _identify(parts)
    account = _account(found.endpoint_url, region, access_key, secret)
    if expected is not None and found.kind is not expected:
        raise UserError(
            f"{found.name} answers at {found.endpoint_url}, and --emulator says that it is {expected}. "
            f"Give the URL of that one, or --emulator {found.kind}."
        )
    return replace(found, account=account)


def _checked(url: str) -> SplitResult:
    example = "Give one such as http://127.0.0.1:4566."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UserError(f"--endpoint-url: '{url}' is no URL: {error}. {example}") from None
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise UserError(f"--endpoint-url: '{url}' is no URL of an emulator. {example}")
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise UserError(f"--endpoint-url: '{url}' has more than a host and a port. {example}")
    if parts.hostname.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        raise UserError(f"--endpoint-url: '{url}' is AWS itself. To deploy there: --target aws.")
    return parts


def _identify(parts: SplitResult) -> ExternalEmulator:
    url = f"{parts.scheme}://{parts.netloc}"
    ours = _get(parts, "/_sagecraft/health")
    has_sagecraft = "process_id" in ours and "state_dir" in ours
    host = _get(parts, "/_ministack/health")
    if "edition" in host and has_sagecraft:
        return ExternalEmulator(url, EmulatorKind.SAGECRAFT, has_sagecraft=True, has_sagemaker=True)
    if "edition" in host:
        return ExternalEmulator(url, EmulatorKind.MINISTACK, host.get("version"))
    local = _get(parts, "/_localstack/health")
    if "edition" in local and isinstance(local.get("services"), dict):
        types = _get(parts, "/_sagecraft/resource-types").get("resource_types") if has_sagecraft else None
        return ExternalEmulator(
            url,
            EmulatorKind.LOCALSTACK,
            local.get("version"),
            has_sagecraft,
            local["services"].get("sagemaker") in {"available", "running"},
            None if types is None else frozenset(types),
        )
    if "batch" in _get(parts, "/moto-api/config"):
        return ExternalEmulator(url, EmulatorKind.MOTO, has_sagemaker=True)
    return ExternalEmulator(url, EmulatorKind.OTHER, has_sagecraft=has_sagecraft, has_sagemaker=has_sagecraft)


def _get(parts: SplitResult, path: str) -> dict[str, Any]:
    """The members of a JSON answer; none where it is another answer.

    Raises:
        UserError: Nothing answers.
    """
    maker = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    assert parts.hostname is not None  # noqa: S101 - it was checked
    connection = maker(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        text = response.read()
    except (OSError, HTTPException) as error:
        raise UserError(
            f"No emulator answers at {parts.scheme}://{parts.netloc}: {error}. Start it, or give the URL of one that "
            "runs; sagecraft up without --endpoint-url starts one of its own."
        ) from error
    finally:
        connection.close()
    if response.status not in _GOOD:
        return {}
    try:
        members = json.loads(text)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _account(url: str, region: str, access_key: str, secret: str) -> str:
    client = boto3.Session(access_key, secret, region_name=region).client(
        "sts",
        endpoint_url=url,
        config=Config(retries={"total_max_attempts": 1}, proxies={}, read_timeout=TIMEOUT_SECONDS),
    )
    try:
        account: str = client.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError, ResponseParserError, KeyError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"What answers at {url} is no emulator of AWS: it does not do STS GetCallerIdentity ({reason}). "
            "Give the URL of one, such as http://127.0.0.1:4566."
        ) from error
    return account
