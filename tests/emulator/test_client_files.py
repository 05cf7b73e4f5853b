"""Clients that are made with an endpoint of AWS: the emulator is asked."""

import json
import os
from pathlib import Path

import botocore.session
import pytest
from botocore.awsrequest import AWSPreparedRequest
from sagecraft_emulator.client_files import DATA_PATH, SDK_CONFIGURATION, without_client_files, write_client_files

EMULATOR = "http://127.0.0.1:9"


class Sent(Exception):
    """Where a request would have gone."""


def asked(service: str, operation: str, endpoint_url: str, variables: dict[str, str]) -> str:
    """The URL of a client's request, which is not sent."""
    session = botocore.session.Session()
    session.set_config_variable("data_path", variables[DATA_PATH])
    client = session.create_client(
        service,
        "us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id="000000000000",
        aws_secret_access_key="sagecraft",
    )

    def stop(request: AWSPreparedRequest, **_: object) -> None:
        raise Sent(request.url)

    client.meta.events.register("before-send", stop)
    with pytest.raises(Sent) as sent:
        getattr(client, operation)()
    return str(sent.value)


@pytest.mark.parametrize(
    ("service", "operation", "endpoint_url"),
    [
        # As `sts_regional_endpoint` of the SDKs makes it: aws/sagemaker-python-sdk, src/sagemaker/utils.py
        ("sts", "get_caller_identity", "https://sts.us-east-1.amazonaws.com"),
        ("sts", "get_caller_identity", "https://sts.amazonaws.com:443"),
        ("sts", "get_caller_identity", "https://sts.cn-north-1.amazonaws.com.cn"),
        ("sagemaker", "list_models", "https://api.sagemaker.eu-west-1.amazonaws.com"),
        ("sagemaker", "list_models", "https://api-fips.sagemaker.us-east-1.api.aws"),
    ],
)
def test_an_endpoint_of_aws_leads_to_the_emulator(
    service: str, operation: str, endpoint_url: str, tmp_path: Path
) -> None:
    assert asked(service, operation, endpoint_url, write_client_files(tmp_path, EMULATOR, {})) == f"{EMULATOR}/"


@pytest.mark.parametrize(
    "endpoint_url", ["http://127.0.0.1:77/", "https://sts.example/", "https://amazonaws.com.evil/"]
)
def test_an_endpoint_elsewhere_is_left_as_it_is_named(endpoint_url: str, tmp_path: Path) -> None:
    variables = write_client_files(tmp_path, EMULATOR, {})
    assert asked("sts", "get_caller_identity", endpoint_url, variables) == endpoint_url


def test_files_follow_the_emulator_to_another_port(tmp_path: Path) -> None:
    write_client_files(tmp_path, EMULATOR, {})
    moved = write_client_files(tmp_path, "http://127.0.0.1:10", {})
    endpoint_url = "https://sts.us-east-1.amazonaws.com"
    assert asked("sts", "get_caller_identity", endpoint_url, moved) == "http://127.0.0.1:10/"


def test_what_the_environment_has_already_stays_in_force_and_comes_back(tmp_path: Path) -> None:
    mine = {DATA_PATH: f"/models{os.pathsep}/others", SDK_CONFIGURATION: "/etc/mine.yaml"}
    earlier = {**mine, **write_client_files(tmp_path / "earlier", EMULATOR, mine)}

    now = write_client_files(tmp_path / "now", EMULATOR, earlier)

    first, *others = now[DATA_PATH].split(os.pathsep)
    assert (Path(first).parent, others) == (tmp_path / "now", ["/models", "/others"])
    assert now[SDK_CONFIGURATION] == "/etc/mine.yaml"
    assert without_client_files({**earlier, **now}) == mine
    assert without_client_files(write_client_files(tmp_path, EMULATOR, {})) == {}


def test_the_sdk_tells_nobody_what_it_is_used_for(tmp_path: Path) -> None:
    file = Path(write_client_files(tmp_path, EMULATOR, {})[SDK_CONFIGURATION])
    modules = json.loads(file.read_text("utf-8"))["SageMaker"]["PythonSDK"]["Modules"]
    assert modules == {"TelemetryOptOut": True}
