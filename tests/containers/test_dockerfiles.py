"""The Dockerfiles: what they copy exists, and what they start answers."""

import importlib.util
import json
import os
import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCKERFILES = sorted((REPOSITORY / "containers" / "images").glob("*/Dockerfile"))


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.parent.name)
class TestDockerfile:
    def test_everything_copied_is_in_the_repository(self, dockerfile: Path) -> None:
        sources = re.findall(r"^COPY (\S+) ", dockerfile.read_text(), re.MULTILINE)
        assert sources
        assert [source for source in sources if not (REPOSITORY / source).exists()] == []

    def test_every_package_installed_is_pinned(self, dockerfile: Path) -> None:
        match = re.search(r"\^\(([^)]+)\)==", dockerfile.read_text())
        assert match is not None
        pinned = {line.partition("==")[0] for line in (REPOSITORY / "requirements.lock").read_text().splitlines()}
        assert set(match[1].split("|")) <= pinned

    def test_the_entry_point_takes_train_and_serve(self, dockerfile: Path) -> None:
        match = re.search(r"^ENTRYPOINT (.+)$", dockerfile.read_text(), re.MULTILINE)
        assert match is not None
        python, flag, module = json.loads(match[1])
        assert (python, flag) == ("python", "-m")
        assert importlib.util.find_spec(f"{module}.__main__") is not None

    def test_train_and_serve_are_programs_on_the_path_too(self, dockerfile: Path, tmp_path: Path) -> None:
        command = re.search(r"^RUN (for program in .+?done)$", dockerfile.read_text(), re.MULTILINE | re.DOTALL)
        assert command is not None
        written = command[1].replace("/usr/local/bin", str(tmp_path))
        subprocess.run(["/bin/sh", "-c", written], check=True)
        module = f"sagecraft_containers.{dockerfile.parent.name}"
        for name in ("train", "serve"):
            program = tmp_path / name
            assert os.access(program, os.X_OK)
            assert program.read_text() == f"#!/bin/sh\nexec python -m {module} {name}\n"


def test_there_is_one_for_each_container() -> None:
    assert [path.parent.name for path in DOCKERFILES] == ["sklearn", "xgboost"]
