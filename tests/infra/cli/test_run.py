"""What a command ends with where the emulator ends before it."""

import signal

import pytest
from botocore.exceptions import BotoCoreError, ConnectionClosedError, EndpointConnectionError
from sagecraft_infra.cli import run as running
from sagecraft_infra.cli.exit_codes import ExitCode

URL = "http://127.0.0.1:4566/"


@pytest.mark.parametrize(
    "error",
    [EndpointConnectionError(endpoint_url=URL, error="refused"), ConnectionClosedError(endpoint_url=URL, request=None)],
)
def test_an_emulator_that_ends_meanwhile_is_told_with_the_way_on(
    error: BotoCoreError, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def application(*_arguments: object, **_options: object) -> None:
        raise error

    monkeypatch.setattr(running, "application", application)
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    assert running.run(["status"]) == ExitCode.USER

    told = capsys.readouterr().err
    assert f"{URL} no longer answers. If the emulator has ended there, go on by: sagecraft up" in " ".join(told.split())
