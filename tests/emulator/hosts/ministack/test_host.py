"""Bringing ministack into the process of the emulator."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_emulator.authorization.clients import Clients
from sagecraft_emulator.errors import StartError
from sagecraft_emulator.hosts.functions.node_runtime import NodeRuntime
from sagecraft_emulator.hosts.ministack import host
from sagecraft_emulator.settings import EmulatorSettings


class _GrowingModules(dict[str, object]):
    """The modules of a process in which another thread imports."""

    def __iter__(self) -> Iterator[str]:
        for name in super().__iter__():
            self[f"{name}.imported_meanwhile"] = None
            yield name


def test_a_second_emulator_in_one_process_is_refused_whatever_other_threads_import(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = EmulatorSettings(tmp_path)
    monkeypatch.setattr(sys, "modules", _GrowingModules({**sys.modules, "ministack": None}))

    with pytest.raises(StartError, match="a process holds one emulator at most"):
        host.load(settings, Clients(settings.endpoint_url), NodeRuntime())
