"""The keys that a request has SageMaker encrypt volumes with, by grants that somebody has to be allowed to make.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html: the caller makes that of a
notebook instance, and of an endpoint whose configuration has a key; that of a job its role may make as well.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sagecraft_emulator.api.caller import Caller

Stored = Callable[[str], Mapping[str, Any]]
"""The members of the resource of an ARN; none where there is no such resource."""

_JOBS: Final[Mapping[str, tuple[str, ...]]] = {
    "CreateProcessingJob": ("ProcessingResources.ClusterConfig",),
    "CreateTrainingJob": ("ResourceConfig",),
    "CreateTransformJob": ("TransformResources",),
    "CreateHyperParameterTuningJob": ("ResourceConfig", "HyperParameterTuningResourceConfig"),
}
"""Where jobs say what they run on."""


class VolumeKey(NamedTuple):
    """A key of volumes.

    Attributes:
        key: As the request names it.
        role_arn: The role that may make the grant in the place of the caller, or None.
    """

    key: str
    role_arn: str | None = None


def volume_keys(
    operation: str, request: Mapping[str, Any], arns: Iterable[str], caller: Caller, stored: Stored
) -> Iterator[VolumeKey]:
    """The keys of a request.

    Args:
        operation: Such as `CreateTrainingJob`.
        request: Its members, not yet checked.
        arns: What it is on.
        caller: Whose it is.
        stored: Knows what is there.
    """
    found: list[tuple[object, object]] = []
    if operation == "CreateNotebookInstance":
        found = [(request.get("KmsKeyId"), None)]
    elif operation in {"CreateEndpoint", "StartNotebookInstance"}:
        found = [(stored(arn).get("KmsKeyId"), None) for arn in arns]
    for path in _JOBS.get(operation, ()):
        for job in _definitions(request):
            found.append((_member(job, f"{path}.VolumeKmsKeyId"), _role(operation, job, caller, stored)))
    for key, role_arn in found:
        if isinstance(key, str) and key:
            yield VolumeKey(key, role_arn if isinstance(role_arn, str) else None)


def _definitions(request: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The request, and those of the training jobs that it defines."""
    several = request.get("TrainingJobDefinitions")
    inner = [request.get("TrainingJobDefinition"), *(several if isinstance(several, list) else [])]
    return [request, *(each for each in inner if isinstance(each, Mapping))]


def _role(operation: str, job: Mapping[str, Any], caller: Caller, stored: Stored) -> object:
    """As which role a job is done; a transform job is as that of its model."""
    if operation == "CreateTransformJob":
        return stored(caller.arn("model", str(job.get("ModelName")))).get("ExecutionRoleArn")
    return job.get("RoleArn")


def _member(given: object, path: str) -> object:
    for name in path.split("."):
        given = given.get(name) if isinstance(given, Mapping) else None
    return given
