"""A container declared from a Dockerfile, on a machine without a container engine."""

from pathlib import Path

import pytest
from sagecraft_constructs.container.local_program import METADATA_KEY
from sagecraft_infra.docker.engine import engine_answers
from sagecraft_infra.project.assembly import LOCAL_PROGRAMS_KEY

from tests.infra.conftest import MakeProject

without_engine = pytest.mark.skipif(engine_answers(), reason="a container engine answers here, and builds the image")


def test_the_command_reads_what_the_constructs_write() -> None:
    assert LOCAL_PROGRAMS_KEY == METADATA_KEY


@pytest.mark.slow
@without_engine
def test_the_declared_local_program_answers_for_the_container(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("container")

    deployed = project.run("up")
    assert deployed.returncode == 0, deployed.stderr
    name = project.client("cloudformation").describe_stacks(StackName="Container")["Stacks"][0]["Outputs"][0][
        "OutputValue"
    ]
    answered = project.run("invoke", name, "-", "--content-type", "text/plain", stdin="who is there")
    logged = project.run("logs", name)

    assert (answered.returncode, answered.stdout) == (0, "WHO IS THERE"), answered.stderr
    assert "serving" in logged.stdout
    assert "No container engine answers" in deployed.stderr
    assert "runs as the local program program.py" in deployed.stderr


@pytest.mark.slow
@without_engine
def test_without_a_local_program_the_argument_to_add_is_named(make_project: MakeProject) -> None:
    done = make_project("container").run("up", WITHOUT_LOCAL_PROGRAM="1")

    assert done.returncode == 3
    assert "no container engine answers, and it has no local program" in done.stderr
    assert "local_program=LocalProgram(entry_point='train.py')" in done.stderr
