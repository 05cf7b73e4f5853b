"""What a container finds of its image's environment."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sagecraft_catalog import algorithm
from sagecraft_emulator.container import container
from sagecraft_emulator.container.images import LocalProgram
from sagecraft_emulator.container.sandbox import Sandbox, SandboxedProcess

from tests.emulator.world import World


def test_a_program_in_a_virtual_environment_has_its_packages_and_installs_beside_it_not_into_it(
    world: World, tmp_path: Path
) -> None:
    image = tmp_path / "image"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(image)], check=True)
    packages = next(image.glob("lib/python3*/site-packages"))
    (packages / "of_the_image.py").write_text("")
    program = tmp_path / "program.py"
    program.write_text(
        """
import subprocess, sys, sysconfig
import of_the_image
print("installs into", sysconfig.get_path("purelib"))
for name in ("python", "python3", "pip"):
    print(name, subprocess.run(["bash", "-c", f"command -v {name}"], capture_output=True, text=True).stdout.strip())
subprocess.run(["python", "-c", "import of_the_image, sys; print('a script runs on', sys.executable)"], check=True)
"""
    )
    world.images.register("own", LocalProgram(train=(str(image / "bin" / "python"), str(program))))
    record = world.end(world.job("own"))
    assert record.status == "Completed", record.body
    lines = world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name)
    told = dict(line.rsplit(" ", 1) for line in lines)
    own = told["python"].removesuffix("/bin/python")
    assert Path(own) != image
    assert told == {
        "installs into": f"{own}/lib/{packages.parent.name}/site-packages",
        "python": f"{own}/bin/python",
        "python3": f"{own}/bin/python3",
        "pip": f"{own}/bin/pip",
        "a script runs on": f"{own}/bin/python",
    }


def test_a_program_whose_virtual_environment_is_below_tmp_is_found(world: World) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as directory:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
        (next(Path(directory).glob("lib/python3*/site-packages")) / "of_the_image.py").write_text("print('found')")
        world.images.register("own", LocalProgram(train=(f"{directory}/bin/python", "-m", "of_the_image")))
        record = world.end(world.job("own"))
    assert world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name) == ["found"]


def test_a_program_without_a_virtual_environment_installs_beside_it_not_into_it(world: World, tmp_path: Path) -> None:
    program = tmp_path / "program.sh"
    program.write_text('#!/bin/sh\necho "$PIP_TARGET" "$PYTHONPATH"\n')
    world.images.register("own", LocalProgram(train=("sh", str(program))))
    record = world.end(world.job("own"))
    assert record.status == "Completed", record.body
    (line,) = world.log_lines("/aws/sagemaker/TrainingJobs", record.key.name)
    target, seen = line.split()
    assert target == seen
    assert target.endswith("/packages")


@pytest.mark.parametrize(
    ("own", "is_forked"),
    [
        ({}, True),
        ({"AWS_REGION": "eu-west-1"}, True),
        ({"OF_MY_OWN": "1"}, False),
        ({"PYTHONHASHSEED": "1"}, False),
        ({"PYTHONUNBUFFERED": ""}, False),
        ({"LC_ALL": "C"}, False),
        ({"OMP_NUM_THREADS": "many"}, False),
        ({"OPENBLAS_NUM_THREADS": "7"}, False),
        ({"OMP_WAIT_POLICY": "active"}, False),
    ],
)
def test_a_job_is_forked_from_what_is_imported_unless_a_variable_may_have_to_be_known_before(
    world: World, monkeypatch: pytest.MonkeyPatch, own: dict[str, str], is_forked: bool
) -> None:
    forked = []

    def start(
        box: Sandbox, command: object, environment: Mapping[str, str], *arguments: Any, launcher: object, **rest: Any
    ) -> SandboxedProcess:
        del command
        forked.append(launcher is not None)
        return plain(box, ["true"], environment, *arguments, **rest)

    plain = Sandbox.start
    monkeypatch.setattr(Sandbox, "start", start)
    record = world.end(world.job(algorithm("xgboost").image_uri("3.2-0", "us-east-1"), Environment=own))
    assert record.status == "Completed", record.body
    assert forked == [is_forked]


def test_what_imports_the_same_is_forked_from_one_interpreter() -> None:
    def command(name: str, step: str = "train", python: str = sys.executable) -> tuple[str, ...]:
        return (python, "-m", f"sagecraft_containers.{name}", step)

    tables = [command(name) for name in ("kmeans", "knn", "lda", "lightgbm", "pca", "automl")]
    # A processing job names its program itself.
    steps = [command("automl", step, "python3") for step in ("analyze", "report")]
    assert len({container._WARM[each] for each in (*tables, *steps)}) == 1
    gradients = [command(name) for name in ("linear_learner", "factorization_machines")]
    assert len({container._WARM[each] for each in gradients}) == 1
    assert len({container._WARM[command(name)] for name in ("pca", "linear_learner", "xgboost")}) == 3
