"""The roles that a SageMaker request hands to SageMaker."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_MEMBERS: Final = ("RoleArn", "ExecutionRoleArn", "ExecutionRole")
_INNER: Final = (
    "DefaultSpaceSettings",
    "DefaultUserSettings",
    "TrainingJobDefinition",
    "TrainingJobDefinitions",
    "UserSettings",
)


def passed_roles(request: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of the roles that a request names, also for the training jobs of a tuning job and users of Studio."""
    for member in _MEMBERS:
        if isinstance(request.get(member), str):
            yield request[member]
    for member in _INNER:
        inner = request.get(member, [])
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, Mapping):
                yield from passed_roles(each)
