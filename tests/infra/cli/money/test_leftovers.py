"""`sagecraft leftovers`: what is asked for wrongly, and what asks first."""

from __future__ import annotations

import pytest

from tests.infra.conftest import MakeProject


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--target", "aws", "--yes"], "--yes is about --delete. Give both, or neither."),
        (["--target", "aws", "--tag", "team"], "--tag should be KEY=VALUE, such as team=churn, got 'team'."),
        (["--target", "aws"], "Nothing says which stacks were the app's: it has not been synthesized here."),
        ([], "No emulator answers on"),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_once(make_project: MakeProject, arguments: list[str], told: str) -> None:
    done = make_project("topic").run("leftovers", *arguments, AWS_REGION="us-east-1")
    assert done.returncode == 2
    assert told in done.stderr
