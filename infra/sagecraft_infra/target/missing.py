"""How AWS says that there is nothing of a name."""

from collections.abc import Callable
from typing import Final, TypeVar

from botocore.exceptions import ClientError

_Answer = TypeVar("_Answer")
_MISSING: Final = (
    "recordnotfound",
    "not found",
    "could not find",
    "cannot find",
    "can't find",
    "does not exist",
    "failed to satisfy constraint",
)


def is_missing(error: ClientError) -> bool:
    """Whether SageMaker says that there is nothing of that name; it has no code of its own for that.

    It refuses a name that is too long for what is asked for, as a training job's is for a tuning job.
    """
    details = error.response.get("Error", {})
    text = details.get("Message", "").lower()
    return details.get("Code") in {"ValidationException", "ValidationError", "ResourceNotFound"} and any(
        words in text for words in _MISSING
    )


def is_missing_stack(error: ClientError) -> bool:
    """Whether CloudFormation says that there is no such stack; it has no code of its own for that."""
    details = error.response.get("Error", {})
    return details.get("Code") == "ValidationError" and "does not exist" in details.get("Message", "")


def found(ask: Callable[[], _Answer]) -> _Answer | None:
    """What SageMaker answers; `None` where it says that there is nothing of that name."""
    try:
        return ask()
    except ClientError as error:
        if is_missing(error):
            return None
        raise
