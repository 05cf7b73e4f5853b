"""`sagecraft cost`: from an app's templates, before anything is deployed."""

from __future__ import annotations

import pytest

from tests.infra.conftest import MakeProject

pytestmark = pytest.mark.slow


def test_a_change_is_told_before_it_costs_anything(make_project: MakeProject) -> None:
    project = make_project("money")
    before = project.json("cost", TYPE="ml.t2.medium")
    after = project.run("cost", "--compare", ".", "--markdown", TYPE="ml.g5.xlarge")
    told = project.run("cost", "--compare", ".", TYPE="ml.g5.xlarge")

    # 0.056 and 1.408 USD an hour, and a key
    assert before["monthly"] == {"low": 41.88, "high": 41.88}
    assert before["by_tag"]["team"] == {"churn": {"low": 40.88, "high": 40.88}, "": {"low": 1.0, "high": 1.0}}
    assert "**+$986.96 a month**: at least $41.88 before, at least $1,028.84 now" in after.stdout
    assert "| Churn/Endpoint | $40.88 | $1,027.84 | +$986.96 |" in after.stdout
    assert "Together: at least $1,028.84 a month\nNothing costs otherwise than before.\n" in told.stdout
    assert not project.settings.state_dir.joinpath("state").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--json", "--markdown"], "--markdown and --json are two forms of one answer. Give one of them."),
        (["--compare", "nowhere"], "--compare: there is no synthesized app in nowhere."),
    ],
)
def test_what_cannot_be_told_is_said_at_once(make_project: MakeProject, arguments: list[str], told: str) -> None:
    done = make_project("money").run("cost", *arguments, TYPE="ml.m5.large")
    assert done.returncode == 2
    assert told in done.stderr
