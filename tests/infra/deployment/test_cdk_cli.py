"""The CDK CLI, as deployments run it."""

import os
import subprocess
from pathlib import Path

import pytest
from sagecraft_infra.toolchain import cdk_command, cdk_script

WAITING = "async function waitFor(valueProvider, timeout = 5e3) {"


@pytest.mark.parametrize(
    ("variables", "milliseconds"), [({}, "5e3"), ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "500")]
)
def test_an_emulator_is_asked_more_often_whether_a_stack_is_done(
    tmp_path: Path, variables: dict[str, str], milliseconds: str
) -> None:
    cli = tmp_path / "aws-cdk" / "lib" / "index.js"
    cli.parent.mkdir(parents=True)
    cli.write_text(f"{WAITING}}}\nconsole.log(waitFor.toString())\n")
    node, *options, script = cdk_command()
    inherited = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}

    done = subprocess.run(
        [node, *options, str(cli)], env={**inherited, **variables}, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == f"{WAITING}}}".replace("5e3", milliseconds)
    assert script == str(cdk_script())


def test_the_cli_waits_as_is_expected_of_it() -> None:
    """Another version may wait in another way; the interval is then its own again."""
    assert cdk_script().parents[1].joinpath("lib", "index.js").read_text(encoding="utf-8").count(WAITING) == 1
