"""The exceptions of this package.

    ContainerError
    └── UserError              the job's definition or data is wrong: its message is all that the user is shown
        ├── DataError          a data file or a request body cannot be read as its content type
        ├── HostLost           another host of the job has ended (xgboost/cluster.py)
        ├── RequirementsError  packages cannot be installed (python_environment.py)
        ├── ScriptFailed       the user's script has failed
        └── RequestError       a request cannot be answered (serving/predictor.py)

Anything else that is raised is our own fault.
"""

from sagecraft_containers.contract import EXIT_USER_ERROR


class ContainerError(Exception):
    """Root of the exceptions that the container programs raise on purpose."""


class UserError(ContainerError):
    """What the user asked for cannot be done; the message says what to change.

    Attributes:
        exit_code: Of the process that ends because of it.
    """

    exit_code = EXIT_USER_ERROR


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
