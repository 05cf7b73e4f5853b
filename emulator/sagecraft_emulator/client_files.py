"""What leads clients: the variables that would lead them elsewhere, and files where no variable of AWS's does.

`AWS_ENDPOINT_URL` gives way to an endpoint that a client is made with, and the SageMaker SDK makes its clients of STS
with `https://sts.REGION.amazonaws.com`. The rules of a service have the last word on where a request goes, and botocore
looks for them in the directories of `AWS_DATA_PATH` before its own. These rules lead every endpoint of AWS to the
emulator, and leave any other as it is named. Whatever has botocore follows them: any Python, and the AWS CLI.

Botocore reads them in `botocore/endpoint_provider.py`, and finds them by `botocore/loaders.py`.
"""

import json
import os
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from sagecraft_catalog import dns_suffix
from sagecraft_catalog.region import regions

DATA_PATH: Final = "AWS_DATA_PATH"
SDK_CONFIGURATION: Final = "SAGEMAKER_ADMIN_CONFIG_OVERRIDE"
DIRECTORY_NAME: Final = "sagecraft-clients"
"""By which a directory in `AWS_DATA_PATH` is known to be ours."""
LEADING_ELSEWHERE: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
"""What would lead a client past the emulator, to an account of the user."""
_NAMED_BY_CLIENTS: Final = {"sts": "2011-06-15", "sagemaker": "2017-07-24", "sagemaker-runtime": "2017-05-13"}
"""The services that clients give an endpoint of AWS, with the version of their API."""
_DOMAINS: Final = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")
_HOSTS: Final = ("sts", "api.sagemaker", "runtime.sagemaker")
_SDK_CONFIGURATION_FILE: Final = "sagemaker-sdk.yaml"
_NO_TELEMETRY: Final = json.dumps(
    {"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}}}, indent=1
)
"""The SDK tells AWS what it is used for, by requests that no endpoint leads elsewhere."""


def write_client_files(parent: Path, endpoint_url: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Writes the files; returns the variables by which clients find them.

    Args:
        parent: Of the directory that they are written into.
        endpoint_url: Of the emulator.
        environment: The environment so far: its own data path stays behind ours, its own configuration in force.
    """
    directory = parent / DIRECTORY_NAME
    write_rules(directory, endpoint_url)
    configuration = directory / _SDK_CONFIGURATION_FILE
    _write(configuration, _NO_TELEMETRY)  # JSON is YAML
    others = without_client_files(environment)
    data_path = os.pathsep.join(filter(None, [str(directory), others.get(DATA_PATH)]))
    return {DATA_PATH: data_path, SDK_CONFIGURATION: others.get(SDK_CONFIGURATION, str(configuration))}


def write_rules(directory: Path, endpoint_url: str) -> None:
    """Writes the rules that lead clients, into a directory where botocore looks for them."""
    for service, version in _NAMED_BY_CLIENTS.items():
        _write(directory / service / version / "endpoint-rule-set-1.json", _rules(endpoint_url))


def hosts_of_telemetry() -> list[str]:
    """The hosts that the SageMaker SDK tells what it is used for.

    Source: `_construct_url` in src/sagemaker/telemetry/telemetry_logging.py of
    https://github.com/aws/sagemaker-python-sdk, and in src/sagemaker/serve/utils/telemetry_logger.py before it.
    """
    return [f"{name}-{each}.s3.{each}.amazonaws.com" for each in regions() for name in ("sm-pysdk-t", "dev-exp-t")]


def leads_elsewhere(name: str) -> bool:
    """Whether a variable of that name may lead a client of AWS to some endpoint, or to an account of the user."""
    return name in LEADING_ELSEWHERE or name.startswith("AWS_ENDPOINT_URL")


def leads_nowhere(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without whatever leads clients of AWS to any endpoint or account but by themselves."""
    return {name: value for name, value in without_client_files(environment).items() if not leads_elsewhere(name)}


def hosts_led_here(region: str) -> list[str]:
    """The hosts of AWS in whose place the emulator answers: botocore looks there whether to ask a proxy."""
    return [f"{each}.{region}.{dns_suffix(region)}" for each in _HOSTS]


def without_client_files(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without what `write_client_files` has put into it."""
    kept = dict(environment)
    directories = kept.pop(DATA_PATH, "").split(os.pathsep)
    if others := [each for each in directories if each and Path(each).name != DIRECTORY_NAME]:
        kept[DATA_PATH] = os.pathsep.join(others)
    if Path(kept.get(SDK_CONFIGURATION, "")).parent.name == DIRECTORY_NAME:
        del kept[SDK_CONFIGURATION]
    return kept


@cache
def _rules(endpoint_url: str) -> str:
    endpoint = {"ref": "Endpoint"}
    of_aws: list[list[dict[str, Any]]] = [
        [
            {"fn": "isSet", "argv": [endpoint]},
            {"fn": "parseURL", "argv": [endpoint], "assign": "Parsed"},
            {"fn": "getAttr", "argv": [{"ref": "Parsed"}, "authority"], "assign": "Host"},
            {"fn": "substring", "argv": [{"ref": "Host"}, 0, len(ending), True], "assign": "Ending"},
            {"fn": "stringEquals", "argv": [{"ref": "Ending"}, ending]},
        ]
        for domain in _DOMAINS
        for ending in (domain, f"{domain}:443")
    ]
    named = {"builtIn": "SDK::Endpoint", "required": False, "type": "string", "documentation": "As a client names it."}
    rules = [
        *(_leads_to(endpoint_url, conditions) for conditions in of_aws),
        _leads_to(endpoint, [{"fn": "isSet", "argv": [endpoint]}]),
        _leads_to(endpoint_url, []),
    ]
    return json.dumps({"version": "1.0", "parameters": {"Endpoint": named}, "rules": rules}, indent=1)


def _leads_to(url: str | dict[str, str], conditions: list[dict[str, Any]]) -> dict[str, Any]:
    endpoint = {"url": url, "properties": {}, "headers": {}}
    return {"conditions": conditions, "type": "endpoint", "endpoint": endpoint}


def _write(file: Path, text: str) -> None:
    """Writes a file in one step, for others read it meanwhile; what it holds already is left alone."""
    if file.is_file() and file.read_text("utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}-", delete=False) as written:
        written.write(text)
    Path(written.name).chmod(0o644)
    Path(written.name).replace(file)
