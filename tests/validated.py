"""Synthesizes apps one after the other, in a process whose CDK validates what they make.

The rules that the CDK brings along take a process several times as long to load as an app to run. `tests/conftest.py`
leaves them out of every other process.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Script:
    """A script that synthesizes an app.

    Attributes:
        name: What it is called in the answers.
        path: Of the file.
        directory: Where it runs.
        variables: Environment variables that it reads.
    """

    name: str
    path: str
    directory: str = str(ROOT)
    variables: Mapping[str, str] = field(default_factory=dict)


def findings(*scripts: Script) -> dict[str, str]:
    """What the CDK says of each app, with the settings of this project's `cdk.json`; nothing where all is well."""
    context = json.loads((ROOT / "cdk.json").read_text())["context"]
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=ROOT,
        env={**os.environ, "CDK_VALIDATION": "true", "CDK_CONTEXT_JSON": json.dumps(context)},
        input=json.dumps([asdict(script) for script in scripts]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, str] = json.loads(done.stdout)
    return told


def _finding(script: Script) -> str:
    os.environ.update(script.variables)
    sys.path.insert(0, script.directory)
    try:
        with contextlib.chdir(script.directory):
            runpy.run_path(script.path, run_name="__main__")
    except Exception as error:
        return str(error)
    finally:
        sys.path.remove(script.directory)
    return ""


if __name__ == "__main__":
    answer = {each["name"]: _finding(Script(**each)) for each in json.load(sys.stdin)}
    json.dump(answer, sys.stdout)
