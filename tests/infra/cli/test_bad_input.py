"""What people get wrong: each is a sentence and exit code 2, never a traceback."""

import socket
from pathlib import Path

import pytest

from tests.infra.conftest import MakeProject


def test_up_needs_an_app(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("topic")
    (project.directory / "cdk.json").unlink()

    done = project.run("up")

    assert done.returncode == 2
    assert done.stderr.startswith(f"Error: There is no cdk.json in {project.directory}.")
    assert "make one: sagecraft init DIR" in done.stderr


def test_an_app_that_nobody_names_is_asked_for(make_project: MakeProject) -> None:
    project = make_project("topic")
    (project.directory / "cdk.json").write_text("{}")

    done = project.run("up")

    assert done.returncode == 2
    assert '--app "python app.py"' in done.stderr


def test_a_port_that_another_program_has_is_named(make_project: MakeProject) -> None:
    project = make_project("topic")
    with socket.create_server(("127.0.0.1", project.settings.port)):
        done = project.run("up")

    assert done.returncode == 2
    assert f"Port {project.settings.port} is taken by something that is no Sagecraft emulator." in done.stderr
    assert "--port" in done.stderr


def test_a_state_directory_that_cannot_be_made_is_named(make_project: MakeProject, tmp_path: Path) -> None:
    project = make_project("topic")
    (tmp_path / "file").write_text("")

    done = project.run("up", "--state-dir", str(tmp_path / "file" / "state"))

    assert done.returncode == 2
    assert f"The state directory {tmp_path / 'file' / 'state'} cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_misspelt_instance_type_is_refused_with_near_matches_and_without_a_traceback(
    make_project: MakeProject,
) -> None:
    project = make_project("broken")

    done = project.run("up")

    assert done.returncode == 2
    assert "The app cannot be synthesized." in done.stderr
    assert "ml.t3.mediun" in done.stderr
    assert "ml.t3.medium" in done.stderr
    assert 'File "' not in done.stderr


@pytest.mark.slow
def test_a_failed_deployment_tells_the_reason_of_the_resource_that_failed(make_project: MakeProject) -> None:
    project = make_project("failing")

    done = project.run("up")

    assert done.returncode == 3
    assert "Failing: EndpointConfig (AWS::SageMaker::EndpointConfig) CREATE_FAILED: " in done.stderr
    assert "no-such-model" in done.stderr
    assert "Traceback" not in done.stderr


def test_commands_that_ask_the_emulator_say_how_to_start_it(make_project: MakeProject) -> None:
    project = make_project("topic")

    for command in (["status"], ["logs", "job"], ["images", "list"]):
        done = project.run(*command)
        assert done.returncode == 2
        assert f"No emulator answers on {project.settings.endpoint_url}. Run: sagecraft up" in done.stderr


def test_the_media_type_of_standard_input_must_be_given(make_project: MakeProject) -> None:
    done = make_project("topic").run("invoke", "endpoint", "-", stdin="1,2\n")

    assert done.returncode == 2
    assert "Give --content-type" in done.stderr


def test_an_unknown_option_is_a_users_error(make_project: MakeProject) -> None:
    done = make_project("topic").run("up", "--prot", "1")

    assert done.returncode == 2
    assert "--port" in done.stderr
