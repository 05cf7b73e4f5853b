"""The scikit-learn container's `train`: runs the user's script as the training toolkit does.

The script is `sagemaker_program` in the archive or directory `sagemaker_submit_directory`; it is given the job's
hyperparameters as `--name value` arguments, and the `SM_*` variables.
"""

import os

from sagecraft_containers.contract import BASE_DIRECTORY_VARIABLE, ContainerPaths
from sagecraft_containers.errors import UserError
from sagecraft_containers.job_configuration import read_hyperparameters
from sagecraft_containers.training_run import StopRequest, run_training

from .packages import use_own_packages

PROGRAM = "sagemaker_program"
SUBMIT_DIRECTORY = "sagemaker_submit_directory"


def main() -> int:
    """Runs the job; returns the exit code of the process."""
    return run_training(_train)


def _train(paths: ContainerPaths, _stop: StopRequest) -> None:
    hyperparameters = read_hyperparameters(paths)
    missing = [name for name in (PROGRAM, SUBMIT_DIRECTORY) if name not in hyperparameters]
    if missing:
        raise UserError(
            f"The hyperparameters {' and '.join(missing)} are missing. The scikit-learn container runs a script of "
            "yours: name the script, and the S3 archive (sourcedir.tar.gz) that holds it."
        )
    if BASE_DIRECTORY_VARIABLE in os.environ:
        # The toolkit waits for the host's name to resolve, which it does not where there is no host of its own.
        os.environ["SM_STUDIO_LOCAL_MODE"] = "true"
    use_own_packages(paths.base / "packages")

    from sagemaker_training import entry_point, environment, errors  # noqa: PLC0415 - reads the variables set above

    job = environment.Environment()
    try:
        entry_point.run(job.module_dir, job.user_entry_point, job.to_cmd_args(), job.to_env_vars(), capture_error=True)
    except errors.ClientError as error:
        raise UserError(str(error)) from error
