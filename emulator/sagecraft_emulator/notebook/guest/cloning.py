"""Clones code repositories to the working directory where they are not there yet, and asks nobody for a password.

usage: cloning.py SECONDS, with the repositories as JSON in the variable SAGECRAFT_REPOSITORIES

What it says last is why it failed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

REPOSITORIES: Final = "SAGECRAFT_REPOSITORIES"
_ANSWER: Final = """#!/bin/sh
case "$1" in Username*) printf %s "$SAGECRAFT_GIT_USER" ;; *) printf %s "$SAGECRAFT_GIT_PASSWORD" ;; esac
"""
_ANSWER_FILE: Final = Path("/run/git-answer")
_CREDENTIALS_IN_URL: Final = re.compile(r"//[^/@\s']*@")
_OPTIONS: Final = ("-c", "credential.helper=", "-c", "safe.directory=*")


def main() -> int:
    """Returns 1 where one of them cannot be cloned; what is there already is the user's, and left as it is."""
    seconds = float(sys.argv[1])
    for repository in json.loads(os.environ.pop(REPOSITORIES)):
        if not Path(repository["directory"]).exists() and not _clone(repository, seconds):
            return 1
    return 0


def _clone(repository: dict[str, Any], seconds: float) -> bool:
    url, place = repository["url"], Path(repository["directory"])
    git = shutil.which("git")
    if git is None:
        print(f"The code repository {_shown(url)} cannot be cloned: this machine has no git. Install it.")
        return False
    half_way = place.with_name(f".{place.name}.cloning")
    shutil.rmtree(half_way, ignore_errors=True)
    branch = [f"--branch={repository['branch']}"] if repository["branch"] else []
    try:
        done = subprocess.run(
            [git, *_OPTIONS, "clone", "--quiet", *branch, "--", url, str(half_way.absolute())],
            env={**os.environ, **_answers(repository)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        shutil.rmtree(half_way, ignore_errors=True)
        print(f"The code repository {_shown(url)} could not be cloned within {seconds:g} seconds.")
        return False
    told = _shown(done.stderr.strip())
    print(f"git clone {_shown(url)}: exit code {done.returncode}\n{told}")
    if done.returncode == 0:
        half_way.rename(place)
        return True
    shutil.rmtree(half_way, ignore_errors=True)
    fatal = [line for line in told.splitlines() if line.startswith("fatal:")]
    print(" ".join(fatal) or f"fatal: git ended with exit code {done.returncode}")
    return False


def _answers(repository: dict[str, Any]) -> dict[str, str]:
    """The variables by which Git asks nobody for a password, and takes none but this from anywhere."""
    variables = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:file", "GIT_ASKPASS": "/bin/false"}
    if not repository["user"]:
        return variables
    _ANSWER_FILE.write_text(_ANSWER, encoding="ascii")
    _ANSWER_FILE.chmod(0o700)
    return {
        **variables,
        "GIT_ASKPASS": str(_ANSWER_FILE),
        "SAGECRAFT_GIT_USER": repository["user"],
        "SAGECRAFT_GIT_PASSWORD": repository["password"],
    }


def _shown(text: str) -> str:
    """A text without the words that URLs in it may carry."""
    return _CREDENTIALS_IN_URL.sub("//", text)


if __name__ == "__main__":
    sys.exit(main())
