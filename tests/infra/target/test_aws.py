"""`--target aws`: the same app, with the user's own credentials and nothing of the emulator."""

import json

from sagecraft_infra.project import Project as InfraProject
from sagecraft_infra.target.variables import emulator_variables

from tests.infra.conftest import MakeProject

MINE = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "mine", "AWS_REGION": "eu-west-1"}


def test_the_cdk_cli_is_run_with_the_users_credentials_also_in_a_shell_that_points_at_the_emulator(
    make_project: MakeProject,
) -> None:
    project = make_project("environment")
    ours = emulator_variables(InfraProject(project.directory, project.settings), project.environment)
    shell = {**ours, **MINE}

    done = project.run("up", "--target", "aws", **shell)

    assert done.returncode == 2
    assert "nothing to deploy" in done.stderr
    seen = json.loads((project.directory / "environment.json").read_text())
    assert seen.items() >= MINE.items()
    assert not [name for name in seen if name.startswith("AWS_ENDPOINT_URL")]
    assert not {"CDK_DOCKER", "CDK_HOME"} & seen.keys()
    assert "mine" not in done.stdout + done.stderr
    assert not project.settings.database.exists(), "no emulator is started"
