"""What a project needs to be deployed."""

from dataclasses import replace
from pathlib import Path

import pytest
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project
from sagecraft_infra.project.region import check_region


def test_an_app_that_is_named_needs_no_cdk_json(tmp_path: Path) -> None:
    project = Project(tmp_path, EmulatorSettings(tmp_path / "state"))
    with pytest.raises(UserError, match=r'^There is no cdk\.json in .* --app "python app\.py"'):
        project.check_app()
    named = replace(project, app="python app.py")
    named.check_app()
    (tmp_path / "cdk.json").write_text("{}")
    named.check_app()


def test_a_variable_that_says_what_cannot_be_is_the_users_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGECRAFT_NOTEBOOKS", "opne")
    with pytest.raises(UserError, match="SAGECRAFT_NOTEBOOKS, must be 'open' or 'records', got 'opne'"):
        Project.here()


@pytest.mark.parametrize(
    ("region", "near"),
    [("eu-wset-1", " Did you mean 'eu-west-1', "), ("mars-1", " Write it like us-east-1."), ("../etc", "")],
)
def test_a_region_that_there_is_not_is_refused_with_those_like_it(
    monkeypatch: pytest.MonkeyPatch, region: str, near: str
) -> None:
    with pytest.raises(UserError) as refused:
        check_region(region, "--region")
    assert str(refused.value).startswith(f"--region: There is no region '{region}'.{near}")
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    with pytest.raises(UserError, match=r"^AWS_DEFAULT_REGION: There is no region"):
        Project.here()
    monkeypatch.setenv("AWS_REGION", "cn-north-1")
    assert Project.here().region == "cn-north-1"
