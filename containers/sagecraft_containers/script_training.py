"""Script mode of `train`: runs the user's script as AWS's training toolkit does.

The script is `sagemaker_program` in the archive or directory `sagemaker_submit_directory`; it is given the job's
hyperparameters as `--name value` arguments, and the `SM_*` variables. It runs in a Python environment of the job's own,
with the packages of the `requirements.txt` beside it.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagecraft_containers import contract
from sagecraft_containers.contract import ContainerPaths
from sagecraft_containers.errors import ScriptFailed, UserError
from sagecraft_containers.hosts import resolve
from sagecraft_containers.job_configuration import read_hosts, read_hyperparameters
from sagecraft_containers.python_environment import PythonEnvironment, environment_for
from sagecraft_containers.training_run import StopRequest

_SIGNALLED = 128


def has_script(paths: ContainerPaths, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the job names a script."""
    return contract.PROGRAM_HYPERPARAMETER in read_hyperparameters(paths) or contract.PROGRAM_VARIABLE in environment


def train_by_script(paths: ContainerPaths, stop: StopRequest) -> None:
    """Runs the job's script to its end; a SIGTERM is passed on to it.

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
    from sagemaker_training import environment, errors, files  # noqa: PLC0415

    cores = os.environ.get(contract.THREADS_VARIABLE, "")
    if cores.isdecimal():
        environment.num_cpus = lambda: int(cores)  # what the job was granted, not what the machine has
    job = environment.Environment()
    try:
        files.download_and_extract(job.module_dir, environment.code_dir)
    except Exception as error:
        raise UserError(f"The code '{job.module_dir}' cannot be fetched: {error}") from error
    code = Path(environment.code_dir)
    if not (code / job.user_entry_point).exists() and not (code / "setup.py").exists():
        found = ", ".join(sorted(path.name for path in code.iterdir())) or "nothing"
        raise UserError(f"The script '{job.user_entry_point}' is not in '{job.module_dir}', which holds {found}.")
    python = environment_for(code, paths.python_directory, paths.environments_directory())
    if (code / "setup.py").is_file():
        python.install(["."], code, "the package of 'setup.py'")
    environment.write_env_vars(job.to_env_vars())
    python.activate()
    stop.pass_on = _terminate_children
    try:
        _runner(job, code, python).run(wait=True, capture_error=True)
    except errors.ClientError as error:
        if stop.received:
            print("Stopped by request.", flush=True)
            return
        code_of_script = int(getattr(error, "return_code", None) or contract.EXIT_USER_ERROR)
        raise ScriptFailed(str(error), code_of_script if code_of_script > 0 else _SIGNALLED - code_of_script) from error


def _runner(job: Any, code: Path, python: PythonEnvironment) -> Any:
    from sagemaker_training import process  # noqa: PLC0415

    class Runner(process.ProcessRunner):  # type: ignore[misc]  # the toolkit has no types
        """Runs the script with the interpreter of its environment, not with this program's."""

        def _python_command(self) -> list[str]:
            return [str(python.python)]

    entry_point = process.validate_entry_point(job.user_entry_point)
    if not entry_point.endswith(".py") and (code / entry_point).is_file():
        (code / entry_point).chmod(0o755)
    return Runner(entry_point, job.to_cmd_args(), job.to_env_vars(), 1)


def _terminate_children() -> None:
    import psutil  # noqa: PLC0415 - the toolkit needs it, too

    for child in psutil.Process().children():
        child.terminate()
