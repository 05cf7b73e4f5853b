"""The roles that a SageMaker request hands to SageMaker."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_MEMBERS: Final = ("RoleArn", "ExecutionRoleArn")
_DEFINITIONS: Final = ("TrainingJobDefinition", "TrainingJobDefinitions")


def passed_roles(request: Mapping[str, Any]) -> Iterator[str]:
    """The ARNs of the roles that a request names, those of a tuning job's training jobs included."""
    for member in _MEMBERS:
        if isinstance(request.get(member), str):
            yield request[member]
    for member in _DEFINITIONS:
        inner = request.get(member, [])
        for each in inner if isinstance(inner, list) else [inner]:
            if isinstance(each, Mapping):
                yield from passed_roles(each)
