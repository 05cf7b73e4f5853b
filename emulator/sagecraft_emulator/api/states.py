"""The statuses that each kind of resource goes through, and which may follow which.

Source: the `Status` enums of SageMaker's service model and the developer guide's descriptions of them. A kind that
is not listed has no status.
"""

from collections.abc import Mapping
from typing import Final

from .errors import InvalidTransition

CREATED: Final = "created"

_JOB: Final[Mapping[str, frozenset[str]]] = {
    CREATED: frozenset({"InProgress"}),
    "InProgress": frozenset({"Completed", "Failed", "Stopping", "Stopped"}),
    "Stopping": frozenset({"Stopped", "Failed"}),
    "Completed": frozenset(),
    "Failed": frozenset(),
    "Stopped": frozenset(),
}

TRANSITIONS: Final[Mapping[str, Mapping[str, frozenset[str]]]] = {
    "TrainingJob": _JOB,
    "ProcessingJob": _JOB,
    "TransformJob": _JOB,
    "HyperParameterTuningJob": _JOB,
    "Endpoint": {
        CREATED: frozenset({"Creating"}),
        "Creating": frozenset({"InService", "Failed", "Deleting"}),
        "InService": frozenset({"Updating", "SystemUpdating", "Deleting"}),
        "Updating": frozenset({"InService", "RollingBack", "Failed", "Deleting"}),
        "RollingBack": frozenset({"InService", "UpdateRollbackFailed", "Deleting"}),
        "SystemUpdating": frozenset({"InService", "Failed", "Deleting"}),
        "UpdateRollbackFailed": frozenset({"Updating", "Deleting"}),
        "Failed": frozenset({"Deleting"}),
        "Deleting": frozenset(),
    },
    "NotebookInstance": {
        CREATED: frozenset({"Pending"}),
        "Pending": frozenset({"InService", "Failed"}),
        "InService": frozenset({"Stopping", "Updating"}),
        "Stopping": frozenset({"Stopped", "Failed"}),
        "Stopped": frozenset({"Pending", "Updating", "Deleting"}),
        "Updating": frozenset({"Stopped", "InService", "Failed"}),
        "Failed": frozenset({"Deleting"}),
        "Deleting": frozenset(),
    },
}

TERMINAL: Final[Mapping[str, frozenset[str]]] = {
    kind: frozenset(status for status, following in statuses.items() if not following)
    for kind, statuses in TRANSITIONS.items()
}


def check_transition(kind: str, present: str | None, following: str) -> None:
    """Passes when `following` may come after `present`, or equals it.

    Raises:
        InvalidTransition: It may not.
    """
    allowed = TRANSITIONS[kind][CREATED if present is None else present]
    if following not in allowed and following != present:
        names = ", ".join(sorted(allowed)) or "nothing, it is final"
        raise InvalidTransition(f"{kind}: '{following}' cannot follow '{present}'; allowed: {names}")
