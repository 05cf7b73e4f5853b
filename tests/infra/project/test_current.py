"""What a project needs to be deployed."""

from dataclasses import replace
from pathlib import Path

import pytest
from sagecraft_emulator.settings import EmulatorSettings
from sagecraft_infra.errors import UserError
from sagecraft_infra.project import Project


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
