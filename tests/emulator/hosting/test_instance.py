import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_emulator.hosting.instance import end_leftovers
from sagecraft_emulator.state.process_start import start_of


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(["sleep", "infinity"]) as process:
        yield process
        process.kill()


def test_what_an_endpoint_has_left_is_ended_while_a_part_of_it_is_removed(
    tmp_path: Path, process: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "endpoint"
    vanishing = directory / ".removed-1"
    vanishing.mkdir(parents=True)
    (directory / "i-2").mkdir()
    running = {"pid": process.pid, "start": start_of(process.pid)}
    (directory / "i-2" / "process.json").write_text(json.dumps(running))
    scandir = os.scandir

    def removed_before(path: str | Path) -> object:
        if Path(path) == vanishing:
            raise FileNotFoundError(path)
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", removed_before)
        end_leftovers(directory)
    assert process.wait(10) != 0
    assert not directory.exists()
