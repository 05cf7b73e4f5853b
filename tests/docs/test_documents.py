"""Each code block of the documents does what the document says.

A document is a project that is followed from its beginning to its end, in a folder of its own. A block whose first line
is the name of a file, such as `# settings/dev.toml`, is written there; other Python is run, each block after those
before it. Of command lines, `pytest` and `sagecraft init` are run; else `sagecraft` must take the arguments, and `make`
must have the target. Those of the guide of a first project are all run in `tests/infra/project/test_init_wheel.py`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer.main
from sagecraft_infra.cli.application import application

from .document import DOCUMENTS, ROOT, Block, blocks, command_lines

pytestmark = pytest.mark.slow

FILES = Path(__file__).parent / "project"
# Rendered by Sphinx, or shown as they are: no code of a reader's.
NO_CODE = {"{toctree}", "{eval-rst}", "{include}", "text", "mermaid"}
GENERATED = ROOT / "docs" / "reference" / "command.md"


@pytest.mark.parametrize(
    "document",
    [document for document in DOCUMENTS if document != GENERATED],
    ids=lambda document: str(document.relative_to(ROOT)),
)
def test_the_code_of_a_document_runs(document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(FILES, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = set(sys.modules)
    names: dict[str, Any] = {"__name__": "document"}
    for block in blocks(document):
        if block.language.partition(" ")[0] not in NO_CODE:
            _follow(block, names, tmp_path, f"{document.relative_to(ROOT)}:{block.line}")
    for module in set(sys.modules) - loaded:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]


def _follow(block: Block, names: dict[str, Any], project: Path, place: str) -> None:
    if block.file is not None:
        file = project / block.file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text, encoding="utf-8")
        if block.language == "python":
            return
    match block.language:
        case "python":
            code = compile("\n" * int(place.rpartition(":")[2]) + block.text, place, "exec")
            exec(code, names)
        case "toml":
            tomllib.loads(block.text)
        case "" | "console" | "shell":
            _check_commands(block.text, place)
        case other:
            pytest.fail(f"{place}: nothing runs code of the language '{other}'")


def _check_commands(text: str, place: str) -> None:
    for words in command_lines(text):
        _check_command(words, f"{place}: {shlex.join(words)}")


def _check_command(words: list[str], place: str) -> None:
    match words:
        case ["sagecraft", "init", *arguments]:
            _run("-c", "from sagecraft_infra.cli import main; main()", "init", *arguments)
        case ["sagecraft", *arguments]:
            _check_sagecraft(arguments, place)
        case ["make", target, *_]:
            makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
            assert re.search(rf"^([\w-]+ )*{target}( [\w-]+)*:", makefile, re.MULTILINE), f"{place}: no such target"
        case ["pytest"]:
            # That the whole of a new project's tests pass is shown where `sagecraft init` is tested.
            _run("-m", "pytest", "--collect-only")
        case ["pytest", *arguments]:
            # In this process, which has loaded the CDK.
            assert pytest.main(arguments) == pytest.ExitCode.OK, place
        case ["cd", folder]:
            os.chdir(folder)
        case ["eval", within]:
            _check_commands(within.removeprefix("$(").removesuffix(")"), place)
        case [("pip" | "cdk" | "uv" | ".venv/bin/uv"), *_]:
            pass
        case [program, *_]:
            pytest.fail(f"{place}: nothing checks the command '{program}'")


def _run(*arguments: str) -> None:
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _check_sagecraft(arguments: list[str], place: str) -> None:
    """Parses the arguments as the command would, without running it."""
    command: Any = typer.main.get_command(application)
    context = command.make_context("sagecraft", list(arguments), resilient_parsing=False)
    while hasattr(command, "resolve_command"):
        name, command, arguments = command.resolve_command(context, [*context._protected_args, *context.args])
        assert command is not None, f"{place}: there is no such command"
        context = command.make_context(name, list(arguments), parent=context)
