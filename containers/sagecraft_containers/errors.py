"""The exceptions of this package.

    ContainerError
    └── UserError              the job's definition or data is wrong: its message is all that the user is shown
        ├── CustomerError      the same, told as AWS's own algorithms do (algorithm/job.py)
        ├── DataError          a data file or a request body cannot be read as its content type
        ├── HostLost           another host of the job has ended (xgboost/training/cluster.py)
        ├── RequirementsError  packages cannot be installed (python_environment.py)
        ├── ScriptFailed       the user's script has failed
        └── RequestError       a request cannot be answered (serving/predictor.py)

Anything else that is raised is our own fault.
"""

from sagecraft_containers.contract import CLIENT_ERROR, EXIT_CUSTOMER_ERROR, EXIT_USER_ERROR


class ContainerError(Exception):
    """Root of the exceptions that the container programs raise on purpose."""


class UserError(ContainerError):
    """What the user asked for cannot be done; the message says what to change.

    Attributes:
        exit_code: Of the process that ends because of it.
        told_as: What the message begins with in the log.
        failure_prefix: What it begins with in the failure file.
    """

    exit_code = EXIT_USER_ERROR
    told_as = "Error"
    failure_prefix = ""


class CustomerError(UserError):
    """What is wrong for one of AWS's own algorithms: the job's `FailureReason` is a `ClientError`."""

    exit_code = EXIT_CUSTOMER_ERROR
    told_as = "Customer Error"
    failure_prefix = CLIENT_ERROR


class ScriptFailed(UserError):
    """The user's script has failed.

    Args:
        message: The script's error.
        exit_code: The script's; the container ends with it, too.
    """

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class DataError(UserError):
    """Data that is not what its content type promises.

    Attributes:
        problem: What is wrong, without the place.
        line: 1-based line in the file or body, where lines have a meaning and the line is known.
        source: The file's name as the user knows it (`channel/file`), or None for a request's body.
    """

    def __init__(self, problem: str, *, line: int | None = None, source: str | None = None) -> None:
        self.problem = problem
        self.line = line
        self.source = source
        place = ", ".join(part for part in (source, None if line is None else f"line {line}") if part is not None)
        super().__init__(f"{place}: {problem}" if place else problem)

    def at(self, source: str) -> "DataError":
        """The same error with the file that it was found in."""
        return DataError(self.problem, line=self.line, source=source)
