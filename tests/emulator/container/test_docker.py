"""The command lines for a container engine. None is asked for here: a script stands in its place."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sagecraft_emulator.container.docker import docker_engine, docker_run, end_container, end_leftover_containers

IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:1"


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stands in for docker; the file of the arguments that it was called with."""
    calls = tmp_path / "calls"
    program = tmp_path / "docker"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {calls}\ncase $1 in version) echo 28.0 ;; ps) echo c1 && echo c2 ;; esac\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    docker_engine.cache_clear()
    yield calls
    docker_engine.cache_clear()


def command_line(*, replaces_entrypoint: bool) -> list[str]:
    return docker_run(
        IMAGE,
        ["train", "--fast"],
        replaces_entrypoint=replaces_entrypoint,
        opt_ml=Path("/state/work/job/ml"),
        hosts=Path("/state/work/job/hosts"),
        work_dir=Path("/state/work"),
        host_name="algo-1",
        environment={"AWS_SECRET_ACCESS_KEY": "secret", "A": "b", "AWS_DATA_PATH": "/state/clients"},
        name="job",
    )


def test_an_image_runs_with_its_opt_ml_its_host_name_and_no_secret_on_the_command_line() -> None:
    expected = (
        "docker run --rm --init --network host --name job --hostname algo-1 --label sagecraft.work-dir=/state/work "
        "--volume /state/work/job/ml:/opt/ml --volume /state/work/job/hosts:/etc/hosts "
        "--volume /state/clients:/state/clients:ro "
        f"--env AWS_SECRET_ACCESS_KEY --env A --env AWS_DATA_PATH {IMAGE} train --fast"
    )
    assert command_line(replaces_entrypoint=False) == expected.split()


def test_a_command_can_take_the_place_of_the_images_entry_point() -> None:
    assert command_line(replaces_entrypoint=True)[-4:] == ["--entrypoint", "train", IMAGE, "--fast"]


def test_an_engine_that_answers_is_found_and_asked_once(engine: Path) -> None:
    assert docker_engine() == "28.0"
    assert docker_engine() == "28.0"
    assert engine.read_text() == "version --format {{.Server.Version}}\n"


def test_a_docker_command_without_an_engine_is_no_engine(engine: Path) -> None:
    (engine.parent / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    assert docker_engine() is None


def test_a_machine_without_docker_has_no_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    docker_engine.cache_clear()
    assert docker_engine() is None
    end_leftover_containers(tmp_path)
    docker_engine.cache_clear()


def test_containers_are_ended_by_name_and_leftovers_by_label(engine: Path) -> None:
    end_container("job")
    end_leftover_containers(Path("/state/work"))
    assert engine.read_text().splitlines() == [
        "rm --force job",
        "version --format {{.Server.Version}}",
        "ps --all --quiet --filter label=sagecraft.work-dir=/state/work",
        "rm --force c1",
        "rm --force c2",
    ]
