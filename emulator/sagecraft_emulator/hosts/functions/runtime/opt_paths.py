"""What stands before the program of every Lambda function in Python.

On AWS a function's layers are at /opt, and Python is at /var/lang. Here a layer is in a directory of the function, so a
program that is started by such a path is found there, and runs with this Python.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_INTERPRETER = b"#!/var/lang/bin/python"


def _sagecraft_layer_path(path: object) -> Path | None:
    if not isinstance(path, str) or not path.startswith("/opt/") or Path(path).exists():
        return None
    layers = filter(None, os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep))
    return next((Path(layer, path[5:]) for layer in layers if Path(layer, path[5:]).exists()), None)


def _sagecraft_command(arguments: Any) -> Any:
    if not isinstance(arguments, Sequence) or isinstance(arguments, str | bytes) or not arguments:
        return arguments
    program = _sagecraft_layer_path(arguments[0])
    if program is None:
        return arguments
    with program.open("rb") as file:
        interpreter = [sys.executable] if file.readline().startswith(_INTERPRETER) else []
    return [*interpreter, str(program), *arguments[1:]]


class _SagecraftPopen(subprocess.Popen[Any]):
    def __init__(self, args: Any, *others: Any, **options: Any) -> None:
        super().__init__(_sagecraft_command(args), *others, **options)


subprocess.Popen = _SagecraftPopen  # type: ignore[misc]  # the whole purpose
