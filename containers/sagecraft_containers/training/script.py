"""Script mode of `train`: runs the user's script as AWS's training toolkit does.

The script is `sagemaker_program` in the archive or directory `sagemaker_submit_directory`; it is given the job's
hyperparameters as `--name value` arguments, and the `SM_*` variables. It runs in a Python environment of the job's own,
with the packages of the `requirements.txt` beside it.
"""

import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import dropwhile
from pathlib import Path
from typing import Any, Final

from sagecraft_containers import contract
from sagecraft_containers.contract import FAILURE_REASON_CHARACTERS, ContainerPaths
from sagecraft_containers.errors import ScriptFailed, UserError
from sagecraft_containers.python_environment import PythonEnvironment, environment_for

from .configuration import read_hosts, read_hyperparameters
from .hosts import resolve
from .run import StopRequest

_SIGNALLED: Final = 128
_LINES_KEPT: Final = 200
_TRACEBACK: Final = "Traceback (most recent call last):"


def has_script(paths: ContainerPaths, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the job names a script."""
    return contract.PROGRAM_HYPERPARAMETER in read_hyperparameters(paths) or contract.PROGRAM_VARIABLE in environment


def train_by_script(paths: ContainerPaths, stop: StopRequest, modules: Sequence[Path] = ()) -> None:
    """Runs the job's script to its end; a SIGTERM is passed on to it.

    Args:
        paths: The job's files.
        stop: Tells of SIGTERM.
        modules: Directories of modules that the container offers to scripts, besides its packages.

    Raises:
        ScriptFailed: The script has failed.
        UserError: There is no script, it cannot be fetched, or its requirements cannot be installed.
    """
    if not has_script(paths):
        raise UserError(
            f"The hyperparameters {contract.PROGRAM_HYPERPARAMETER} and {contract.SUBMIT_DIRECTORY_HYPERPARAMETER} are "
            "missing. This container runs a script of yours: name the script, and the S3 archive (sourcedir.tar.gz) "
            "that holds it."
        )
    hosts, _ = read_hosts(paths)
    if len(hosts) > 1:
        for host in hosts:
            resolve(host)
    # AWS's toolkit reads its variables when it is imported, and takes half a second for it.
    from sagemaker_training import environment, errors  # noqa: PLC0415

    cores = os.environ.get(contract.THREADS_VARIABLE, "")
    if cores.isdecimal():
        environment.num_cpus = lambda: int(cores)  # what the job was granted, not what the machine has
    job = environment.Environment()
    code = Path(environment.code_dir)
    _fetch(job, code)
    python = environment_for(code, paths.python_directory, paths.environments_directory(), modules)
    if (code / "setup.py").is_file():
        python.install(["."], code, "the package of 'setup.py'")
    environment.write_env_vars(job.to_env_vars())
    python.activate()
    Path(environment.output_data_dir).mkdir(parents=True, exist_ok=True)
    command = _command(job, code, python)
    exit_code, told = _run(command, code, stop)
    if stop.received:
        print("The script was stopped by request.", flush=True)
    elif exit_code != 0:
        failed = errors.ExecuteUserScriptError(cmd=" ".join(command), return_code=exit_code, output=told)
        raise ScriptFailed(str(failed), exit_code if exit_code > 0 else _SIGNALLED - exit_code)


def _fetch(job: Any, code: Path) -> None:
    """Brings the user's code, unless it is there."""
    from sagemaker_training import files  # noqa: PLC0415

    try:
        files.download_and_extract(job.module_dir, str(code))
    except Exception as error:
        raise UserError(f"The code '{job.module_dir}' cannot be fetched: {error}") from error
    if not (code / job.user_entry_point).exists() and not (code / "setup.py").exists():
        found = ", ".join(sorted(path.name for path in code.iterdir())) or "nothing"
        raise UserError(f"The script '{job.user_entry_point}' is not in '{job.module_dir}', which holds {found}.")


def _command(job: Any, code: Path, python: PythonEnvironment) -> list[str]:
    from sagemaker_training import process  # noqa: PLC0415

    class Runner(process.ProcessRunner):  # type: ignore[misc]  # the toolkit has no types
        """Forms the command for the interpreter of the script's environment, not for this program's."""

        def _python_command(self) -> list[str]:
            return [str(python.python)]

    try:
        entry_point = process.validate_entry_point(job.user_entry_point)
    except process.errors.ClientError as error:
        raise UserError(str(error)) from error
    if not entry_point.endswith(".py") and (code / entry_point).is_file():
        (code / entry_point).chmod(0o755)
    command: list[str] = Runner(entry_point, job.to_cmd_args(), job.to_env_vars(), 1)._create_command()  # noqa: SLF001 - a subclass asks
    return command


def _run(command: Sequence[str], code: Path, stop: StopRequest) -> tuple[int, str]:
    """Runs the script; its output is this program's.

    AWS's toolkit would read both streams in pieces and print every piece as a line, so that a line which is written in
    parts no longer matches a metric's expression.

    Returns:
        Its exit code, negative for a signal, and what it says last of its error.
    """
    script = subprocess.Popen(command, cwd=code, stderr=subprocess.PIPE, text=True, errors="replace", bufsize=1)
    stop.pass_on = script.terminate
    if stop.received:
        script.terminate()
    last: deque[str] = deque(maxlen=_LINES_KEPT)
    with script:
        for line in script.stderr or ():
            sys.stderr.write(line)
            sys.stderr.flush()
            last.append(line.rstrip())
    return script.returncode, _error(last)


def _error(lines: Sequence[str]) -> str:
    """The exception without its traceback, or the last lines where there is none."""
    begins = [place for place, line in enumerate(lines) if line.startswith(_TRACEBACK)]
    if not begins:
        return "\n".join(line for line in lines if line)[-FAILURE_REASON_CHARACTERS:]
    after = list(lines)[begins[-1] + 1 :]
    told = list(dropwhile(lambda line: not line or line.startswith(" "), after))
    return "\n".join(told).strip() or "\n".join(after)
