"""The Dockerfile: for each program, what it copies exists, and what it starts answers."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path

import pytest
from sagecraft_containers.programs import PROGRAMS, module_of

REPOSITORY = Path(__file__).parents[2]
IMAGES = REPOSITORY / "containers" / "images"


def folder(program: str) -> str:
    return module_of(program).rpartition(".")[2]


@pytest.mark.parametrize("program", PROGRAMS)
class TestDockerfile:
    def test_everything_copied_is_in_the_repository(self, program: str) -> None:
        copied = re.findall(r"^COPY (.+) \S+$", (IMAGES / "Dockerfile").read_text(), re.MULTILINE)
        sources = [source.replace("$PROGRAM", folder(program)) for sources in copied for source in sources.split()]
        assert sources
        assert [source for source in sources if not (REPOSITORY / source).exists()] == []

    def test_every_package_installed_is_pinned(self, program: str) -> None:
        packages = (IMAGES / f"{folder(program)}.txt").read_text().splitlines()
        pinned = {line.partition("==")[0] for line in (REPOSITORY / "requirements.lock").read_text().splitlines()}
        assert packages
        assert set(packages) <= pinned

    def test_train_and_serve_are_programs_on_the_path(self, program: str, tmp_path: Path) -> None:
        dockerfile = (IMAGES / "Dockerfile").read_text()
        command = re.search(r"^RUN (for program in .+?done)$", dockerfile, re.MULTILINE | re.DOTALL)
        assert command is not None
        written = command[1].replace("/usr/local/bin", str(tmp_path))
        subprocess.run(["/bin/sh", "-c", written], env={**os.environ, "PROGRAM": folder(program)}, check=True)
        module = module_of(program)
        assert importlib.util.find_spec(f"{module}.__main__") is not None
        for name in ("train", "serve"):
            file = tmp_path / name
            assert os.access(file, os.X_OK)
            assert file.read_text() == f"#!/bin/sh\nexec python -m {module} {name}\n"


def test_each_has_its_packages() -> None:
    assert sorted(file.stem for file in IMAGES.glob("*.txt")) == sorted(map(folder, PROGRAMS))
