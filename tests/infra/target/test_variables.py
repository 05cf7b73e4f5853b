"""The variables that point clients at the emulator, or away from it."""

import subprocess
from pathlib import Path

import pytest
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.project import Project
from sagecraft_infra.target.variables import aws_environment, emulator_environment, emulator_variables, shell_lines


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path, EmulatorSettings(tmp_path / "state", 24999))


def test_a_process_for_the_emulator_gets_none_of_the_users_credentials(project: Project) -> None:
    mine = {
        "AWS_PROFILE": "production",
        "AWS_SESSION_TOKEN": "secret",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_ENDPOINT_URL_SAGEMAKER": "https://elsewhere.example",
        "PATH": "/usr/bin",
        "LANG": "C.UTF-8",
    }

    made = emulator_environment(project, mine)

    assert made["AWS_ACCESS_KEY_ID"] == "000000000000"
    assert made["AWS_ENDPOINT_URL"] == made["AWS_ENDPOINT_URL_S3"] == "http://127.0.0.1:24999"
    assert made["LANG"] == "C.UTF-8"
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_SAGEMAKER"} & made.keys()
    assert "AKIAREAL" not in made.values()


def test_a_process_for_aws_gets_nothing_of_the_emulator(project: Project) -> None:
    own = {"AWS_PROFILE": "production", "AWS_CONFIG_FILE": "/home/me/.aws/config", "AWS_DATA_PATH": "/home/me/models"}
    mine = {**own, "PATH": "/usr/bin"}
    evaluated = {**mine, **emulator_variables(project, mine)}

    made = aws_environment(evaluated)

    assert {name: value for name, value in made.items() if name.startswith("AWS_")} == own
    assert not {"CDK_DOCKER", "CDK_HOME", "SAGEMAKER_ADMIN_CONFIG_OVERRIDE"} & made.keys()


def test_a_process_for_aws_keeps_the_users_own_endpoint_and_keys() -> None:
    mine = {
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "AWS_SECRET_ACCESS_KEY": "real",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_S3": "https://vpce.s3.eu-west-1.vpce.amazonaws.com",
        "CDK_DOCKER": "finch",
        "PATH": "/usr/bin",
    }

    assert mine.items() - {("PATH", "/usr/bin")} <= aws_environment(mine).items()


def test_hosts_that_are_asked_without_a_proxy_are_added_to(project: Project) -> None:
    exempt = emulator_variables(project, {"NO_PROXY": "corp.example"})["NO_PROXY"].split(",")
    assert exempt[:3] == ["corp.example", "127.0.0.1", "localhost"]
    assert "sts.us-east-1.amazonaws.com" in exempt  # where a client that names it is led to the emulator


def test_the_lines_for_a_shell_survive_it(project: Project) -> None:
    mine = {"AWS_PROFILE": "production", "AWS_ENDPOINT_URL_STS": "https://elsewhere.example"}
    lines = shell_lines(emulator_variables(project, {"PATH": "/with space/bin:/it's"}), mine)
    told = 'printf "%s|%s|%s" "$PATH" "${AWS_PROFILE-unset}" "${AWS_ENDPOINT_URL_STS-unset}"'
    script = "\n".join([*lines, told])

    said = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env=mine).stdout

    assert said.endswith("/with space/bin:/it's|unset|unset")
