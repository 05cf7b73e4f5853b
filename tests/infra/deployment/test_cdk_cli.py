"""The CDK CLI, as deployments run it."""

import os
import subprocess
from pathlib import Path

import pytest
from sagecraft_infra.toolchain import cdk_command, cdk_script

WAITING = "async function waitFor(valueProvider, timeout = 5e3) {"


@pytest.fixture
def cli(tmp_path: Path) -> Path:
    """What the CDK CLI is for what is loaded before it."""
    file = tmp_path / "aws-cdk" / "lib" / "index.js"
    file.parent.mkdir(parents=True)
    file.write_text(
        f"{WAITING}}}\nconsole.log(waitFor.toString(), require('node:path').sep, module.exports === exports)\n"
    )
    return file


def run(cli: Path, **variables: str) -> str:
    node, *options, script = cdk_command()
    assert script == str(cdk_script())
    inherited = {name: value for name, value in os.environ.items() if name != "AWS_ENDPOINT_URL"}
    environment = {**inherited, "XDG_CACHE_HOME": str(cli.parents[2] / "caches"), **variables}
    command = [node, *options, str(cli)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def kept(cli: Path) -> list[Path]:
    """What is kept of the CLI."""
    return list((cli.parents[2] / "caches" / "sagecraft" / "cdk-cli").iterdir())


@pytest.mark.parametrize(
    ("variables", "milliseconds"), [({}, "5e3"), ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "500")]
)
def test_an_emulator_is_asked_more_often_whether_a_stack_is_done(
    cli: Path, variables: dict[str, str], milliseconds: str
) -> None:
    run(cli)  # as AWS is asked; what is kept of it is not for an emulator
    assert run(cli, **variables) == f"{WAITING}}} {os.sep} true".replace("5e3", milliseconds)


def test_what_a_command_has_compiled_is_kept_for_the_next_one(cli: Path) -> None:
    said = run(cli)
    (file,) = kept(cli)
    made = file.stat()
    assert run(cli) == said
    assert (kept(cli), file.stat().st_mtime_ns) == ([file], made.st_mtime_ns)


def test_a_cli_of_the_same_length_runs_as_it_is_written(cli: Path) -> None:
    said = run(cli)
    cli.write_text(cli.read_text().replace("===", "!=="))
    assert run(cli) == said.replace("true", "false")


def test_what_is_kept_and_broken_is_made_anew(cli: Path) -> None:
    said = run(cli)
    (file,) = kept(cli)
    right = file.read_bytes()
    for wrong in (b"", right[:100], right[:-1] + bytes([right[-1] ^ 1])):
        file.write_bytes(wrong)
        assert run(cli) == said
        assert kept(cli) == [file]
        assert file.read_bytes() != wrong


def test_the_cli_runs_where_nothing_can_be_kept(cli: Path) -> None:
    (cli.parents[2] / "caches").write_text("a file")
    assert run(cli).startswith(WAITING)


def test_the_cli_waits_as_is_expected_of_it() -> None:
    """Another version may wait in another way; the interval is then its own again."""
    assert cdk_script().parents[1].joinpath("lib", "index.js").read_text(encoding="utf-8").count(WAITING) == 1


def test_the_apps_node_has_as_many_threads_as_the_machine_has_cores_for_and_what_the_user_says(cli: Path) -> None:
    cli.write_text("console.log(process.env.NODE_OPTIONS)")
    assert run(cli, NODE_OPTIONS="") == "--v8-pool-size=0"
    assert run(cli, NODE_OPTIONS="--no-warnings") == "--v8-pool-size=0 --no-warnings"
